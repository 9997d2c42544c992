import { plainQuestionWords, plainWords, stem, wordsOf } from '../catalog/words/words.js'
import { splitFirstSentence } from '../catalog/words/first-sentence.js'
import { clausesOf, WHOLE_SHARE } from '../embedding/clauses.js'
import { ASKERS_NAMES, asksForOwn, isOfAsker } from './asker.js'
import { capitalisedWords } from './capitalised.js'
import { asksForDestruction, destroys } from './destruction.js'
import { asksForMany, intentsOf, methodFit, onlyReads, PARTICLES, type Intent } from './intent.js'
import { joinedWords } from './joined-words.js'
import { creates, onlySwitches } from './switching.js'
import { shareOfName, startOfName } from './start-of-name.js'

/** What of an operation is looked at closely. */
export interface CloseView {
  method: string
  path: string
  operation_id: string | null
  summary: string | null
  /** Read where there is no summary, and for quoted phrases. */
  description: string | null
  effect: 'read' | 'write' | 'destructive'
  is_deprecated: boolean
}

/** A question taken apart once, for all operations that are compared with it. */
export interface QuestionView {
  /** The whole question first, then its clauses, if any. */
  parts: { words: string[]; stems: string[] }[]
  /** Of the whole; neighbours joined too. */
  stems: ReadonlySet<string>
  joined: ReadonlyMap<string, readonly [string, string]>
  intents: ReadonlySet<Intent>
  wantsMany: boolean
  /** It speaks of what is the asker's. */
  isOwn: boolean
  wantsDestruction: boolean
  /** It turns something on or off. */
  switches: boolean
  /** It reads, and names a thing that no word of the catalog is. */
  looksUp: boolean
  /** What it has in quotes, as stems. */
  phrases: string[][]
  /** The start of an operationId that it may be. */
  start: string | null
  wantsWebhooks: boolean
}

/**
 * How much each trait adds to a hit's score, which is 0–1 before. Fitted in coarse steps on four
 * development sets alone and five among 80,000 operations together; what each is worth is in
 * docs/search.md.
 */
const WEIGHTS = {
  /** Words of the question as they are written, beside their stems in the index. */
  asWritten: 0.2,
  /** Neighbours in the question that are neighbours in the operation's names. */
  neighbours: 0.1,
  /** Few words in the path that the question does not have: what it names, not what lies below. */
  shortPath: 0.4,
  /** The same of the summary. */
  shortSummary: 0.2,
  /** The last word of the path that is no parameter: what the operation is about. */
  subject: 0.1,
  /** The method does what the question's verb says. */
  method: 0.15,
  /** It takes nothing away, or that is asked for; and makes nothing where something is switched. */
  harmless: 0.25,
  /** A collection, where several things are wanted. */
  collection: 0.15,
  /** A search, where a thing is known by its name: only a search leads from a name to an id. */
  lookUp: 0.25,
  /** A quoted phrase, word for word. */
  phrase: 0.3,
  /** Not deprecated. */
  current: 0.2,
  /** Share of the weight of the question's words that the operation has, wherever. */
  found: 0.1,
  /** Of a spec that the question names. */
  named: 0.1,
  /** Of what belongs to whoever asks, where the question says "my". */
  own: 0.15,
  /** Its operationId begins with what the question is. */
  begun: 0.5,
  /** A call that one makes, and no webhook, which one gets; or webhooks are asked for. */
  call: 0.5,
}
type Trait = keyof typeof WEIGHTS

/** What all traits together can add. */
export const MOST = Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0)

/** So many words that were not asked for are as bad as more. */
const MANY_WORDS = 15
/**
 * Taken for an operation without a summary. The mean of the development sets' right answers is .8; more,
 * since what lacks a summary lacks its words in the score by words too.
 */
const WITHOUT_SUMMARY = 0.9
const MAX_SENTENCE_CHARS = 200
/** How paths of webhooks begin. */
const WEBHOOK = 'webhook:'
/** What webhooks are asked for by, as stems. */
const WEBHOOK_WORDS = new Set(['webhook', 'hook', 'event', 'callback', 'notif', 'notifi'])

export function viewQuestion(
  question: string,
  {
    unknownStems,
    naming,
    isFilteredToDestroy,
  }: {
    unknownStems: ReadonlySet<string>
    naming: readonly string[]
    isFilteredToDestroy: boolean
  },
): QuestionView {
  const parts = [question, ...clausesOf(question)].map((part) => {
    const words = plainQuestionWords(part)
    return { words, stems: words.map(stem) }
  })
  const intents = intentsOf(question)
  const joined = joinedWords(parts[0]?.words ?? [])
  return {
    parts,
    stems: new Set([...(parts[0]?.stems ?? []), ...joined.keys()]),
    joined,
    intents,
    wantsMany: asksForMany(question, intents),
    isOwn: asksForOwn(question, naming),
    wantsDestruction: isFilteredToDestroy || asksForDestruction(question),
    switches: onlySwitches(question, intents),
    looksUp: onlyReads(intents) && namesAThing(question, unknownStems),
    start: startOfName(question),
    wantsWebhooks: parts[0]?.stems.some((word) => WEBHOOK_WORDS.has(word)) ?? false,
    phrases: quotedIn(question)
      .map(wordsOf)
      .filter((phrase) => phrase.length > 1),
  }
}

/** A capitalised word within the question that the catalog does not know, or something quoted. */
function namesAThing(question: string, unknownStems: ReadonlySet<string>): boolean {
  if (quotedIn(question).length > 0) return true
  return [...capitalisedWords(question)].some((word) => unknownStems.has(stem(word)))
}

function quotedIn(question: string): string[] {
  return [...question.matchAll(/["“]([^"“”]{1,200})["”]/g)].map(([, text]) => text ?? '')
}

/** Of so many words; one alone may be anybody's, and particles are nobody's. */
const SAID = 2

/** Whether a summary has every word of a question. */
export function saysAll({ parts: [whole] }: QuestionView, summary: string | null): boolean {
  if (!whole || summary === null) return false
  const said = new Set(wordsOf(summary))
  const things = whole.stems.filter((word) => !PARTICLES.has(word))
  return new Set(things).size >= SAID && whole.stems.every((word) => said.has(word))
}

/** What traits add to a score, 0 to `MOST`. */
export function weighed(traits: Record<Trait, number>): number {
  const names = Object.keys(WEIGHTS) as Trait[]
  return names.reduce((sum, name) => sum + WEIGHTS[name] * traits[name], 0)
}

/** What stands out in an operation for a question, each 0–1. */
export function traitsOf(
  question: QuestionView,
  operation: CloseView,
  { found, isNamed }: { found: number; isNamed: boolean },
): Record<Trait, number> {
  const own = namesOf(operation, question.joined)
  const { path, subject, texts, endsInParameter } = own
  const isOwn =
    question.isOwn && isOfAsker(operation.path, operation.summary ?? operation.description ?? '')
  const isAsked = (word: string) => question.stems.has(word) || (isOwn && ASKERS_NAMES.has(word))
  const unasked = (words: readonly string[]) => new Set(words.filter((w) => !isAsked(w))).size
  const isDestructive = destroys(operation)
  // "unfollow a user": its own verb, whatever that is, begins the summary.
  const [verb = ''] = own.summary
  const isDestructionAsked = question.wantsDestruction || (isAsked(verb) && !subject.includes(verb))
  const isMade = question.switches && creates(operation)
  return {
    asWritten: bestPart(question, ({ words }) => shareOf(words, own.plain)),
    neighbours: bestPart(question, ({ stems }) => shareOf(pairsOf(stems), own.pairs)),
    shortPath: shortness(unasked(path)),
    shortSummary: operation.summary === null ? WITHOUT_SUMMARY : shortness(unasked(own.summary)),
    subject:
      subject.length === 0
        ? 0
        : subject.filter((word) => isAsked(word) && !PARTICLES.has(word)).length / subject.length,
    method: methodFit(question.intents, { ...operation, destroys: isDestructive }),
    harmless: isMade || (isDestructive && !isDestructionAsked) ? 0 : 1,
    collection: question.wantsMany && !endsInParameter ? 1 : 0,
    lookUp: question.looksUp && own.isLookUp ? 1 : 0,
    phrase: hasAnyPhrase(question.phrases, operation, texts) ? 1 : 0,
    current: operation.is_deprecated ? 0 : 1,
    found,
    named: isNamed ? 1 : 0,
    own: isOwn ? 1 : 0,
    begun: shareOfName(question.start, operation.operation_id),
    call: question.wantsWebhooks || !operation.path.startsWith(WEBHOOK) ? 1 : 0,
  }
}

interface Names {
  path: string[]
  /** Or of the first sentence, where there is no summary. */
  summary: string[]
  /** Of the last segment that is no parameter. */
  subject: string[]
  /** Words as written of path, summary and operationId; those that the question has apart, too. */
  plain: ReadonlySet<string>
  /** The same as sequences of stems. */
  texts: string[][]
  pairs: ReadonlySet<string>
  endsInParameter: boolean
  isLookUp: boolean
}

function namesOf(
  { path, operation_id, summary, description }: CloseView,
  joined: QuestionView['joined'],
): Names {
  const [firstSentence] = splitFirstSentence(description ?? '')
  const segments = path.split('/').filter((segment) => !/^\{[^{}]*\}$/.test(segment))
  const spoken = [
    segments.flatMap(plainWords).filter((word) => !isVersion(word)),
    plainWords(summary ?? firstSentence.slice(0, MAX_SENTENCE_CHARS)),
    plainWords(operation_id ?? ''),
  ]
  const texts = spoken.map((words) => words.map(stem))
  const stems = new Set(texts.flat())
  const apart = [...joined].flatMap(([term, pair]) => (stems.has(term) ? [pair] : []))
  return {
    path: texts[0] ?? [],
    summary: texts[1] ?? [],
    subject: [...new Set(wordsOf(segments.at(-1) ?? ''))],
    plain: new Set([...spoken, ...apart].flat()),
    texts,
    pairs: new Set([...texts, ...apart.map((pair) => pair.map(stem))].flatMap(pairsOf)),
    endsInParameter: /\{[^{}]*\}\/?$/.test(path),
    isLookUp:
      stems.has('search') || stems.has('lookup') || /^(?:find|queri)/.test(texts[0]?.[0] ?? ''),
  }
}

/** `v1`, `2`, `api`, `rest`: of every path in a document, said by nobody. */
function isVersion(word: string): boolean {
  return /^(?:v?\d+|api|rest)$/.test(word)
}

/** As questions with clauses are scored everywhere: a share of the whole, the rest the best clause. */
function bestPart(
  { parts: [whole, ...clauses] }: QuestionView,
  score: (part: QuestionView['parts'][number]) => number,
): number {
  if (!whole) return 0
  if (clauses.length === 0) return score(whole)
  return WHOLE_SHARE * score(whole) + (1 - WHOLE_SHARE) * Math.max(...clauses.map(score))
}

function shareOf(wanted: readonly string[], has: ReadonlySet<string>): number {
  const distinct = [...new Set(wanted)]
  return distinct.length === 0 ? 0 : distinct.filter((one) => has.has(one)).length / distinct.length
}

function pairsOf(words: readonly string[]): string[] {
  return words.slice(1).map((word, at) => `${words[at]} ${word}`)
}

/** 1 without unasked words, 0 with many. */
function shortness(unasked: number): number {
  return 1 - Math.min(1, Math.log2(1 + unasked) / Math.log2(1 + MANY_WORDS))
}

function hasAnyPhrase(
  phrases: readonly string[][],
  { description }: CloseView,
  texts: readonly string[][],
): boolean {
  if (phrases.length === 0) return false
  const all = [...texts, wordsOf(description ?? '')]
  return phrases.some((phrase) => all.some((text) => hasPhrase(text, phrase)))
}

function hasPhrase(text: readonly string[], phrase: readonly string[]): boolean {
  return text.some((_, at) => phrase.every((word, n) => text[at + n] === word))
}
