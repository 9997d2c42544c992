import type { Effect } from '../catalog/prepared-spec.js'
import { plainWords, rawWords } from '../catalog/words/words.js'
import { clausesOf } from '../embedding/clauses.js'

/** What a question wants done. */
export type Intent = 'read' | 'look_up' | 'create' | 'update' | 'remove' | 'act'

const VERBS: Record<Exclude<Intent, 'act'>, string> = {
  read:
    'get list show retrieve fetch read view see check who what when where how browse enumerate ' +
    'display count return download export describe inspect which',
  look_up: 'find search query look',
  create:
    'create add post send make insert submit upload register start run book schedule invite ' +
    'assign attach publish generate import new subscribe trigger forward reply invoke take',
  update:
    'update change edit modify set rename patch replace put configure move enable disable ' +
    'partially adjust mark',
  remove: 'delete remove cancel destroy clear unassign unsubscribe revoke drop detach erase',
}

const INTENT_OF = new Map(
  Object.entries(VERBS).flatMap(([intent, verbs]) =>
    verbs.split(' ').map((verb) => [verb, intent as Intent]),
  ),
)

/** How well a method does what is wanted, 0–1; 0 for methods not named. */
const FITS: Record<Intent, Record<string, number>> = {
  read: { GET: 1, HEAD: 0.7 },
  look_up: { GET: 1, QUERY: 1, POST: 0.7 },
  create: { POST: 1, PUT: 0.7 },
  update: { PATCH: 1, PUT: 0.7, POST: 0.7 },
  remove: { DELETE: 1 },
  /** A verb of the API's own: mostly a POST to what it is done to. */
  act: { POST: 1, PUT: 0.8, PATCH: 0.6, DELETE: 0.3 },
}
/** Where the question does not say: what cannot do harm first. */
const FITS_SILENCE = { read: 1, write: 0.3, destructive: 0 }

const LEADING = new Set(
  'can could do give how i let like me need please tell the to want we would you'.split(' '),
)
/** The verb of a clause is among its first words, those of politeness not counted. */
const VERB_WITHIN = 3

const ARTICLES = new Set(['a', 'an', 'the', 'this'])
/** Of verbs, as in "turn off"; alone they tell nothing. */
export const PARTICLES: ReadonlySet<string> = new Set(['off', 'on', 'up', 'down', 'out'])

/** What the question and each of its clauses want done; empty where no verb says it. */
export function intentsOf(question: string): Set<Intent> {
  const intents = [question, ...clausesOf(question)].map(intentOfClause)
  return new Set(intents.filter((intent) => intent !== null))
}

function intentOfClause(clause: string): Intent | null {
  const words = rawWords(clause)
  let seen = 0
  for (const word of words) {
    const intent = intentOfWord(word)
    if (intent) return intent
    if (!LEADING.has(word) && ++seen >= VERB_WITHIN) break
  }
  return isCommand(words) ? 'act' : null
}

/** "reboot a droplet", "turn off the alarm": a verb that no list need have, known by its place. */
function isCommand(words: readonly string[]): boolean {
  const [verb = '', ...rest] = words.slice(words.findIndex((word) => !LEADING.has(word)))
  const [next = ''] = PARTICLES.has(rest[0] ?? '') ? rest.slice(1) : rest
  // "are the", "about a": plainWords leaves out what is so common that it says nothing.
  const isVerb = plainWords(verb).length > 0 && !/[^s]s$/.test(verb)
  return isVerb && ARTICLES.has(next)
}

/** Of `update`: updates, updating; of `get`: getting; of `fetch`: fetches. "Updated items" are things. */
function intentOfWord(word: string): Intent | undefined {
  const forms = [word, word.replace(/s$/, ''), word.replace(/(?:es|ing)$/, '')]
  const known = [...forms, word.replace(/ing$/, 'e'), word.replace(/(.)\1ing$/, '$1')]
  return known.map((form) => INTENT_OF.get(form)).find((intent) => intent !== undefined)
}

/** How well an operation's method does what is wanted, 0–1. A POST that destroys is as a DELETE. */
export function methodFit(
  intents: ReadonlySet<Intent>,
  operation: { method: string; effect: Effect; destroys: boolean },
): number {
  const { effect, destroys } = operation
  if (intents.size === 0) return FITS_SILENCE[destroys ? 'destructive' : effect]
  const method = destroys ? 'DELETE' : operation.method
  return Math.max(...[...intents].map((intent) => FITS[intent][method] ?? 0))
}

/** Whether a reading question asks for several things: a collection rather than one item of it. */
export function asksForMany(question: string, intents: ReadonlySet<Intent>): boolean {
  return onlyReads(intents) && /\b(?:all|lists?|enumerate|multiple|every|many|my)\b/i.test(question)
}

/** Whether nothing is to be changed, as far as its verbs say. */
export function onlyReads(intents: ReadonlySet<Intent>): boolean {
  return [...intents].every((intent) => intent === 'read' || intent === 'look_up')
}
