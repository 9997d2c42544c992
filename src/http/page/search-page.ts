import { Hono } from 'hono'
import * as z from 'zod'
import { searchInput, type SearchResult } from '../../app/search-input.js'
import { searchOperations } from '../../app/search-operations.js'
import { CHARS_PER_TOKEN, type Answer } from '../../app/answer.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { choice } from './choice.js'
import { hitList } from './hit-list.js'
import { html, type Html } from './html.js'
import { link } from './links.js'
import { queryOf } from './query.js'
import { searchForm } from './search-form.js'
import { showPage } from './show-page.js'
import { number } from './words.js'

const { ranking, effect } = searchInput.shape

const query = searchInput
  .pick({ catalog: true, spec: true, method: true, tag: true, path_prefix: true, cursor: true })
  .extend({ query: z.string().optional(), ranking, effect })
  .strip()

type Query = z.infer<typeof query>

/** `/search`: what an agent gets for a question, and why. */
export function searchPage(context: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get('/search', async (c) => {
    const asked = queryOf(c, query)
    const question = asked.query
    const answer =
      question === undefined
        ? null
        : await searchOperations(await context.app.services(), c.get('principal'), {
            ...asked,
            query: question,
            explain: true,
          })
    return showPage(c, context, {
      title: question ?? 'Search',
      section: 'search',
      body: html`<h1>Search</h1>
        ${searchForm(asked.query, narrowing(asked))} ${answer ? answerView(answer, asked) : ''}`,
    })
  })
}

/** Ways to ask less widely; unfolded where one is used. */
function narrowing(asked: Query): Html {
  const { catalog, spec, method, tag, path_prefix: prefix } = asked
  const isRanked = asked.ranking !== undefined && asked.ranking !== 'auto'
  const isNarrowed = isRanked || [catalog, spec, method, tag, prefix, asked.effect].some(Boolean)
  return html`<details ${isNarrowed ? html`open` : ''}>
    <summary>Narrow</summary>
    <div class="filter">
      ${field('Catalog', 'catalog', catalog)} ${field('Spec', 'spec', spec)}
      ${field('Method', 'method', method)} ${field('Tag', 'tag', tag)}
      ${field('Path begins with', 'path_prefix', prefix)}
      ${choice('Effect', 'effect', effect.unwrap().options, asked.effect)}
      ${choice('Ranking', 'ranking', ranking.unwrap().options, asked.ranking ?? 'auto', { hasAll: false })}
    </div>
  </details>`
}

function field(label: string, name: string, value: string | undefined): Html {
  return html`<label
    >${label}
    <input name="${name}" value="${value ?? ''}" autocomplete="off" />
  </label>`
}

function answerView(answer: Answer<SearchResult>, asked: Query): Html {
  const { structured } = answer
  const { coverage, note, fallback, next_cursor: next, results } = structured
  return html`<section aria-label="Results">
    <p>
      ${structured.nothing_fits ? 'Nothing fits well; the nearest of ' : ''}<strong
        >${number(structured.total)}</strong
      >
      ${structured.total === 1 ? 'hit' : 'hits'}, ranking <strong>${structured.ranking}</strong>${
        fallback === undefined ? '' : ` (${fallback.replaceAll('_', ' ')})`
      };
      ${number(coverage.embedded)} of ${number(coverage.total)} operations embedded.
    </p>
    ${note === undefined ? '' : html`<p class="note">${note}</p>`} ${hitList(results)}
    ${facetLinks(structured.facets, asked)}
    ${
      next === undefined
        ? ''
        : html`<p>
            <a rel="next" href="${link('/search', { ...asked, cursor: next })}">More hits</a>
          </p>`
    }
    ${agentView(answer)}
  </section>`
}

/** Word for word what the tool gives an agent. */
function agentView({ markdown, next }: Answer<SearchResult>): Html {
  const text = next === undefined ? markdown : `${markdown}\n\n${next}`
  const tokens = Math.ceil(text.length / CHARS_PER_TOKEN)
  return html`<details class="agent">
    <summary>What an agent reads (about ${number(tokens)} tokens)</summary>
    <pre>${text}</pre>
  </details>`
}

const facets = z.object({
  specs: z.array(z.object({ name: z.string(), count: z.number() })),
  tags: z.array(z.object({ name: z.string(), count: z.number() })),
})

function facetLinks(given: SearchResult['facets'], asked: Query): Html {
  if (given === undefined) return html``
  const { specs, tags } = facets.parse(given)
  const links = (field: 'spec' | 'tag', values: typeof specs) =>
    values.map(
      ({ name, count }) =>
        html`<a href="${link('/search', { ...asked, cursor: undefined, [field]: name })}"
          >${name} (${count})</a
        >`,
    )
  return html`<p class="facets">Narrow to ${links('spec', specs)} ${links('tag', tags)}</p>`
}
