import { plainQuestionWords, questionWords, stem } from '../catalog/words/words.js'
import type { Queryable } from '../db/database.js'
import { clausesOf } from '../embedding/clauses.js'
import { capitalisedWords } from './capitalised.js'
import { ASKER, ASKERS_WORDS, asksWhoAsks } from './asker.js'
import { joinedWords, mostTelling } from './joined-words.js'
import { startOfName } from './start-of-name.js'
import { completeWord, mendWords, type GuessedWord, type KnownWord } from './known-words.js'
import type { Scope } from './scope.js'

/** A word of the question with its weight: how rare it is in the catalogs asked. */
export interface QueryTerm {
  /** As in the index. */
  term: string
  /** As in the question, in lower case. */
  word: string
  /** Inverse document frequency; less for a guess. */
  idf: number
  /** Which clauses of the question have it, from 1; empty where the question has no clauses. */
  clauses: number[]
  /** Operations that have it; 0 for a word that occurs nowhere. */
  df: number
  /** What was taken for a word that occurs nowhere, as it is written; null for a word that is known. */
  guess: string | null
  /** The two neighbours in the question of which it is made: "pull requests" for `pullrequests`; else empty. */
  joins: readonly string[]
}

/** A question of more words than this is answered by its rarest ones. */
const MAX_TERMS = 64
/** What a guessed word counts of a written one. */
const GUESS_WEIGHT = 0.7
/** A question of so few words may end in the start of a word, as one that is a name may. */
const SHORT_QUESTION = 2
const MIN_START = 3

/** The known and unknown words of a question with their inverse document frequencies. */
export async function queryTerms(
  db: Queryable,
  query: string,
  { catalogIds, operationCount }: Scope,
  /** Those of them that name a spec: no typing errors. */
  naming: readonly string[],
): Promise<QueryTerm[]> {
  const asked = plainQuestionWords(query)
  const words = asksWhoAsks(query, naming) ? [...asked, ...ASKERS_WORDS] : asked
  const wordOf = new Map(words.map((word) => [stem(word), word]))
  const joined = new Map([...joinedWords(words)].filter(([term]) => !wordOf.has(term)))
  const known = await frequencies(db, catalogIds, [...wordOf.keys(), ...joined.keys()])
  // Where nothing is called so, "my" is only politeness.
  if (!known.has(ASKER)) wordOf.delete(ASKER)
  const unknown = [...wordOf].flatMap(([term, word]) =>
    known.has(term) || naming.includes(word) ? [] : [word],
  )
  const guesses = await guess(db, query, catalogIds, unknown, wordOf.size)
  const clauses = clausesOf(query).map((clause) => new Set(questionWords(clause)))
  const clausesWith = (...terms: string[]) =>
    clauses.flatMap((some, n) => (terms.every((term) => some.has(term)) ? [n + 1] : []))
  const weighed = [...wordOf].map(([own, word]): QueryTerm => {
    const guessed = guesses.get(word)
    const { term, df } = guessed ?? { term: own, df: known.get(own) ?? 0 }
    const idf = inverseFrequency(df, operationCount)
    return {
      term,
      word,
      df,
      idf: guessed ? GUESS_WEIGHT * idf : idf,
      clauses: clausesWith(own),
      guess: guessed?.written ?? null,
      joins: [],
    }
  })
  const single = askerLast(weighed)
  const weightOf = new Map(single.map(({ word, idf }) => [word, idf]))
  const pairs = [...joined].map(([term, joins]): QueryTerm => {
    const df = known.get(term) ?? 0
    const both = joins.reduce((sum, word) => sum + (weightOf.get(word) ?? 0), 0)
    const idf = Math.min(both, inverseFrequency(df, operationCount))
    const of = clausesWith(...joins.map(stem))
    return { term, word: joins.join(' '), df, idf, clauses: of, guess: null, joins }
  })
  return [...single, ...mostTelling(pairs.filter(({ df }) => df > 0))]
    .toSorted((a, b) => b.idf - a.idf)
    .slice(0, MAX_TERMS)
}

/** The question with what was taken for its typing errors, which are verbs as often as things. */
export function asUnderstood(query: string, terms: readonly QueryTerm[]): string {
  return terms.reduce(
    (text, { word, guess }) =>
      guess === null
        ? text
        : text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'giu'), guess),
    query,
  )
}

/** In how many operations each of the words is; those in none are left out. */
async function frequencies(
  db: Queryable,
  catalogIds: readonly number[],
  terms: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.query<KnownWord>(
    `select term, sum(df)::integer as df from api_catalog.catalog_terms
     where catalog_id = any($1) and term = any($2) group by term`,
    [catalogIds, terms],
  )
  return new Map(rows.map(({ term, df }) => [term, df]))
}

function inverseFrequency(df: number, operationCount: number): number {
  return Math.log(1 + (operationCount - df + 0.5) / (df + 0.5))
}

/**
 * Who asks tells less than what is asked: "my" counts no more than any other word that the catalogs
 * know, and nothing where they know none.
 */
function askerLast(terms: readonly QueryTerm[]): QueryTerm[] {
  const others = terms.filter(({ term }) => term !== ASKER)
  if (others.length === 0) return [...terms]
  const most = Math.min(...others.filter(({ df }) => df > 0).map(({ idf }) => idf))
  if (most === Infinity) return others
  return terms.map((term) =>
    term.term === ASKER ? { ...term, idf: Math.min(term.idf, most) } : term,
  )
}

/** What unknown words may mean. Names, which have a capital, mean themselves. */
async function guess(
  db: Queryable,
  query: string,
  catalogIds: readonly number[],
  unknown: readonly string[],
  wordCount: number,
): Promise<Map<string, GuessedWord>> {
  if (unknown.length === 0) return new Map()
  const last = unknown.at(-1) ?? ''
  const isShort = wordCount <= SHORT_QUESTION || startOfName(query) !== null
  if (isShort && last.length >= MIN_START && endsWith(query, last)) {
    const completed = await completeWord(db, catalogIds, last)
    if (completed) return new Map([[last, completed]])
  }
  const names = capitalisedWords(query)
  return mendWords(
    db,
    catalogIds,
    unknown.filter((word) => !names.has(word)),
  )
}

function endsWith(query: string, word: string): boolean {
  return query.trimEnd().toLowerCase().endsWith(word)
}
