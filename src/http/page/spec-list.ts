import type { SpecOverview } from '../../app/catalog-overview.js'
import { counted } from '../../app/answer.js'
import { badge } from './badge.js'
import { html, type Html } from './html.js'
import { retryButton } from './actions.js'
import { specPath } from './links.js'

/** Specs under their catalogs, in the order given. */
export function specList(
  specs: readonly SpecOverview[],
  { back, isWrite }: { back: string; isWrite: boolean },
): Html {
  const catalogs = [...new Set(specs.map(({ catalog }) => catalog))]
  return html`${catalogs.map(
    (catalog) =>
      html`<section aria-label="Catalog ${catalog}">
        <h2>${catalog}</h2>
        <ul class="rows specs">
          ${specs
            .filter((spec) => spec.catalog === catalog)
            .map((spec) => item(spec, { back, isWrite }))}
        </ul>
      </section>`,
  )}`
}

function item(spec: SpecOverview, { back, isWrite }: { back: string; isWrite: boolean }): Html {
  const { catalog, spec_name: name } = spec
  return html`<li id="spec-${catalog}-${name}">
    <div>
      <a href="${specPath({ catalog, spec: name })}">${name}</a>
      <small class="title">${[spec.title, spec.version].filter(Boolean).join(' ')}</small>
      ${
        spec.refresh_error === null
          ? ''
          : html`<small class="reason">Not refreshed: ${spec.refresh_error}</small>`
      }
    </div>
    <div class="counts">
      <small>${counted(spec.operation_count, 'operation')}, revision ${spec.revision}</small>
    </div>
    <div class="progress">${badge(spec)}</div>
    ${isWrite && spec.badge === 'failed' ? retryButton({ catalog, spec: name }, back) : ''}
  </li>`
}
