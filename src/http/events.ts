import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { SpecChange } from '../app/catalog-watch.js'
import type { HttpContext, HttpEnv } from './http-env.js'

/** Proxies end what is silent for a minute. */
const BEAT_MS = 15_000

/**
 * `/api/v1/events`: changes of the caller's specs as server-sent events. `open` comes first: from
 * then on nothing is missed, so whoever shows specs reads them again. Then `specs`, with a list of
 * `{catalog, spec, what: added|changed|removed}`. `beat` keeps the connection alive.
 */
export function eventsRoute({ app, stopping }: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get('/api/v1/events', (c) => {
    const { tenant } = c.get('principal')
    c.header('x-accel-buffering', 'no')
    return streamSSE(c, async (stream) => {
      const send = (event: string, data: unknown) =>
        stream.writeSSE({ event, data: JSON.stringify(data) })
      const unsubscribe = app.watch.subscribe((changes) => {
        const own = changes.filter((change) => change.tenant === tenant).map(shown)
        if (own.length > 0) void send('specs', own)
      })
      const beat = setInterval(() => void send('beat', null), BEAT_MS)
      const over = new AbortController()
      const ended = new Promise<void>((resolve) => {
        stream.onAbort(resolve)
        stopping.addEventListener('abort', () => resolve(), { once: true, signal: over.signal })
        if (stopping.aborted) resolve()
      })
      await Promise.race([app.watch.ready().then(() => send('open', null)), ended])
      await ended
      over.abort()
      clearInterval(beat)
      unsubscribe()
    })
  })
}

function shown({ catalog, spec, what }: SpecChange): Omit<SpecChange, 'tenant'> {
  return { catalog, spec, what }
}
