import { securityPointers } from './find-refs.js'
import type { JsonObject } from './json-value.js'
import { NO_REFS, refsInJson, type WrittenRefs } from './written-refs.js'

/** The end of a definition. */
export interface Tail {
  json: string
  refs: WrittenRefs
  /** What it refers to, security schemes too. */
  references: readonly string[]
}

/** Most operations have the servers and the security of the one before: they share its tail. */
export class Tails {
  readonly #written = new Map<unknown[] | null, string>()
  #latest: { servers: unknown[]; security: unknown[] | null; tail: Tail } | null = null

  /** `own` is the operation as it is written. */
  of(servers: unknown[], security: unknown[] | null, own: JsonObject): Tail {
    const latest = this.#latest
    if (latest?.servers === servers && latest.security === security) return latest.tail
    const serversText = this.#textOf(servers, own['servers'])
    const json = `,"servers":${serversText},"security":${this.#textOf(security, own['security'])}}`
    const refs = json.includes('$') ? refsInJson(json) : NO_REFS
    const tail = { json, refs, references: [...refs.pointers, ...securityPointers(security)] }
    this.#latest = { servers, security, tail }
    return tail
  }

  /** Each list once, however many operations share it; not those that only this one has. */
  #textOf(list: unknown[] | null, own: unknown): string {
    const text = this.#written.get(list) ?? JSON.stringify(list)
    if (list !== own) this.#written.set(list, text)
    return text
  }
}
