import { deleteInput, deleteOutput, deleteSpec } from '../../app/delete-spec.js'
import { defineTool } from '../tool.js'

export const deleteSpecTool = defineTool({
  name: 'delete_spec',
  title: 'Delete a spec',
  description: 'Remove a spec and all its revisions. Cannot be undone.',
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: deleteInput,
  output: deleteOutput,
  run: deleteSpec,
})
