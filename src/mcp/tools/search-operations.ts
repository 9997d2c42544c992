import { searchInput, searchOutput } from '../../app/search-input.js'
import { searchOperations } from '../../app/search-operations.js'
import { defineTool } from '../tool.js'

export const searchOperationsTool = defineTool({
  name: 'search_operations',
  title: 'Search API operations',
  description:
    'Find the API operations that do something, among all uploaded specs. Use it first whenever you ' +
    'need an API. Returns ids for get_operation, best first, how they were found (words, meaning) ' +
    'and how much is embedded.',
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: searchInput,
  output: searchOutput,
  run: searchOperations,
})
