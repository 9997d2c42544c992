import { Hono } from 'hono'
import { metricsText } from '../app/metrics-text.js'
import { messageOf } from '../errors.js'
import type { HttpContext, HttpEnv } from './http-env.js'

/** Longer than this and whoever asks has given up; Kubernetes waits 1 s unless told otherwise. */
const READY_LIMIT_MS = 900

/**
 * `/healthz`: the process answers. `/readyz`: it is not stopping, and the database answers and has
 * the tables of this version (opening it brings them up to date). The provider of embeddings is no
 * part of it: without it search goes on by words.
 */
export function probes({ app, log, stopping }: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      if (stopping.aborted) return c.json({ status: 'stopping' }, 503)
      try {
        await within(READY_LIMIT_MS, async () => (await app.services()).db.query('select 1'))
        return c.json({ status: 'ready' })
      } catch (error) {
        // Why is for the log: whoever may ask this needs no key.
        log.debug({ reason: messageOf(error) }, 'not ready')
        return c.json({ status: 'not_ready' }, 503)
      }
    })
}

/** `/metrics`, in Prometheus' text format. */
export function metricsRoute({ app }: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get('/metrics', async (c) => {
    const { text, contentType } = await metricsText(await app.services())
    return c.body(text, 200, { 'content-type': contentType })
  })
}

async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(ms)
  return await Promise.race([
    work(),
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('The database is not open yet.')))
    }),
  ])
}
