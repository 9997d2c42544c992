import { Hono } from 'hono'
import * as z from 'zod'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { endSession, startSession } from '../session.js'
import { html, type Html } from './html.js'
import { layout } from './layout.js'
import { ownPath } from './links.js'
import { formOf, queryOf } from './query.js'

const query = z.object({ to: z.string().optional() })
const form = query.extend({ key: z.string().default('') })

/** `/login` takes a key and gives a cookie for it, `/logout` takes that back. */
export function signIn({ keys }: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .get('/login', (c) => (keys ? c.html(formView(queryOf(c, query).to)) : c.redirect('/', 303)))
    .post('/login', async (c) => {
      if (!keys) return c.redirect('/', 303)
      const { key, to } = await formOf(c, form)
      const principal = keys.principalOf(key.trim())
      if (!principal) return c.html(formView(to, 'That is no key of this server.'), 401)
      await startSession(c, keys, principal.name)
      return c.redirect(ownPath(to), 303)
    })
    .post('/logout', (c) => {
      endSession(c)
      return c.redirect('/login', 303)
    })
}

function formView(to: string | undefined, notice?: string): Html {
  return layout({
    title: 'Log in',
    notice,
    isError: true,
    body: html`<h1>Log in</h1>
      <form class="login" method="post" action="/login">
        <label
          >Key of this server
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            required
            autofocus
            ${notice === undefined ? '' : html`aria-invalid="true"`}
          />
        </label>
        <input type="hidden" name="to" value="${ownPath(to)}" />
        <button>Log in</button>
      </form>`,
  })
}
