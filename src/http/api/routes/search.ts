import * as z from 'zod'
import { getInput, getOperations, getOutput } from '../../../app/get-operation.js'
import { searchInput, searchOutput } from '../../../app/search-input.js'
import { searchOperations } from '../../../app/search-operations.js'
import { defineRoute } from '../route.js'
import { API } from './addresses.js'

const search = defineRoute({
  method: 'GET',
  path: `${API}/search`,
  operationId: 'searchOperations',
  summary: 'Search operations in your own words',
  description:
    'Operations that do what the query says, best first, by words and by meaning, with how they ' +
    'were found. An operationId or `METHOD /path` finds that operation.',
  tag: 'search',
  query: searchInput,
  answers: { 200: { description: 'A page of results.', name: 'SearchPage', schema: searchOutput } },
  run: async ({ services, principal, query }) => {
    const { structured } = await searchOperations(services, principal, query)
    return { facts: structured }
  },
})

const { ids, ...options } = getInput.shape

const getOperation = defineRoute({
  method: 'GET',
  path: `${API}/operations`,
  operationId: 'getOperations',
  summary: 'How to call up to five operations',
  description:
    'The contract and a curl of each operation, by the ids of search results; what was not found ' +
    'or fits several is named beside them.',
  tag: 'search',
  query: z.strictObject({ id: ids.describe('repeated, up to five times'), ...options }),
  answers: { 200: { description: 'The operations.', name: 'Operations', schema: getOutput } },
  run: async ({ services, principal, query: { id, ...rest } }) => {
    const { structured } = await getOperations(services, principal, { ids: id, ...rest })
    return { facts: structured }
  },
})

export const searchRoutes = [search, getOperation]
