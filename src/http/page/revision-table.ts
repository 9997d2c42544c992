import type { RevisionRow } from '../../catalog/revisions.js'
import { html, type Html } from './html.js'
import { link, specPath } from './links.js'
import { number, time } from './words.js'

/** The kept revisions, newest first: what each changed, and a way back to it. */
export function revisionTable(
  revisions: readonly RevisionRow[],
  named: { catalog: string; spec: string },
  { current, isWrite }: { current: number; isWrite: boolean },
): Html {
  return html`<table class="stack">
      <thead>
        <tr>
          <th scope="col">Revision</th>
          <th scope="col">Version</th>
          <th scope="col">Operations</th>
          <th scope="col">Taken (UTC)</th>
          <th scope="col">Changes</th>
        </tr>
      </thead>
      <tbody>
        ${revisions.map(
          ({ revision, version, operation_count, created_at }, index) =>
            html`<tr>
              <td data-label="Revision">${revision}${revision === current ? ' (current)' : ''}</td>
              <td data-label="Version">${version ?? '–'}</td>
              <td data-label="Operations">${number(operation_count)}</td>
              <td data-label="Taken">${time(created_at)}</td>
              <td data-label="Changes">
                ${change(revisions[index + 1], revision, named)}
                ${isWrite && revision !== current ? rollBack(revision, named) : ''}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${revisions.length > 2 ? compareForm(revisions, named) : ''}`
}

function change(
  before: RevisionRow | undefined,
  to: number,
  named: { catalog: string; spec: string },
): Html {
  if (!before) return html`–`
  const path = link(specPath(named, 'diff'), { from: before.revision, to })
  return html`<a href="${path}">What changed since ${before.revision}</a>`
}

function rollBack(revision: number, named: { catalog: string; spec: string }): Html {
  return html`<form method="post" action="${specPath(named, 'rollback')}">
    <input type="hidden" name="revision" value="${revision}" />
    <button class="small outline secondary">Back to ${revision}</button>
  </form>`
}

function compareForm(
  revisions: readonly RevisionRow[],
  named: { catalog: string; spec: string },
): Html {
  const choice = (label: string, name: string, chosen: number) =>
    html`<label
      >${label}
      <select name="${name}">
        ${revisions.map(
          ({ revision }, index) =>
            html`<option ${index === chosen ? html`selected` : ''}>${revision}</option>`,
        )}
      </select>
    </label>`
  return html`<form
    class="filter"
    method="get"
    action="${specPath(named, 'diff')}"
    aria-label="Compare revisions"
  >
    ${choice('From', 'from', revisions.length - 1)} ${choice('To', 'to', 0)}
    <button class="secondary">Compare</button>
  </form>`
}
