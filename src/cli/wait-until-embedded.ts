import { doneIn } from '../app/embedding-progress.js'
import { embeddingStatus, type Status } from '../app/embedding-status.js'
import type { Services } from '../app/services.js'
import { localPrincipal } from '../catalog/principal.js'
import { ProgressLine } from './progress.js'

/**
 * Shows progress on stderr until nothing in scope is waiting or running, in the active space if no
 * other is given.
 */
export async function waitUntilEmbedded(
  services: Services,
  scope: { catalog?: string | undefined; spec?: string | undefined } = {},
  { spaceId }: { spaceId?: number } = {},
): Promise<Status> {
  const progress = new ProgressLine()
  const show = (specs: Parameters<typeof doneIn>[0]) =>
    progress.update(
      doneIn(specs),
      specs.reduce((sum, { operation_count }) => sum + operation_count, 0),
    )
  let shownWait: string | null = null
  for (;;) {
    const { structured } = await embeddingStatus(
      services,
      localPrincipal,
      { ...scope, wait_ms: 2_000 },
      {
        onProgress: show,
        ...(spaceId === undefined ? {} : { spaceId }),
      },
    )
    const { summary, specs } = structured
    show(specs)
    if (summary.specs_pending + summary.specs_running === 0) {
      progress.end()
      return structured
    }
    const waitsFor = specs.find((spec) => spec.badge === 'queued' && spec.job_last_error)
    const reason = waitsFor?.job_last_error ?? null
    if (reason !== null && reason !== shownWait) process.stderr.write(`\nwaiting: ${reason}\n`)
    shownWait = reason
  }
}
