import { getInput, getOperations, getOutput } from '../../app/get-operation.js'
import { defineTool } from '../tool.js'

export const getOperationTool = defineTool({
  name: 'get_operation',
  title: 'Get operation contracts',
  description:
    'How to call operations: parameters, body and response as types, security, and a curl. Takes ids ' +
    'of search_operations, operationIds or "METHOD /path".',
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: getInput,
  output: getOutput,
  run: getOperations,
})
