import type { CatalogState } from '../../app/catalog-overview.js'
import { counted } from '../../app/answer.js'
import { badgeName } from './badge.js'
import { html, type Html } from './html.js'
import { link } from './links.js'
import { duration, number } from './words.js'

/** In the order of how much they ask for. */
const BADGES = ['failed', 'retrying', 'indexing', 'queued', 'indexed', 'lexical_only', 'empty']

/** How far everything is: all specs by their badges, the embedder, and the queue. */
export function stateLines(state: CatalogState, catalog: string | undefined): Html {
  const { summary } = state.status
  const { operation_count: all, embedding_count: embedded } = summary
  const percent = all === 0 ? 100 : Math.floor((100 * embedded) / all)
  return html`<section class="state" aria-label="State">
    <p class="rollup">
      <strong>${counted(summary.specs_total, 'spec')}</strong>
      ${BADGES.filter((badge) => state.badges.has(badge)).map(
        (badge) =>
          html`<a class="badge ${badge}" href="${link('/', { catalog, badge })}"
            >${number(state.badges.get(badge) ?? 0)} ${badgeName(badge)}</a
          >`,
      )}
    </p>
    <progress
      value="${embedded}"
      max="${Math.max(all, 1)}"
      aria-label="Operations embedded"
    ></progress>
    <p>
      <small
        >${number(embedded)} of ${counted(all, 'operation')} embedded (${percent}
        %)${
          summary.without_vector_count > 0
            ? `, ${number(summary.without_vector_count)} without a vector`
            : ''
        }.
        ${embedderLine(state.status)} ${queueLine(state.queue)}</small
      >
    </p>
  </section>`
}

function embedderLine({
  embedder,
  active_space: active,
  next_space: next,
}: CatalogState['status']): Html {
  if (embedder.provider === 'none') {
    return html`<span class="provider none">No embedder: search is by words.</span>`
  }
  return html`Embedder:
    <span class="provider ${embedder.state}"
      >${embedder.provider} ${embedder.model ?? ''}, ${embedder.state.replaceAll('_', ' ')}</span
    >${embedder.dimensions === null ? '' : `, ${embedder.dimensions} dimensions`}.
    ${active ? `Searched with ${active.provider} ${active.model}.` : ''}
    ${
      next
        ? `Changing over to ${next.provider} ${next.model}: ${counted(next.embedding_count, 'operation')} so far.`
        : ''
    }`
}

function queueLine({ pending, running, oldest_waiting_seconds: oldest }: CatalogState['queue']) {
  if (pending + running === 0) return html`Queue: empty.`
  const waiting =
    pending === 0
      ? 'nothing waits'
      : `${counted(pending, 'job')} waiting` +
        (oldest === null ? '' : `, the oldest for ${duration(oldest)}`)
  return html`Queue: ${number(running)} running, ${waiting}.`
}
