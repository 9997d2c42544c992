import { listInput, listOutput, listSpecs } from '../../app/list-specs.js'
import { defineTool } from '../tool.js'

export const listSpecsTool = defineTool({
  name: 'list_specs',
  title: 'List specs',
  description: 'The catalogs and their specs. To find an operation use search_operations instead.',
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: listInput,
  output: listOutput,
  run: listSpecs,
})
