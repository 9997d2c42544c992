import { rawWords } from '../catalog/words/words.js'

const WITHIN_A_SENTENCE = /(?<=[\p{L}\p{N},'’] )\p{Lu}[\p{L}\p{N}’'-]*/gu

/** The words, in lower case, that stand with a capital within a sentence: mostly names. */
export function capitalisedWords(text: string): Set<string> {
  return new Set([...text.matchAll(WITHIN_A_SENTENCE)].flatMap(([word]) => rawWords(word)))
}
