import { reembedInput, reembedOutput, reembedSpec } from '../../app/reembed-spec.js'
import { defineTool } from '../tool.js'

export const reembedSpecTool = defineTool({
  name: 'reembed_spec',
  title: 'Embed a spec again',
  description:
    'Embed all operations of a spec again, failed and set-aside ones too. Never needed after an upload.',
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: reembedInput,
  output: reembedOutput,
  run: reembedSpec,
})
