import * as z from 'zod'
import type { Principal } from '../catalog/principal.js'
import { jobsPage, readScope, statusInput, statusOutput, type Status } from './embedding-status.js'
import { inputText } from './input-text.js'
import type { Services } from './services.js'

const { job_status, jobs: count, cursor } = statusInput.shape

export const jobsInput = z.strictObject({
  catalog: inputText().optional(),
  spec_name: inputText().optional(),
  status: job_status,
  limit: count.describe('default 50'),
  cursor: cursor.describe('next_cursor of the page before'),
})

const { jobs, next_cursor } = statusOutput.shape

export const jobsOutput = z.looseObject({
  jobs: z.array(
    jobs.unwrap().element.extend({
      lease_expires_at: z.string().nullable().describe('of a job that runs'),
    }),
  ),
  next_cursor,
})

/** Jobs a page has unless it is said. */
const DEFAULT_LIMIT = 50

/**
 * The job history, newest first. Throws NotFoundError for a catalog or a spec that is not there,
 * InputError for a cursor that is none.
 */
export async function embeddingJobs(
  services: Services,
  principal: Principal,
  { catalog, spec_name, limit = DEFAULT_LIMIT, status, cursor }: z.infer<typeof jobsInput>,
): Promise<Pick<Status, 'jobs' | 'next_cursor'>> {
  const scope = await readScope(services, principal, { catalog, spec: spec_name })
  return jobsPage(services, principal, scope, { jobs: limit, job_status: status, cursor })
}
