import { stemmer } from 'stemmer'

/**
 * Words too common to tell operations apart, among them the politeness of questions ("give me",
 * "show me"). Measured: the largest single text step, +.13 recall@5 on RestBench's questions.
 */
const STOP_WORDS = new Set(
  (
    'a about all also am an and any are as at be been being but by can could did do does for from ' +
    'give had has have how i if in into is it its just like mine my need of on or our please show ' +
    'so some tell than that the their them then there these they this to us want was we were ' +
    'what when where which who will with would you your'
  ).split(' '),
)

/** "my photo" and "groups I belong to" ask for what paths call `/me`. */
const ASKER = new Set(['i', 'me', 'mine', 'my'])
/** Before "me" these make it politeness: "show me", "for me". */
const POLITE = new Set('bring find for get give help let list send show tell to'.split(' '))

/** A word longer than this is no word (a hash, a base64 blob): it is cut. */
const MAX_WORD_LENGTH = 64

/**
 * The index words of a text, in order, with repeats: split at everything that is no letter or
 * digit and at camelCase borders, lower-cased, without stop words, English words stemmed. Linear
 * in the length of the text.
 */
export function wordsOf(text: string): string[] {
  return plainWords(text).map(stem)
}

/**
 * The index words of a question: as those of a text, and `me` where the asker speaks of himself.
 * Measured on questions to an API with `/me` paths: +.013 nDCG@10, elsewhere within .003.
 */
export function questionWords(question: string): string[] {
  return plainQuestionWords(question).map(stem)
}

/** The same words of a text before stemming. */
export function plainWords(text: string): string[] {
  return rawWords(text).filter((word) => !STOP_WORDS.has(word))
}

/** The same words of a question before stemming. */
export function plainQuestionWords(question: string): string[] {
  return rawWords(question).flatMap((word, at, all) => {
    if (ASKER.has(word)) return word === 'me' && POLITE.has(all[at - 1] ?? '') ? [] : ['me']
    // "Who am I": the verb of who asks.
    if (word === 'am' && (all[at - 1] === 'i' || all[at + 1] === 'i')) return []
    return STOP_WORDS.has(word) ? [] : [word]
  })
}

/** The lower-cased words of a text before stop words and stemming. */
export function rawWords(text: string): string[] {
  const words: string[] = []
  for (const [run] of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    for (const part of splitCamelCase(run)) words.push(cut(part.toLowerCase()))
  }
  return words
}

/** Between characters, not within one that takes two units. */
function cut(word: string): string {
  return word.length <= MAX_WORD_LENGTH ? word : Array.from(word).slice(0, MAX_WORD_LENGTH).join('')
}

const stems = new Map<string, string>()

/** Porter's stem of an English word; other words stay as they are. */
export function stem(word: string): string {
  if (!/^[a-z]{3,}$/.test(word)) return word
  let known = stems.get(word)
  if (known === undefined) {
    if (stems.size > 50_000) stems.clear()
    stems.set(word, (known = stemmer(word)))
  }
  return known
}

/** `createHTTPRequest` → create, HTTP, Request. Digits stay with the letters before them. */
function splitCamelCase(run: string): string[] {
  return run.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u)
}
