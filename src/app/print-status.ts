import { qualifiedSpec } from '../catalog/names.js'
import { counted, grouped, inline, prose } from './answer.js'
import { doneIn } from './embedding-progress.js'
import type { Status } from './embedding-status.js'

/** Badges of specs that are not done, the most urgent first. */
const UNDONE = ['failed', 'retrying', 'indexing', 'queued']
/** Specs named in the Markdown; the structured answer has all. */
const SHOWN_SPECS = 20

/** The state in Markdown: the most urgent specs first, what was set aside, and the jobs asked for. */
export function printStatus(status: Status): string {
  const { embedder, summary, specs, set_aside, jobs, next_cursor } = status
  const percent = summary.operation_count
    ? Math.floor((100 * summary.embedding_count) / summary.operation_count)
    : 100
  const lines = [
    `${grouped(summary.embedding_count)} of ` +
      `${counted(summary.operation_count, 'operation')} embedded (${percent} %); ` +
      `${counted(summary.specs_total, 'spec')}: ${summary.specs_indexed} done, ` +
      `${summary.specs_running} running, ${summary.specs_pending} waiting, ` +
      `${summary.specs_failed} failed.`,
    embedder.provider === 'none'
      ? 'No embedder: search is by words.'
      : `Embedder: ${embedder.provider} ${embedder.model ?? ''}, ${embedder.state.replace('_', ' ')}.`,
  ]
  lines.push(...spaceLines(status))
  const notable = specs.toSorted((a, b) => urgency(a.badge) - urgency(b.badge))
  lines.push(...notable.slice(0, SHOWN_SPECS).map(describeSpec))
  if (specs.length > SHOWN_SPECS) lines.push(`- … and ${specs.length - SHOWN_SPECS} more specs`)
  if (set_aside.length > 0) {
    lines.push('', 'Set aside by the embedder; embedding the spec again tries them again:')
    lines.push(
      ...set_aside.slice(0, 10).map(({ id, error }) => `- \`${inline(id)}\`: ${prose(error)}`),
    )
  }
  if (jobs) {
    lines.push('', 'Jobs, newest first:')
    lines.push(
      ...jobs.map(
        (job) =>
          `- ${job.id} \`${qualifiedSpec(job.catalog, job.spec_name)}\` ${job.kind} ${job.status}` +
          (job.attempts ? `, ${counted(job.attempts, 'failure')}` : '') +
          (job.last_error ? `: ${prose(job.last_error)}` : ''),
      ),
    )
    if (next_cursor) lines.push(`More: \`cursor: "${next_cursor}"\`.`)
  }
  return lines.join('\n')
}

function spaceLines({ active_space: active, next_space: next, summary }: Status): string[] {
  const lines = active ? [`Searched with: ${active.provider} ${active.model}.`] : []
  if (!next) return lines
  const count = grouped(next.embedding_count)
  return [
    ...lines,
    `Changing over to ${next.provider} ${next.model}: ` +
      `${count} of ${counted(summary.operation_count, 'operation')} so far.`,
  ]
}

function describeSpec(spec: Status['specs'][number]): string {
  const embedded = Math.min(spec.embedding_count, doneIn([spec]))
  const progress = spec.badge === 'empty' ? '' : ` ${embedded}/${spec.operation_count}`
  const eta = spec.eta_seconds === null ? '' : `, about ${spec.eta_seconds} s to go`
  const error = spec.job_last_error ? `: ${prose(spec.job_last_error)}` : ''
  const name = qualifiedSpec(spec.catalog, spec.spec_name)
  return `- \`${name}\` ${spec.badge.replace('_', ' ')}${progress}${eta}${error}`
}

function urgency(badge: string): number {
  return UNDONE.indexOf(badge) + 1 || 9
}
