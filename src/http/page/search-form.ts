import { html, type Html } from './html.js'

/** A question, sent to the search page together with the fields in `more`. */
export function searchForm(question: string | undefined, more: Html): Html {
  return html`<form class="search" role="search" method="get" action="/search">
    <label class="visually-hidden" for="query">What do you want to do?</label>
    <input
      type="search"
      id="query"
      name="query"
      value="${question ?? ''}"
      placeholder="What do you want to do? Or an identifier"
      required
    />
    <button>Search</button>
    ${more}
  </form>`
}

/** A question about a catalog or a spec, or about everything. */
export function searchBox(where: { catalog?: string | undefined; spec?: string }): Html {
  return searchForm(
    undefined,
    html`${Object.entries(where).map(([name, value]) =>
      value === undefined ? '' : html`<input type="hidden" name="${name}" value="${value}" />`,
    )}`,
  )
}
