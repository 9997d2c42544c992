import type { SpecWarning } from './parsed-spec.js'
import { stripUnseen } from './search-text.js'

/** Of one code. A document with 40,000 dangling references says so in 200 warnings and a sum. */
const MAX_PER_CODE = 200

/** Of a pointer and of a message. Keys can be as long as a document. */
const MAX_CHARS = 2_000

/** Collects warnings, at most `MAX_PER_CODE` of a code; those beyond are counted in one last. */
export class WarningList {
  readonly #items: SpecWarning[] = []
  readonly #counts = new Map<string, number>()
  /** Parts that several references reach are looked at several times. */
  readonly #known = new Set<string>()

  /** `line` from 1, where it is known. */
  add(code: string, pointer: string, message: string, line?: number): void {
    const count = (this.#counts.get(code) ?? 0) + 1
    // Pointers of a document made for it are not even put together, a thousand times a megabyte.
    const isLong = pointer.length > MAX_CHARS
    const key = isLong && count > MAX_PER_CODE ? '' : `${code} ${cut(pointer)} ${cut(message)}`
    if (this.#known.has(key)) return
    this.#counts.set(code, count)
    if (count > MAX_PER_CODE) return
    this.#known.add(key)
    const place = line === undefined ? {} : { line }
    this.#items.push({ code, pointer: shown(pointer), message: shown(message), ...place })
  }

  /** All of them in the order they came, followed by the sums of what was not kept. */
  all(): SpecWarning[] {
    const sums = [...this.#counts]
      .filter(([, count]) => count > MAX_PER_CODE)
      .map(([code, count]) => ({
        code,
        pointer: '',
        message: `${count - MAX_PER_CODE} more warnings of this kind are not listed.`,
      }))
    return [...this.#items, ...sums]
  }
}

/** Pointers and messages name keys as they were written, less what no reader would see. */
function shown(text: string): string {
  return stripUnseen(cut(text)).replace(/[\t\n\r]/g, ' ')
}

function cut(text: string): string {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text
}
