import { version } from '../../app/version.js'
import type { Principal } from '../../catalog/principal.js'
import { assetPath } from './assets.js'
import { html, type Html } from './html.js'

export type Section = 'catalog' | 'search' | 'upload' | 'jobs'

export interface View {
  title: string
  /** Which entry of the navigation this belongs to. */
  section?: Section | undefined
  /** What became of what was asked for, in a sentence. */
  notice?: string | undefined
  isError?: boolean | undefined
  body: Html
}

/** On whose behalf a page is shown, and whether they can sign out. */
export interface Reader {
  principal: Principal
  hasKey: boolean
}

/**
 * No styles of its own, which the page's policy would refuse; no history, since addresses are
 * changed by links alone; and what a reader has unfolded stays so when a part is renewed.
 */
const HTMX_SETTINGS = JSON.stringify({
  includeIndicatorCSS: false,
  extensions: 'sse',
  history: false,
  morphIgnore: ['data-htmx-powered', 'open'],
})

const SECTIONS: readonly { section: Section; path: string; name: string; isWrite?: boolean }[] = [
  { section: 'catalog', path: '/', name: 'Catalog' },
  { section: 'search', path: '/search', name: 'Search' },
  { section: 'upload', path: '/upload', name: 'Upload', isWrite: true },
  { section: 'jobs', path: '/jobs', name: 'Jobs' },
]

/** A whole document around what a page shows; without a reader there is nothing to go to. */
export function layout({ title, section, notice, isError, body }: View, reader?: Reader): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content="${HTMX_SETTINGS}" />
        <title>${title} – api-catalog-mcp</title>
        <link rel="icon" href="${assetPath('icon')}" />
        <link rel="stylesheet" href="${assetPath('pico')}" />
        <link rel="stylesheet" href="${assetPath('style')}" />
        <script defer src="${assetPath('htmx')}"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${header(section, reader)}
        <main class="container" id="main" tabindex="-1">${noticeOf(notice, isError)} ${body}</main>
        <footer class="container"><small>api-catalog-mcp ${version}</small></footer>
      </body>
    </html>`
}

/** Where actions that are done without leaving the page say what went wrong. */
function noticeOf(notice: string | undefined, isError = false): Html {
  return html`<div id="notice" class="notice ${isError ? 'error' : ''}" role="status">
    ${notice === undefined ? '' : html`<p>${notice}</p>`}
  </div>`
}

function header(section: Section | undefined, reader: Reader | undefined): Html {
  return html`<header class="container">
    <nav aria-label="Main">
      <a class="brand" href="/">api-catalog-mcp</a>
      ${reader ? entries(section, reader) : ''}
    </nav>
  </header>`
}

function entries(current: Section | undefined, { principal, hasKey }: Reader): Html {
  const shown = SECTIONS.filter(({ isWrite }) => !isWrite || principal.scope === 'write')
  return html`<ul>
      ${shown.map(
        ({ section, path, name }) =>
          html`<li>
            <a href="${path}" ${section === current ? html`aria-current="page"` : ''}>${name}</a>
          </li>`,
      )}
    </ul>
    ${
      hasKey
        ? html`<form class="key" method="post" action="/logout">
            <small>${principal.name}${principal.scope === 'read' ? ' (read only)' : ''}</small>
            <button class="outline secondary small">Log out</button>
          </form>`
        : ''
    }`
}
