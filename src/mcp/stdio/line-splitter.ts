const NEWLINE = 0x0a

/**
 * Cuts a stream of bytes into lines of at most `maxBytes`. The pieces of a line are kept as they
 * come and joined once, so the work is linear however small they are. A longer line is dropped up
 * to its end, without being kept. Bytes, not text: no character is split by a chunk's border.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #pieces: Buffer[] = []
  #bytes = 0
  #isTooLong = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * The lines that end in this chunk, without their newlines; `null` for one that is too long, as
   * soon as it is. To be read to the end before the next chunk is pushed.
   */
  *push(chunk: Buffer): Generator<Buffer | null> {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start)
      const piece = chunk.subarray(start, end === -1 ? undefined : end)
      if (!this.#isTooLong) {
        this.#keep(piece)
        if (this.#isTooLong) yield null
      }
      if (end === -1) return
      if (!this.#isTooLong) yield this.#joined()
      this.#startLine()
      start = end + 1
    }
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length
    this.#isTooLong = this.#bytes > this.#maxBytes
    if (this.#isTooLong) this.#pieces = []
    else if (piece.length > 0) this.#pieces.push(piece)
  }

  #joined(): Buffer {
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
  }

  #startLine(): void {
    this.#pieces = []
    this.#bytes = 0
    this.#isTooLong = false
  }
}
