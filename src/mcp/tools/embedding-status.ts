import { progressOf } from '../../app/embedding-progress.js'
import { embeddingStatus, statusInput, statusOutput } from '../../app/embedding-status.js'
import { defineTool } from '../tool.js'

export const embeddingStatusTool = defineTool({
  name: 'embedding_status',
  title: 'Embedding status',
  description:
    'How far specs are embedded, with errors and jobs. Search works meanwhile: call it only to wait ' +
    '(wait_ms) or to see why something failed.',
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: statusInput,
  output: statusOutput,
  run: (services, principal, input, { signal, onProgress }) =>
    embeddingStatus(services, principal, input, {
      signal,
      onProgress: (specs) => onProgress(progressOf(specs)),
    }),
})
