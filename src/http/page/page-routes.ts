import { STATUS_CODES } from 'node:http'
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { CatalogState } from '../../app/catalog-overview.js'
import { onlyKnownHosts } from '../admission.js'
import type { HttpContext, HttpEnv, HttpRequest } from '../http-env.js'
import { problemOf } from '../problem.js'
import { assetRoutes } from './assets.js'
import { catalogPage } from './catalog-page.js'
import { diffPage } from './diff-page.js'
import { onlySignedIn, pageHeaders } from './guards.js'
import { html } from './html.js'
import { jobsPage } from './jobs-page.js'
import { layout } from './layout.js'
import { operationPage } from './operation-page.js'
import { SharedReads } from './shared-reads.js'
import { formLimit } from './query.js'
import { searchPage } from './search-page.js'
import { signIn } from './sign-in.js'
import { specActions } from './spec-actions.js'
import { specPage } from './spec-page.js'
import { uploadPage } from './upload-page.js'

const OPEN_TO_ALL = ['/assets/*', '/login', '/logout']
const SIGNED_IN = ['/', '/search', '/operation', '/upload', '/jobs', '/specs/*']
/** Forms with a few words in them. */
const SMALL_FORMS = ['/login', '/logout', '/specs/*']
const MOST_FORM_BYTES = 64 * 1024

/**
 * The page for people: what there is, how far it is embedded, what an agent would get. It is made
 * here, works by links and forms alone, and is renewed in place where scripts run.
 */
export function pageRoutes(context: HttpContext): Hono<HttpEnv> {
  const states = new SharedReads<CatalogState>(context.stopping)
  const routes = new Hono<HttpEnv>().onError((error, c) => failed(error, c, context))
  for (const path of [...OPEN_TO_ALL, ...SIGNED_IN]) {
    routes.use(path, onlyKnownHosts(context), pageHeaders)
  }
  for (const path of SIGNED_IN) routes.use(path, onlySignedIn(context))
  routes.on('POST', ['/upload', '/specs/*'], async (_, next) => {
    await next()
    states.forget()
  })
  for (const path of SMALL_FORMS) routes.use(path, formLimit(MOST_FORM_BYTES))
  return routes
    .route('/', assetRoutes())
    .route('/', signIn(context))
    .route('/', catalogPage(context, states))
    .route('/', specPage(context))
    .route('/', specActions(context))
    .route('/', diffPage(context))
    .route('/', jobsPage(context))
    .route('/', searchPage(context))
    .route('/', operationPage(context))
    .route('/', uploadPage(context))
}

/** The same sentence that other callers get as a problem, as a page. */
async function failed(error: unknown, c: HttpRequest, context: HttpContext): Promise<Response> {
  const answer = problemOf(error, c, context)
  const { detail } = (await answer.json()) as { detail: string }
  const status = answer.status as ContentfulStatusCode
  const principal = c.get('principal')
  const view = {
    title: STATUS_CODES[status] ?? 'Error',
    notice: detail,
    isError: true,
    body: html`<h1>${STATUS_CODES[status] ?? 'Error'}</h1>
      <p><a href="/">To the catalog</a></p>`,
  }
  const reader = principal && { principal, hasKey: context.keys !== null }
  return c.html(layout(view, reader), status)
}
