import type { JobRow } from '../../embedding/embedding-status.js'
import { qualifiedSpec } from '../../catalog/names.js'
import { html, type Html } from './html.js'
import { specPath } from './links.js'
import { duration, time } from './words.js'

/** With its times as the database or as a contract has them. */
type Job = Pick<JobRow, 'id' | 'catalog' | 'spec_name' | 'kind' | 'attempts' | 'last_error'> & {
  status: string
  created_at: Date | string | null
  started_at: Date | string | null
  completed_at: Date | string | null
}

/** Jobs in the order given, each with its last error. */
export function jobTable(jobs: readonly Job[]): Html {
  if (jobs.length === 0) return html`<p>There are no such jobs.</p>`
  return html`<table class="stack">
    <thead>
      <tr>
        <th scope="col">Job</th>
        <th scope="col">Spec</th>
        <th scope="col">Why</th>
        <th scope="col">State</th>
        <th scope="col">Asked for (UTC)</th>
        <th scope="col">Took</th>
      </tr>
    </thead>
    <tbody>
      ${jobs.map(row)}
    </tbody>
  </table>`
}

/** Why there is a job, in users' words. */
const KINDS: Readonly<Record<string, string>> = {
  spec_write: 'upload',
  manual_retry: 'retry',
  reconciler: 'found missing',
}

function row(job: Job): Html {
  const { attempts } = job
  return html`<tr>
    <td data-label="Job">${job.id}</td>
    <td data-label="Spec">
      <a href="${specPath({ catalog: job.catalog, spec: job.spec_name })}"
        >${qualifiedSpec(job.catalog, job.spec_name)}</a
      >
    </td>
    <td data-label="Why">${KINDS[job.kind] ?? job.kind}</td>
    <td data-label="State">
      <span class="badge job-${job.status}">${job.status}</span>
      ${attempts > 0 ? html`<small>${attempts} ${attempts === 1 ? 'failure' : 'failures'}</small>` : ''}
      ${job.last_error === null ? '' : html`<small class="reason">${job.last_error}</small>`}
    </td>
    <td data-label="Asked for">${job.created_at === null ? '' : time(job.created_at)}</td>
    <td data-label="Took">${took(job)}</td>
  </tr>`
}

function took({ started_at: from, completed_at: to }: Job): string {
  if (from === null || to === null) return '–'
  return duration((new Date(to).getTime() - new Date(from).getTime()) / 1_000)
}
