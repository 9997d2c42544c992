import { Hono } from 'hono'
import * as z from 'zod'
import { embeddingJobs, jobsInput } from '../../app/embedding-jobs.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { choice } from './choice.js'
import { html, type Html } from './html.js'
import { jobTable } from './job-table.js'
import { link } from './links.js'
import { live } from './live.js'
import { queryOf } from './query.js'
import { showPage } from './show-page.js'

const { catalog, spec_name: spec, status, cursor } = jobsInput.shape
const query = z.object({ catalog, spec, status, cursor })

type Query = z.infer<typeof query>

const JOBS_PER_PAGE = 25

/** `/jobs`: what was embedded and what waits, newest first. */
export function jobsPage(context: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get('/jobs', async (c) => {
    const asked = queryOf(c, query)
    const { spec: spec_name, ...rest } = asked
    const { jobs = [], next_cursor: next } = await embeddingJobs(
      await context.app.services(),
      c.get('principal'),
      { ...rest, spec_name, limit: JOBS_PER_PAGE },
    )
    return showPage(c, context, {
      title: 'Jobs',
      section: 'jobs',
      body: html`<h1>Jobs</h1>
        ${filterForm(asked)}
        ${live(
          link('/jobs', asked),
          html`${jobTable(jobs)}
          ${
            next === undefined
              ? ''
              : html`<p>
                  <a rel="next" href="${link('/jobs', { ...asked, cursor: next })}">Older jobs</a>
                </p>`
          }`,
        )}`,
    })
  })
}

function filterForm({ catalog, spec, status }: Query): Html {
  return html`<form class="filter" method="get" action="/jobs" aria-label="Filter jobs">
    <label>Catalog <input name="catalog" value="${catalog ?? ''}" autocomplete="off" /></label>
    <label>Spec <input name="spec" value="${spec ?? ''}" autocomplete="off" /></label>
    ${choice('State', 'status', jobsInput.shape.status.unwrap().options, status)}
    <button class="secondary">Filter</button>
  </form>`
}
