import { Hono } from 'hono'
import * as z from 'zod'
import { rollBack } from '../../app/copy-spec.js'
import { deleteSpec } from '../../app/delete-spec.js'
import { reembedSpec } from '../../app/reembed-spec.js'
import { refreshSpecs } from '../../app/refresh-specs.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { mustWrite } from './guards.js'
import { link, ownPath, specPath } from './links.js'
import { formOf, namedSpec } from './query.js'

const retryForm = z.object({ back: z.string().optional() })
const rollbackForm = z.object({ revision: z.coerce.number().int().min(1).max(1_000_000_000) })

/** What is done to a spec by a button. Each leads to the page where what came of it is seen. */
export function specActions({ app }: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .post('/specs/:catalog/:spec/retry', mustWrite, async (c) => {
      const { back } = await formOf(c, retryForm)
      await reembedSpec(await app.services(), c.get('principal'), namedSpec(c))
      return c.redirect(ownPath(back), 303)
    })
    .post('/specs/:catalog/:spec/refresh', mustWrite, async (c) => {
      const named = namedSpec(c)
      const services = await app.services()
      const { signal } = c.req.raw
      const { structured } = await refreshSpecs(services, c.get('principal'), named, signal)
      const outcome = structured.specs[0]?.outcome ?? 'failed'
      const done = { revised: 'refreshed', unchanged: 'unchanged', failed: 'not-refreshed' }[
        outcome
      ]
      return c.redirect(link(specPath(named), { done }), 303)
    })
    .post('/specs/:catalog/:spec/rollback', mustWrite, async (c) => {
      const named = namedSpec(c)
      const { revision } = await formOf(c, rollbackForm)
      const spec = `${named.catalog}/${named.spec}`
      await rollBack(await app.services(), c.get('principal'), { spec, revision })
      return c.redirect(link(specPath(named), { done: 'rolled-back' }), 303)
    })
    .post('/specs/:catalog/:spec/delete', mustWrite, async (c) => {
      await deleteSpec(await app.services(), c.get('principal'), namedSpec(c))
      return c.redirect(link('/', { done: 'deleted' }), 303)
    })
}
