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

export type TailOf = (servers: unknown[], security: unknown[] | null, own: JsonObject) => Tail

/** Most operations have the servers and the security of the one before: they share its tail. */
export function createTailOf(): TailOf {
  const written = new Map<unknown[] | null, string>()
  let latest: { servers: unknown[]; security: unknown[] | null; tail: Tail } | null = null

  /** Each list once, however many operations share it; not those that only this one has. */
  function textOf(list: unknown[] | null, own: unknown): string {
    const text = written.get(list) ?? JSON.stringify(list)
    if (list !== own) written.set(list, text)
    return text
  }

  return (servers, security, own) => {
    if (latest?.servers === servers && latest.security === security) return latest.tail
    const serversText = textOf(servers, own['servers'])
    const json = `,"servers":${serversText},"security":${textOf(security, own['security'])}}`
    const refs = json.includes('$') ? refsInJson(json) : NO_REFS
    const tail = { json, refs, references: [...refs.pointers, ...securityPointers(security)] }
    latest = { servers, security, tail }
    return tail
  }
}
