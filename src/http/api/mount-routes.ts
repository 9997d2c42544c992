import { Hono, type MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import * as z from 'zod'
import { checkedName } from '../../catalog/names.js'
import { InputError, UnavailableError } from '../../errors.js'
import { onlyWriters } from '../admission.js'
import type { HttpContext, HttpEnv, HttpRequest } from '../http-env.js'
import { limitBody } from '../limit-body.js'
import { problem } from '../problem.js'
import { readDocument, readJson } from './read-document.js'
import { checked, queryReader } from './read-fields.js'
import type { ApiAnswer, BodyKind, Route } from './route.js'

/** Answers these routes, and any other method of their addresses with what there is. */
export function mountRoutes(context: HttpContext, routes: readonly Route[]): Hono<HttpEnv> {
  const api = new Hono<HttpEnv>()
  for (const route of routes) {
    const guards = route.method === 'GET' ? [] : [onlyWriters(), plainBodies(context)]
    api.on(route.method, [pattern(route.path)], ...guards, handlerOf(route, context))
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method)
    const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    api.all(pattern(path), (c) =>
      problem(c, 405, `This address takes ${allow.join(', ')}.`, { allow: allow.join(', ') }),
    )
  }
  return api
}

function handlerOf(route: Route, context: HttpContext): MiddlewareHandler<HttpEnv> {
  const readQuery = queryReader(route.query ?? z.strictObject({}))
  const answer = async (c: HttpRequest, signal: AbortSignal): Promise<Response> => {
    if (route.hasDocument) c.header('vary', 'accept')
    const call = {
      principal: c.get('principal'),
      names: namesIn(c),
      query: readQuery(new URL(c.req.url).searchParams),
      body: await bodyOf(c, route.body),
      preferred: (types: readonly [string, ...string[]]) =>
        accepts(c, { header: 'Accept', supports: [...types], default: types[0] }),
      signal,
    }
    const services = await context.app.services()
    return sent(c, await refusing(route, () => route.run({ services, ...call })))
  }
  return async (c) => {
    const gone = c.req.raw.signal
    // Reading is asked for again elsewhere; what changes something is finished.
    const signal = route.method === 'GET' ? AbortSignal.any([gone, context.stopping]) : gone
    try {
      return await answer(c, signal)
    } catch (error) {
      if (gone.aborted || !signal.aborted) throw error
      throw new UnavailableError('The server stops. Ask again.', { cause: error })
    }
  }
}

/** Of a request that was well-formed, what is wrong is its content: 422 where the route says so. */
async function refusing({ problems }: Route, run: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  try {
    return await run()
  } catch (error) {
    // The other kinds of InputError have a status of their own.
    const isRefusal = error instanceof InputError && error.constructor === InputError
    if (!isRefusal || problems?.[422] === undefined) throw error
    return { problem: 422, detail: error.message }
  }
}

/** Throws InputError for what can name nothing. */
function namesIn(c: HttpRequest): Record<string, string> {
  const params = Object.entries(c.req.param())
  return Object.fromEntries(
    params.map(([what, name]) => [what, checkedName(what as 'catalog' | 'spec', name)]),
  )
}

async function bodyOf(c: HttpRequest, kind: BodyKind | undefined) {
  if (kind === undefined) return {}
  const body = new Uint8Array(await c.req.arrayBuffer())
  return kind === 'document'
    ? readDocument(body, c.req.header('content-type') ?? '')
    : checked(kind, readJson(body), 'field')
}

function sent(c: HttpRequest, answer: ApiAnswer): Response {
  if ('document' in answer) {
    const { document, type, headers } = answer
    return c.body(document as Uint8Array<ArrayBuffer>, 200, { 'content-type': type, ...headers })
  }
  if ('problem' in answer) return problem(c, answer.problem, answer.detail)
  const { facts, status = 200, location } = answer
  return c.json(facts, status, location === undefined ? {} : { location })
}

/**
 * Bodies as large as may be, and as they are: what unpacks to more than it is worth is not
 * unpacked.
 */
function plainBodies({ maxBodyBytes }: HttpContext): MiddlewareHandler<HttpEnv> {
  const limited = limitBody({
    maxSize: maxBodyBytes,
    onError: (c) =>
      problem(
        c as HttpRequest,
        413,
        `A request has at most ${maxBodyBytes} bytes (API_CATALOG_MAX_BYTES).`,
      ),
  })
  return async (c, next) => {
    const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? 'identity'
    if (encoding === 'identity') return limited(c, next)
    return problem(c, 415, 'Send the body without a Content-Encoding.', {
      'accept-encoding': 'identity',
    })
  }
}

/** As the router writes it. */
function pattern(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}
