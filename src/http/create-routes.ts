import { Hono } from 'hono'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { McpEndpoint } from '../mcp/mcp-endpoint.js'
import type { Servers } from '../mcp/servers.js'
import { onlyKnownHosts, onlyKnownKeys } from './admission.js'
import { eventsRoute } from './events.js'
import { api } from './api/api.js'
import type { HttpContext, HttpEnv } from './http-env.js'
import { mcpRoute } from './mcp-route.js'
import { observe } from './observe.js'
import { pageRoutes } from './page/page-routes.js'
import { metricsRoute, probes } from './probes.js'
import { problem, problemOf } from './problem.js'

export interface Routes {
  fetch: Hono<HttpEnv>['fetch']
  /** Ends what is under way. */
  close: () => Promise<void>
}

/** All that a server answers, in the order in which a request meets it. */
export function createRoutes(context: HttpContext, servers: Servers): Routes {
  const mcp = new McpEndpoint(servers, context)
  const routes = atTheDoor(context)
    .route('/', pageRoutes(context)) // asks for the key in its own way
    .use(onlyKnownHosts(context), onlyKnownKeys(context))
    .route('/', metricsRoute(context))
    .route('/', mcpRoute(context, mcp))
    .route('/', eventsRoute(context))
    .route('/', api(context))
  return { fetch: routes.fetch, close: () => mcp[Symbol.asyncDispose]() }
}

/** What a process answers that only embeds: probes and metrics. */
export function createProbeRoutes(context: HttpContext): Routes {
  const routes = atTheDoor(context)
    .use(onlyKnownHosts(context), onlyKnownKeys(context))
    .route('/', metricsRoute(context))
  return { fetch: routes.fetch, close: async () => {} }
}

function atTheDoor(context: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .notFound((c) => problem(c, 404, 'There is nothing at that address.'))
    .onError((error, c) => problemOf(error, c, context))
    .use(requestId(), observe(context), untilStop(context))
    .use(
      secureHeaders({
        strictTransportSecurity: false, // for whoever ends TLS to say
        referrerPolicy: 'same-origin', // with none, browsers say no Origin for forms of the page
      }),
    )
    .route('/', probes(context))
}

/** Connections that are kept open would hold up a server that stops. */
function untilStop({ stopping }: HttpContext) {
  return async (
    c: { header: (name: string, value: string) => void },
    next: () => Promise<void>,
  ) => {
    await next()
    if (stopping.aborted) c.header('connection', 'close')
  }
}
