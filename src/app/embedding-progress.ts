import { summarize, type SpecStatus } from '../embedding/embedding-status.js'
import { counted, grouped } from './answer.js'

/** How much of some work is done, of how much, and that in words. */
export interface Progress {
  progress: number
  total: number
  message: string
}

/** How far all these specs are together, for whoever waits. */
export function progressOf(specs: readonly SpecStatus[]): Progress {
  const { operation_count: total, specs_running, specs_pending } = summarize(specs)
  const progress = doneIn(specs)
  return {
    progress,
    total,
    message:
      `${grouped(progress)} of ${counted(total, 'operation')} embedded; ` +
      `${counted(specs_running, 'spec')} running, ${specs_pending} waiting.`,
  }
}

/** Operations of these specs that need nothing more. */
export function doneIn(
  specs: readonly Pick<SpecStatus, 'operation_count' | 'missing_count'>[],
): number {
  return specs.reduce((sum, spec) => sum + spec.operation_count - spec.missing_count, 0)
}
