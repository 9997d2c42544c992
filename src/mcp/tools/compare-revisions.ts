import { compareInput, compareOutput, compareRevisions } from '../../app/compare-revisions.js'
import { defineTool } from '../tool.js'

export const compareRevisionsTool = defineTool({
  name: 'compare_revisions',
  title: 'Compare revisions of a spec',
  description:
    'What changed between two revisions of a spec, operation by operation, and what of it breaks ' +
    'clients. Use it after upload_spec said "revised".',
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: compareInput,
  output: compareOutput,
  run: (services, principal, input, { signal }) =>
    compareRevisions(services, principal, input, signal),
})
