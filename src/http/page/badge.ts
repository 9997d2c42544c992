import type { SpecOverview } from '../../app/catalog-overview.js'
import { html, type Html } from './html.js'
import { number, duration } from './words.js'

type Spec = Pick<
  SpecOverview,
  | 'badge'
  | 'operation_count'
  | 'embedding_count'
  | 'without_vector_count'
  | 'missing_count'
  | 'job_attempts'
  | 'job_last_error'
  | 'eta_seconds'
>

/** A spec's state in one word with its numbers, and what is to be known beside. */
export function badge(spec: Spec): Html {
  return html`<span class="badge ${spec.badge}">${badgeText(spec)}</span> ${aside(spec)}`
}

function badgeText(spec: Spec): string {
  const { operation_count: all, embedding_count: embedded } = spec
  switch (spec.badge) {
    case 'indexed':
      return `${number(embedded)}/${number(all)} indexed`
    case 'indexing':
      return `indexing ${number(soFar(spec))}/${number(all)}`
    case 'retrying':
      return `retrying (${spec.job_attempts} ${spec.job_attempts === 1 ? 'try' : 'tries'})`
    default:
      return badgeName(spec.badge)
  }
}

export function badgeName(badge: string): string {
  return badge.replaceAll('_', ' ')
}

function soFar({ operation_count, missing_count }: Spec): number {
  return operation_count - missing_count
}

function aside(spec: Spec): Html {
  const { badge, operation_count, without_vector_count: without, eta_seconds: eta } = spec
  const isWaiting = badge !== 'indexed' && badge !== 'empty' && badge !== 'lexical_only'
  return html`${
    badge === 'indexing'
      ? html`<progress
          value="${soFar(spec)}"
          max="${operation_count}"
          aria-label="Operations embedded"
        ></progress>`
      : ''
  }
  ${eta === null ? '' : html`<small>about ${duration(eta)} to go</small>`}
  ${without > 0 ? html`<small>${number(without)} without a vector</small>` : ''}
  ${
    isWaiting && spec.job_last_error !== null
      ? html`<small class="reason">${spec.job_last_error}</small>`
      : ''
  }`
}
