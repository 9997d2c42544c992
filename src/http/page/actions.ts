import { html, type Html } from './html.js'
import { specPath } from './links.js'

/**
 * A button that embeds a spec again. With scripts the live part is renewed in place; `back` is where
 * the reader is, to come back to without.
 */
export function retryButton(
  spec: { catalog: string; spec: string },
  back: string,
  name = 'Retry',
): Html {
  return html`<form
    method="post"
    action="${specPath(spec, 'retry')}"
    hx-post="${specPath(spec, 'retry')}"
    hx-target="#live"
    hx-select="#live"
    hx-swap="outerMorph"
    hx-status:4xx="target:#notice select:#notice swap:outerHTML"
    hx-status:5xx="target:#notice select:#notice swap:outerHTML"
  >
    <input type="hidden" name="back" value="${back}" />
    <button class="small" aria-label="${name} ${spec.spec}">${name}</button>
  </form>`
}
