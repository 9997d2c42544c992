import * as z from 'zod'
import { embeddingJobs, jobsInput, jobsOutput } from '../../../app/embedding-jobs.js'
import { embeddingStatus, statusInput, statusOutput } from '../../../app/embedding-status.js'
import { reembedOutput, reembedSpec } from '../../../app/reembed-spec.js'
import { defineRoute } from '../route.js'
import { CATALOG, jobsAddress, SPEC } from './addresses.js'

const reembed = defineRoute({
  method: 'POST',
  path: `${SPEC}/reembed`,
  operationId: 'reembedSpec',
  summary: 'Embed a spec again, or retry a failed one',
  description:
    'Queues a job that embeds every operation of the spec again, those that were set aside too. ' +
    'Search goes on with the old vectors meanwhile.',
  tag: 'embedding',
  answers: {
    202: {
      description: 'The job is queued.',
      name: 'Reembedding',
      schema: reembedOutput,
      hasLocation: true,
    },
  },
  run: async ({ services, principal, names }) => {
    const { structured } = await reembedSpec(services, principal, names)
    return { status: 202, facts: structured, location: jobsAddress(names) }
  },
})

const { spec, wait_ms } = statusInput.shape

const getStatus = defineRoute({
  method: 'GET',
  path: `${CATALOG}/embedding-status`,
  operationId: 'getEmbeddingStatus',
  summary: 'How far the specs of a catalog are embedded',
  description:
    'For each spec its badge, operations, embedded operations, the job with its tries and its last ' +
    'error. With `wait_ms` the answer comes when nothing waits or runs any more, or the time is over.',
  tag: 'embedding',
  query: z.strictObject({ spec, wait_ms }),
  answers: {
    200: { description: 'The state now.', name: 'EmbeddingStatus', schema: statusOutput },
  },
  run: async ({ services, principal, names: { catalog }, query, signal }) => {
    const input = { ...query, catalog }
    const { structured } = await embeddingStatus(services, principal, input, { signal })
    return { facts: structured }
  },
})

const { embedder, active_space, next_space, summary } = statusOutput.shape
const healthOutput = summary.extend({ embedder, active_space, next_space })

const getHealth = defineRoute({
  method: 'GET',
  path: `${CATALOG}/embedding-health`,
  operationId: 'getEmbeddingHealth',
  summary: 'How many specs of a catalog are indexed, waiting, running or failed',
  description: 'Counts of specs and operations, and the state of the embedder.',
  tag: 'embedding',
  answers: {
    200: { description: 'The counts now.', name: 'EmbeddingHealth', schema: healthOutput },
  },
  run: async ({ services, principal, names: { catalog } }) => {
    const { structured } = await embeddingStatus(services, principal, { catalog })
    const { summary, embedder, active_space, next_space } = structured
    return { facts: { ...summary, embedder, active_space, next_space } }
  },
})

const getJobs = defineRoute({
  method: 'GET',
  path: `${CATALOG}/embedding-jobs`,
  operationId: 'listEmbeddingJobs',
  summary: 'List embedding jobs, newest first',
  description: 'The job history of a catalog, of one spec or in one state, with every error.',
  tag: 'embedding',
  query: jobsInput.omit({ catalog: true }),
  answers: { 200: { description: 'A page of jobs.', name: 'EmbeddingJobs', schema: jobsOutput } },
  run: async ({ services, principal, names: { catalog }, query }) => ({
    facts: await embeddingJobs(services, principal, { ...query, catalog }),
  }),
})

export const embeddingRoutes = [reembed, getStatus, getHealth, getJobs]
