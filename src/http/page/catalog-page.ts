import { Hono } from 'hono'
import * as z from 'zod'
import {
  catalogState,
  specsPage,
  type CatalogState,
  type SpecsPage,
} from '../../app/catalog-overview.js'
import { counted } from '../../app/answer.js'
import { inputText } from '../../app/input-text.js'
import { BADGES } from '../../embedding/embedding-status.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { choice } from './choice.js'
import { html, type Html } from './html.js'
import { link } from './links.js'
import { live } from './live.js'
import { noticeFor } from './notices.js'
import { pageNumber, queryOf } from './query.js'
import { searchBox } from './search-form.js'
import type { SharedReads } from './shared-reads.js'
import { setAsideList } from './set-aside.js'
import { showPage } from './show-page.js'
import { specList } from './spec-list.js'
import { stateLines } from './state-lines.js'

const query = z.object({
  catalog: inputText().optional(),
  badge: z.enum(BADGES).optional(),
  name: z.string().optional(),
  page: pageNumber,
  done: z.string().optional(),
})

type Query = z.infer<typeof query>

/** `/`: all catalogs and their specs, how far each is embedded, and what went wrong. */
export function catalogPage(
  context: HttpContext,
  states: SharedReads<CatalogState>,
): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get('/', async (c) => {
    const asked = queryOf(c, query)
    const principal = c.get('principal')
    const services = await context.app.services()
    const key = JSON.stringify([principal.tenant, asked.catalog])
    const read = () => catalogState(services, principal, asked.catalog)
    const isRenewal = c.req.header('hx-request') !== undefined
    const state = await (isRenewal ? states.fresh(key, read) : states.latest(key, read))
    return showPage(c, context, {
      title: 'Catalog',
      section: 'catalog',
      notice: noticeFor(asked.done),
      body: catalogView(state, asked, principal.scope === 'write'),
    })
  })
}

function catalogView(state: CatalogState, asked: Query, isWrite: boolean): Html {
  const { page, catalog, badge, name } = asked
  const here = link('/', { catalog, badge, name, page: page > 1 ? page : undefined })
  return html`<h1>Catalog</h1>
    ${searchBox({ catalog })} ${filterForm(state, asked)}
    ${live(
      here,
      state.catalogs.length === 0
        ? firstSteps(isWrite)
        : specsView(state, asked, { here, isWrite }),
    )}`
}

function firstSteps(isWrite: boolean): Html {
  return html`<p>There are no specs yet.</p>
    ${isWrite ? html`<p><a role="button" href="/upload">Upload an OpenAPI document</a></p>` : ''}`
}

function specsView(
  state: CatalogState,
  asked: Query,
  { here: back, isWrite }: { here: string; isWrite: boolean },
): Html {
  const page = specsPage(state.specs, asked)
  return html`${stateLines(state, asked.catalog)} ${specList(page.specs, { back, isWrite })}
  ${pager(page, asked)} ${setAsideList(state.status.set_aside, { back, isWrite })}`
}

function filterForm({ catalogs }: CatalogState, { catalog, badge, name }: Query): Html {
  return html`<form class="filter" method="get" action="/" aria-label="Filter specs">
    <label
      >Name or title
      <input type="search" name="name" value="${name ?? ''}" autocomplete="off" />
    </label>
    ${catalogs.length > 1 ? choice('Catalog', 'catalog', catalogs, catalog) : ''}
    ${choice('State', 'badge', BADGES, badge)}
    <button class="secondary">Filter</button>
  </form>`
}

function pager({ count, pages }: SpecsPage, { catalog, badge, name, page: asked }: Query): Html {
  const page = Math.min(asked, pages)
  const step = (to: number, rel: 'prev' | 'next', text: string) =>
    to < 1 || to > pages
      ? ''
      : html`<a rel="${rel}" href="${link('/', { catalog, badge, name, page: to })}">${text}</a>`
  if (count === 0) return html`<p>No spec is like that. <a href="/">Show all</a></p>`
  if (pages === 1) return html``
  return html`<nav class="pager" aria-label="Pages">
    ${step(page - 1, 'prev', 'Previous')}
    <span>Page ${page} of ${pages}, ${counted(count, 'spec')}</span>
    ${step(page + 1, 'next', 'Next')}
  </nav>`
}
