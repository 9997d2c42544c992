import { stem } from '../catalog/words/words.js'
import type { Queryable } from '../db/database.js'
import { loadDictionary } from '../embedding/bundled/dictionary.js'

/** A word of the index and in how many operations it is. */
export interface KnownWord {
  term: string
  df: number
}

/** What an unknown word may mean. */
export interface GuessedWord extends KnownWord {
  /** A whole word, as people write it. */
  written: string
}

/** More words that nobody knows are no typing errors, but names or another language. */
const MAX_MENDED = 4
/** Of shorter words too many others are one edit away; longer ones are no words. */
const MENDABLE = /^[a-z]{4,20}$/
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz')

/**
 * For words that the catalogs do not know and no dictionary has, the most frequent one that two
 * neighbours swapped make of it, else the most frequent that is a letter left out, put in or changed
 * away, the first letter being right. All such edits are made and looked up (Norvig 2007), so it
 * costs the same in any vocabulary: some 600 keys of an index a word.
 */
export async function mendWords(
  db: Queryable,
  catalogIds: readonly number[],
  words: readonly string[],
): Promise<Map<string, GuessedWord>> {
  const mendable = words.filter((word) => MENDABLE.test(word))
  if (mendable.length === 0) return new Map()
  const dictionary = await loadDictionary()
  const typed = mendable.filter((word) => !dictionary.has(word)).slice(0, MAX_MENDED)
  const editsOf = new Map(
    typed.map((word) => [word, likeliestFirst([swapsOf(word), editsOfWord(word)], dictionary)]),
  )
  const wanted = [...new Set([...editsOf.values()].flat().flatMap((edits) => [...edits.keys()]))]
  if (wanted.length === 0) return new Map()
  const known = await db.query<KnownWord>(
    `select term, sum(df)::integer as df from api_catalog.catalog_terms
     where catalog_id = any($1) and term = any($2) group by term order by 2 desc, 1`,
    [catalogIds, wanted],
  )
  return new Map(
    [...editsOf].flatMap(([word, kinds]) => {
      const [nearest] = kinds.flatMap((edits) => {
        const best = known.find(({ term }) => edits.has(term))
        return best ? [{ ...best, written: edits.get(best.term) ?? best.term }] : []
      })
      return nearest ? [[word, nearest]] : []
    }),
  )
}

/**
 * The edits by their stems, one kind after the other, of both first what is a word: `delte` is `delete`,
 * though with two letters swapped it would be `delet`, as the index writes that.
 */
function likeliestFirst(
  kinds: readonly (readonly string[])[],
  dictionary: ReadonlySet<string>,
): Map<string, string>[] {
  const isWord = (edit: string) => dictionary.has(edit)
  const words = kinds.map((edits) => edits.filter(isWord))
  return [...words, ...kinds.map((edits) => edits.filter((edit) => !isWord(edit)))].map(byStem)
}

/** The edits by their stems. */
function byStem(edits: readonly string[]): Map<string, string> {
  return new Map(edits.map((edit) => [stem(edit), edit]))
}

/** The words that two swapped neighbours make of it. */
function swapsOf(word: string): string[] {
  return Array.from(
    word.slice(1),
    (next, at) => word.slice(0, at) + next + word[at] + word.slice(at + 2),
  )
}

/** The words that are a letter away behind its first, which is seldom wrong. */
function editsOfWord(word: string): string[] {
  const edits: string[] = []
  for (let at = 1; at <= word.length; at++) {
    const [before, after] = [word.slice(0, at), word.slice(at)]
    edits.push(before + after.slice(1))
    for (const letter of LETTERS)
      edits.push(before + letter + after, before + letter + after.slice(1))
  }
  return edits
}

/** The most frequent word that starts so: what somebody was about to type. */
export async function completeWord(
  db: Queryable,
  catalogIds: readonly number[],
  start: string,
): Promise<GuessedWord | null> {
  const [known] = await db.query<KnownWord>(
    `select term, sum(df)::integer as df from api_catalog.catalog_terms
     where catalog_id = any($1) and starts_with(term, $2) group by term order by 2 desc, 1 limit 1`,
    [catalogIds, start],
  )
  return known ? { ...known, written: await wholeWord(known.term, start) } : null
}

/** The shortest word of this stem that begins as it was typed: `repository` of `repositori`. */
async function wholeWord(term: string, start: string): Promise<string> {
  const dictionary = await loadDictionary()
  const words = [...dictionary].filter((word) => word.startsWith(start) && stem(word) === term)
  return words.reduce((best, word) => (word.length < best.length ? word : best), words[0] ?? term)
}
