import { Hono } from 'hono'
import * as z from 'zod'
import { counted } from '../../app/answer.js'
import { specDetails, type SpecDetails } from '../../app/spec-overview.js'
import { qualifiedSpec } from '../../catalog/names.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { retryButton } from './actions.js'
import { badge } from './badge.js'
import { html, type Html } from './html.js'
import { jobTable } from './job-table.js'
import { link, specPath } from './links.js'
import { live } from './live.js'
import { noticeFor } from './notices.js'
import { namedSpec, queryOf } from './query.js'
import { revisionTable } from './revision-table.js'
import { searchBox } from './search-form.js'
import { setAsideList } from './set-aside.js'
import { showPage } from './show-page.js'
import { warningTable } from './warning-table.js'

/** `/specs/{catalog}/{spec}`: its state, what can be done with it, its revisions and warnings. */
export function specPage(context: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get('/specs/:catalog/:spec', async (c) => {
    const named = namedSpec(c)
    const { done } = queryOf(c, z.object({ done: z.string().optional() }))
    const principal = c.get('principal')
    const details = await specDetails(await context.app.services(), principal, named)
    return showPage(c, context, {
      title: qualifiedSpec(named.catalog, named.spec),
      section: 'catalog',
      notice: noticeFor(done),
      body: specView(details, named, principal.scope === 'write'),
    })
  })
}

function specView(
  details: SpecDetails,
  named: { catalog: string; spec: string },
  isWrite: boolean,
): Html {
  const { spec, warnings, warning_count: warningCount, revisions } = details
  const here = specPath(named)
  return html`<h1>${qualifiedSpec(named.catalog, named.spec)}</h1>
    <p class="title">${[spec.title, spec.version].filter(Boolean).join(' ')}</p>
    ${searchBox(named)}
    ${live(
      here,
      html`<p class="facts">
          ${badge(spec)}
          <small
            >${counted(spec.operation_count, 'operation')}, revision
            ${spec.revision}${spec.source === null ? '' : `, from ${spec.source}`}</small
          >
        </p>
        ${
          spec.refresh_error === null
            ? ''
            : html`<p class="reason">Not refreshed: ${spec.refresh_error}</p>`
        }
        ${isWrite ? actions(details, named) : ''}
        ${setAsideList(details.set_aside, { back: here, isWrite })}
        <section>
          <h2>Revisions</h2>
          ${revisionTable(revisions, named, { current: spec.revision, isWrite })}
        </section>
        <section>
          <h2>Jobs</h2>
          ${jobTable(details.jobs)}
          <p><a href="${link('/jobs', named)}">All jobs of this spec</a></p>
        </section>
        ${warningTable(warnings, warningCount)}`,
    )}`
}

function actions({ spec }: SpecDetails, named: { catalog: string; spec: string }): Html {
  const isFailed = spec.badge === 'failed' || spec.badge === 'retrying'
  const isEmbedded = spec.badge !== 'lexical_only' && spec.badge !== 'empty'
  const fromUrl = spec.source !== null && /^https?:/i.test(spec.source)
  return html`<div class="actions">
    ${isEmbedded ? retryButton(named, specPath(named), isFailed ? 'Retry' : 'Embed again') : ''}
    ${
      fromUrl
        ? html`<form method="post" action="${specPath(named, 'refresh')}">
            <button class="small secondary">Refresh from its URL</button>
          </form>`
        : ''
    }
    <details class="delete">
      <summary role="button" class="small outline secondary">Delete…</summary>
      <form method="post" action="${specPath(named, 'delete')}">
        <p>All ${counted(spec.operation_count, 'operation')} and revisions go, for good.</p>
        <button class="small danger">Delete ${named.spec}</button>
      </form>
    </details>
  </div>`
}
