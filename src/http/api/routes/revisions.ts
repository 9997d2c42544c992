import { compareInput, compareOutput, compareRevisions } from '../../../app/compare-revisions.js'
import { revisionsOf, revisionsOutput } from '../../../app/copy-spec.js'
import { defineRoute } from '../route.js'
import { SPEC } from './addresses.js'

const listRevisions = defineRoute({
  method: 'GET',
  path: `${SPEC}/revisions`,
  operationId: 'listRevisions',
  summary: 'List the revisions of a spec',
  description: 'The revisions that are kept, newest first, with their version and operations.',
  tag: 'specs',
  answers: { 200: { description: 'The revisions.', name: 'Revisions', schema: revisionsOutput } },
  run: async ({ services, principal, names: { catalog, spec } }) => {
    const { structured } = await revisionsOf(services, principal, { spec: `${catalog}/${spec}` })
    return { facts: structured }
  },
})

const diff = defineRoute({
  method: 'GET',
  path: `${SPEC}/diff`,
  operationId: 'compareRevisions',
  summary: 'Compare two revisions of a spec, breaking changes first',
  description:
    'Operations that were added, removed or changed between two revisions, and which of the ' +
    'changes break clients. The last two revisions unless others are said.',
  tag: 'specs',
  query: compareInput.omit({ spec: true, catalog: true }),
  answers: { 200: { description: 'What differs.', name: 'Diff', schema: compareOutput } },
  run: async ({ services, principal, names, query, signal }) => {
    const input = { ...query, ...names }
    const { structured } = await compareRevisions(services, principal, input, signal)
    return { facts: structured }
  },
})

export const revisionRoutes = [listRevisions, diff]
