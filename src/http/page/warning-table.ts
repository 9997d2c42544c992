import type { SpecWarning } from '../../openapi/parsed-spec.js'
import { counted } from '../../app/answer.js'
import { html, type Html } from './html.js'

/** A document can have thousands, all alike. */
const SHOWN = 50

type Warning = Pick<SpecWarning, 'code' | 'pointer' | 'message' | 'file' | 'line'>

/** What was found in a document, and where. */
export function warningTable(warnings: readonly Warning[], count: number): Html {
  if (count === 0) return html``
  const shown = warnings.slice(0, SHOWN)
  return html`<section>
    <h2>${counted(count, 'warning')}</h2>
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">Code</th>
          <th scope="col">Where</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ code, pointer, message, file, line }) =>
            html`<tr>
              <td data-label="Code"><code>${code}</code></td>
              <td data-label="Where">
                ${file ?? ''}
                <code>${pointer || '/'}</code> ${line === undefined ? '' : `line ${line}`}
              </td>
              <td data-label="What">${message}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${count > shown.length ? html`<p>… and ${counted(count - shown.length, 'more warning')}.</p>` : ''}
  </section>`
}
