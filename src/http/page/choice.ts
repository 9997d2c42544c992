import { badgeName } from './badge.js'
import { html, type Html } from './html.js'

/** A choice of one of these, or of all where that means something. */
export function choice(
  label: string,
  name: string,
  values: readonly string[],
  chosen: string | undefined,
  { hasAll = true } = {},
): Html {
  return html`<label
    >${label}
    <select name="${name}">
      ${hasAll ? html`<option value="">all</option>` : ''}
      ${values.map(
        (value) =>
          html`<option value="${value}" ${value === chosen ? html`selected` : ''}>
            ${badgeName(value)}
          </option>`,
      )}
    </select>
  </label>`
}
