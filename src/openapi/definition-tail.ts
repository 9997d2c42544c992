import { securityPointers } from './find-refs.js'
import type { JsonObject } from './json-value.js'
import { refsInJson } from './written-refs.js'

/** The end of a definition, and what that refers to. */
export interface Tail {
  json: string
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
    const pointers = json.includes('$') ? refsInJson(json).pointers : []
    const tail = { json, references: [...pointers, ...securityPointers(security)] }
    latest = { servers, security, tail }
    return tail
  }
}
