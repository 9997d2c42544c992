import { Hono } from 'hono'
import * as z from 'zod'
import { CHARS_PER_TOKEN } from '../../app/answer.js'
import { getInput, getOperations, type Got } from '../../app/get-operation.js'
import { inputText } from '../../app/input-text.js'
import { NotFoundError } from '../../errors.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { html, type Html } from './html.js'
import { link, specPath } from './links.js'
import { queryOf } from './query.js'
import { showPage } from './show-page.js'
import { number } from './words.js'

const query = z.object({ id: inputText(), expand: getInput.shape.expand })

/** `/operation?id=…`: how an operation is called, as `get_operation` gives it. */
export function operationPage(context: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get('/operation', async (c) => {
    const { id, expand } = queryOf(c, query)
    const { structured, markdown } = await getOperations(
      await context.app.services(),
      c.get('principal'),
      { ids: [id], expand },
    )
    const [operation] = structured.operations
    if (!operation && candidatesOf(structured).length === 0) {
      throw new NotFoundError(`There is no operation "${id.slice(0, 200)}".`)
    }
    return showPage(c, context, {
      title: operation?.id ?? id,
      section: 'search',
      body: operation
        ? html`<h1 class="id">${operation.id}</h1>
            ${operationView(operation, markdown)}`
        : candidatesView(id, candidatesOf(structured)),
    })
  })
}

function operationView(operation: Got['operations'][number], markdown: string): Html {
  const { method, path, effect, security, servers, contract, curl, truncated } = operation
  return html`<div class="operation">
    <p class="id"><span class="method ${effect}">${method}</span> <code>${path}</code></p>
    ${operation.summary === null ? '' : html`<p>${operation.summary}</p>`}
    <p>
      <small
        ><a href="${specPath(operation)}">${operation.spec}</a> ·
        ${effect}${operation.deprecated ? ' · deprecated' : ''} ·
        ${security.length > 0 ? `security: ${security.join(' or ')}` : 'no security'} ·
        ${servers.length > 0 ? servers.join(', ') : 'no server'}</small
      >
    </p>
    <pre>${contract}</pre>
    ${curl === '' ? '' : html`<pre>${curl}</pre>`}
    <p>
      <small
        >About ${number(Math.ceil(markdown.length / CHARS_PER_TOKEN))}
        tokens${truncated ? '; parts are cut' : ''}.</small
      >
    </p>
  </div>`
}

function candidatesOf({ ambiguous, suggestions = [] }: Got): string[] {
  return [...ambiguous, ...suggestions].flatMap(({ candidates }) => candidates)
}

function candidatesView(id: string, candidates: readonly string[]): Html {
  return html`<h1>Which operation?</h1>
    <p>There is none that is called <code>${id}</code> alone. One of these?</p>
    <ul>
      ${candidates.map((one) => html`<li><a href="${link('/operation', { id: one })}">${one}</a></li>`)}
    </ul>`
}
