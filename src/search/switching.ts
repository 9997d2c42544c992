import { rawWords } from '../catalog/words/words.js'
import type { Intent } from './intent.js'

const SWITCHES =
  /\b(?:turn|switch|power)(?:s|ed|ing)?\s+(?:[\p{L}\p{N}_-]+\s+){0,4}?(?:on|off|up|down)\b/iu

/** What begins or ends the name of an operation that makes a thing. */
const CREATES = new Set('create add insert new make provision'.split(' '))

/** Whether a question switches something that there is: "turn on a droplet" makes none. */
export function onlySwitches(question: string, intents: ReadonlySet<Intent>): boolean {
  return !intents.has('create') && SWITCHES.test(question)
}

/** Whether an operation makes a thing, by its method and its name: `droplets_create`, "Add a lamp". */
export function creates(operation: {
  method: string
  operation_id: string | null
  summary: string | null
}): boolean {
  const { method, operation_id, summary } = operation
  if (method !== 'POST') return false
  const id = rawWords(operation_id ?? '')
  const names = [id[0], id.at(-1), rawWords(summary ?? '')[0]]
  return names.some((word) => word !== undefined && CREATES.has(word))
}
