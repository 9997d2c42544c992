import { rawWords } from '../catalog/words/words.js'
import { asksForDestruction } from './destruction.js'

/** "To accidentally delete"; but "not only delete" wants it. */
const ADVERB = String.raw`(?:(?!only\b)\p{L}+ly\s+|ever\s+)?`
/** The verb, and another of which the same is said: "delete or archive". */
const VERB = String.raw`(?<verb>\p{L}+)(?:\s+(?:or|nor)\s+\p{L}+)?\b`
/** "I don't want *anybody* to", "don't want *the project* deleted": what is still spoken of. */
const KEPT = String.raw`(?<kept>(?:\s+\p{L}+){0,3}?)\s+`
const PASSIVE = String.raw`(?=\p{L}+ed\b)`
/** Of whatever may be a thing as well ("without release") only what surely is a verb. */
const ING = String.raw`(?=\p{L}+ing\b)`
const BARE = String.raw`(?!\p{L}+ed\b)`

const NEGATION = String.raw`\b(?:not|never|no\s+longer|(?:do|does|did|would|wo|is|are|was)n['’]?t)`
const WISH =
  '(?:want|wants|wish|wishes|mean|meant|need|have|like|plan|planning|intend|intending|going|trying|' +
  'supposed)'
/** Not behind "can" or "does": "the app can not delete" tells what somebody wants; "why not" offers it. */
const MUST_NOT = [
  String.raw`(?:(?<!\b(?:can|could|does|did|will|would|why)\s)\b(?:not|never)`,
  String.raw`\b(?:do|must|should|sha|need)n['’]?t)`,
].join('|')
const NOBODY = String.raw`\b(?:nobody|no[\s-]?one)\s+(?:should|must|shall|may|wants\s+to|is\s+to)`
/** States as often as verbs: "which are not empty". */
const NO_STATE = '(?!(?:empty|void|clear|clean)\\b)'

/** Ways to say that something is not to be done. */
const REFUSALS = [
  String.raw`${NEGATION}\s+(?:${WISH}${KEPT})?to\s+${ADVERB}(?:be\s+)?${VERB}`,
  String.raw`${NEGATION}\s+${WISH}${KEPT}(?:be(?:ing)?\s+)?${PASSIVE}${VERB}`,
  String.raw`(?:${MUST_NOT}|${NOBODY})\s+(?:${ADVERB}be\s+${PASSIVE}|${ADVERB}${NO_STATE}${BARE})${VERB}`,
  String.raw`\b(?:avoid|stop|without|instead\s+of|rather\s+than)\s+${ADVERB}${ING}${VERB}`,
  String.raw`\b(?:without\s+having\s+to|instead\s+of|rather\s+than)\s+${BARE}${VERB}`,
].map((way) => new RegExp(way, 'giu'))

/** What takes back that which was done against the wish; it takes nothing away. */
const TAKING_BACK = /\bundo\b/giu

/**
 * The question without "don't delete", "I do not want to cancel", "without deleting", "nobody should
 * remove": words and vectors know no negation, and would find just that. What it was to be done to stays.
 * As it is where nothing else is in it.
 */
export function withoutRefused(question: string): string {
  const rest = REFUSALS.reduce((text, way) => text.replace(way, unlessHarmless), question)
  if (rest === question || rawWords(rest).length === 0) return question
  return rest.replace(TAKING_BACK, ' ')
}

function unlessHarmless(said: string, ...more: unknown[]): string {
  const { verb = '', kept = '' } = more.at(-1) as { verb?: string; kept?: string }
  return asksForDestruction(verb) ? `${kept} ` : said
}
