import type { Status } from '../../app/embedding-status.js'
import { html, type Html } from './html.js'
import { retryButton } from './actions.js'
import { link, specOfId } from './links.js'

/** Operations that the embedder refused, with its reason; embedding their spec tries them again. */
export function setAsideList(
  items: Status['set_aside'],
  { back, isWrite }: { back: string; isWrite: boolean },
): Html {
  if (items.length === 0) return html``
  return html`<section>
    <h2>Set aside by the embedder</h2>
    <ul class="rows">
      ${items.map(
        ({ id, error, tries }) =>
          html`<li>
            <div>
              <a href="${link('/operation', { id })}">${id}</a>
              <small class="reason">${error} (${tries} ${tries === 1 ? 'try' : 'tries'})</small>
            </div>
            ${isWrite ? retryButton(specOfId(id), back) : ''}
          </li>`,
      )}
    </ul>
  </section>`
}
