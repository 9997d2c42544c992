import type { ServerContext } from '@modelcontextprotocol/server'
import type { Progress } from '../app/embedding-progress.js'

/**
 * Progress notifications of one call, where its caller sent a token: each further than the one
 * before, as the protocol wants it. What does not get further is not told.
 */
export class ProgressReport {
  readonly #mcpReq: ServerContext['mcpReq']
  #told = -1
  /** Resolves when all have been sent: none may follow the call's answer. */
  sent: Promise<void> = Promise.resolve()

  constructor(mcpReq: ServerContext['mcpReq']) {
    this.#mcpReq = mcpReq
  }

  add({ progress, total, message }: Progress): void {
    const { _meta: meta, notify } = this.#mcpReq
    const progressToken = meta?.progressToken
    if (progressToken === undefined || progress <= this.#told) return
    this.#told = progress
    const params = { progressToken, progress, total, message }
    this.sent = this.sent
      .then(() => notify({ method: 'notifications/progress', params }))
      // Whoever is gone needs no progress, and their call is still to be ended well.
      .catch(() => undefined)
  }
}
