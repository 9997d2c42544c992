import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const HEAP = ['--max-old-space-size=4096']

const start = (script, args) =>
  fork(fileURLToPath(new URL(script, import.meta.url)), args, { execArgv: HEAP })

/** What a child sends; throws where it ends without. */
export async function answerOf(script, ...args) {
  const child = start(script, args)
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with ${code}`))),
  ])
  return answer
}

/**
 * A child that takes one document after the other. One that it does not finish in time, or that
 * ends it, is answered with an error, and the next goes to a fresh child.
 */
export class PeerProcess {
  #args
  #limitMs
  #child = null

  constructor(args, limitMs) {
    this.#args = args
    this.#limitMs = limitMs
  }

  async read(path) {
    if (this.#child === null) {
      this.#child = start('peer.mjs', this.#args)
      await once(this.#child, 'message')
    }
    const child = this.#child
    const timer = AbortSignal.timeout(this.#limitMs)
    const done = new AbortController()
    const signal = AbortSignal.any([timer, done.signal])
    child.send(path)
    try {
      const [answer] = await Promise.race([
        once(child, 'message', { signal }),
        once(child, 'exit', { signal }).then(() => Promise.reject(new Error('its process ended'))),
      ])
      return answer
    } catch (error) {
      this.stop()
      return { peakKb: 0, error: timer.aborted ? 'not done in time' : error.message }
    } finally {
      done.abort()
    }
  }

  stop() {
    this.#child?.kill('SIGKILL')
    this.#child = null
  }
}
