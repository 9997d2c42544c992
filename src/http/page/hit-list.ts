import * as z from 'zod'
import type { SearchResult } from '../../app/search-input.js'
import { html, type Html } from './html.js'
import { link, specOfId, specPath } from './links.js'

type Hit = SearchResult['results'][number]

const why = z.object({
  words: z.array(z.object({ term: z.string(), fields: z.array(z.string()) })),
  rank_lexical: z.number().nullable(),
  rank_semantic: z.number().nullable(),
})

/** Hits in their order, each with the reason for its place, and its contract when it is unfolded. */
export function hitList(hits: readonly Hit[]): Html {
  return html`<ol class="hits">
    ${hits.map((hit) => html`<li>${hitView(hit)}</li>`)}
  </ol>`
}

function hitView(hit: Hit): Html {
  const { spec } = specOfId(hit.id)
  return html`<article class="hit" aria-label="${hit.id}">
    <p class="id">
      <span class="method ${hit.effect}">${hit.method}</span>
      <a href="${link('/operation', { id: hit.id })}">${hit.path}</a>
    </p>
    ${hit.summary === null ? '' : html`<p>${hit.summary}</p>`}
    <p class="facts">
      <small
        ><a href="${specPath({ catalog: hit.catalog, spec: hit.spec })}">${spec}</a> ·
        <code>${hit.id}</code> · ${hit.match} match, score ${hit.score} ·
        ${hit.effect}${hit.deprecated ? ' · deprecated' : ''}${
          hit.alike_count ? ` · ${hit.alike_count} alike` : ''
        }</small
      >
    </p>
    ${hit.why === undefined ? '' : whyView(why.parse(hit.why))} ${contractOf(hit)}
  </article>`
}

function whyView({ words, rank_lexical: lexical, rank_semantic: semantic }: z.infer<typeof why>) {
  return html`<details class="why">
    <summary>Why</summary>
    <p>By words: ${place(lexical)}. By meaning: ${place(semantic)}.</p>
    ${
      words.length === 0
        ? html`<p>None of the question's words occurs in it.</p>`
        : html`<ul>
            ${words.map(
              ({ term, fields }) =>
                html`<li><code>${term}</code> in ${fields.join(', ').replaceAll('_', ' ')}</li>`,
            )}
          </ul>`
    }
  </details>`
}

function place(rank: number | null): string {
  return rank === null ? 'not found' : `place ${rank}`
}

/** Without scripts there is a link in it instead. */
function contractOf({ id }: Hit): Html {
  const path = link('/operation', { id })
  return html`<details
    class="contract"
    hx-get="${path}"
    hx-trigger="toggle once"
    hx-target="find div"
    hx-select=".operation"
    hx-status:4xx="select:#notice"
    hx-status:5xx="select:#notice"
  >
    <summary>Contract</summary>
    <div><a href="${path}">Show the contract of ${id}</a></div>
  </details>`
}
