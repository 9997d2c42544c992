import type { WriteStream } from 'node:tty'

/** A bar redrawn in place on a terminal; plain lines, one for every tenth, elsewhere. */
export class ProgressLine {
  readonly #stream: WriteStream
  #lastTenth = -1
  #started = performance.now()
  #doneAtStart: number | undefined

  constructor(stream: WriteStream = process.stderr) {
    this.#stream = stream
  }

  /** `done` of `total` operations. */
  update(done: number, total: number): void {
    this.#doneAtStart ??= done
    const share = total === 0 ? 1 : done / total
    const text = `${done}/${total} operations embedded${this.#rate(done)}`
    if (this.#stream.isTTY) {
      const filled = Math.floor(share * 30)
      this.#stream.write(`\r[${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${text}\u001b[K`)
    } else if (Math.floor(share * 10) !== this.#lastTenth) {
      this.#lastTenth = Math.floor(share * 10)
      this.#stream.write(`${text}\n`)
    }
  }

  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\n')
  }

  #rate(done: number): string {
    const seconds = (performance.now() - this.#started) / 1000
    const rate = (done - (this.#doneAtStart ?? done)) / seconds
    return seconds > 0.5 && rate >= 1 ? `, ${Math.round(rate)}/s` : ''
  }
}
