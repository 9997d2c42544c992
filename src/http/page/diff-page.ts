import { Hono } from 'hono'
import * as z from 'zod'
import { counted } from '../../app/answer.js'
import { compareInput, compareRevisions, type CompareResult } from '../../app/compare-revisions.js'
import { qualifiedSpec } from '../../catalog/names.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { html, type Html } from './html.js'
import { link, specPath } from './links.js'
import { namedSpec, queryOf } from './query.js'
import { showPage } from './show-page.js'

const revision = z.coerce.number().int().min(1).max(1_000_000_000).optional()
const query = z.object({ from: revision, to: revision, cursor: compareInput.shape.cursor })

/** A screen holds more than an agent's budget. */
const PAGE_TOKENS = 10_000

/** `/specs/{catalog}/{spec}/diff`: what changed between two revisions, what breaks clients first. */
export function diffPage(context: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get('/specs/:catalog/:spec/diff', async (c) => {
    const named = namedSpec(c)
    const { structured } = await compareRevisions(
      await context.app.services(),
      c.get('principal'),
      { ...named, ...queryOf(c, query), max_tokens: PAGE_TOKENS },
      c.req.raw.signal,
    )
    const name = qualifiedSpec(named.catalog, named.spec)
    return showPage(c, context, {
      title: `${name}, ${structured.from} to ${structured.to}`,
      section: 'catalog',
      body: html`<h1><a href="${specPath(named)}">${name}</a></h1>
        ${diffView(structured, named)}`,
    })
  })
}

function diffView(diff: CompareResult, named: { catalog: string; spec: string }): Html {
  const { from, to, breaking_count: breaking, removed, changed, added, next_cursor: next } = diff
  const isSame = removed.length + changed.length + added.length === 0
  return html`<p>
      Revision ${from} → ${to}:
      ${
        breaking === 0
          ? html`<span class="badge indexed">nothing breaks clients</span>`
          : html`<span class="badge failed">${counted(breaking, 'breaking change')}</span>`
      }
    </p>
    ${isSame ? html`<p>No operation differs.</p>` : ''} ${everywhereView(diff['everywhere'])}
    ${group(
      'Removed',
      'removed',
      removed.map((id) => html`<code>${id}</code>`),
    )}
    ${group('Changed', 'changed', changed.map(changedView))}
    ${group(
      'Added',
      'added',
      added.map((id) => html`<a href="${link('/operation', { id })}">${id}</a>`),
    )}
    ${
      next === undefined
        ? ''
        : html`<p>
            <a rel="next" href="${link(specPath(named, 'diff'), { cursor: next })}"
              >More differences</a
            >
          </p>`
    }`
}

function group(title: string, kind: string, entries: readonly Html[]): Html {
  if (entries.length === 0) return html``
  return html`<section class="diff ${kind}">
    <h2>${title}</h2>
    <ul>
      ${entries.map((entry) => html`<li>${entry}</li>`)}
    </ul>
  </section>`
}

function changedView({ id, what, breaking }: CompareResult['changed'][number]): Html {
  return html`<a href="${link('/operation', { id })}">${id}</a>
    ${breaking ? html`<span class="badge failed">breaking</span>` : ''}
    <ul class="what">
      ${what.split('; ').map((one) => html`<li>${one}</li>`)}
    </ul>`
}

const everywhere = z.array(
  z.object({
    rule: z.string(),
    where: z.string(),
    detail: z.string(),
    breaking: z.boolean(),
    operations: z.number(),
  }),
)

/** Changes that many operations share are told once. */
function everywhereView(given: unknown): Html {
  const changes = everywhere
    .parse(given)
    .map(
      ({ rule, where, detail, breaking, operations }) =>
        html`${counted(operations, 'operation')}: ${rule.replaceAll('-', ' ')}
          <code>${where}</code> ${detail}
          ${breaking ? html`<span class="badge failed">breaking</span>` : ''}`,
    )
  return group('In many operations', 'changed', changes)
}
