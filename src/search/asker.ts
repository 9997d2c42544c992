import { plainQuestionWords, rawWords } from '../catalog/words/words.js'

/** The word for whoever asks, in questions and in paths. */
export const ASKER = 'me'

/** What documents call whoever asks, where it is not `me`: "the authenticated user". */
export const ASKERS_WORDS = ['authenticated', 'current', 'user']

/** The same, and `me`, as stems. */
export const ASKERS_NAMES: ReadonlySet<string> = new Set(['me', 'authent', 'current', 'user'])

const POSSESSIVES = new Set(['my', 'mine'])

/** `/me/…`, `/user/repos`, but not `/user/{id}`. */
const OWN_PATH = /(?:^|\/)(?:@?me|self|myself|whoami|user)(?:$|[/.](?!\{))/i
const OWN_TEXT =
  /\b(?:authenticated|authorized|current|logged[ -]?in|signed[ -]?in|your own)\b[^.]{0,20}\b(?:user|account|profile)\b/i

/** "My repositories". "I want to …" tells who asks, and not whose it is. */
export function asksForOwn(question: string, naming: readonly string[]): boolean {
  return rawWords(question).some((word) => POSSESSIVES.has(word)) || asksWhoAsks(question, naming)
}

/** "Who am I?", "who am I in github": nothing is asked but that, beside the words that name a spec. */
export function asksWhoAsks(question: string, naming: readonly string[]): boolean {
  const isOfAsker = plainQuestionWords(question).every(
    (word) => word === ASKER || naming.includes(word),
  )
  return isOfAsker && rawWords(question).includes('i')
}

/** Whether an operation is about what belongs to whoever asks. */
export function isOfAsker(path: string, text: string): boolean {
  return OWN_PATH.test(path) || OWN_TEXT.test(text)
}
