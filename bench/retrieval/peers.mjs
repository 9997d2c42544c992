import { create, insertMultiple, search } from '@orama/orama'
import MiniSearch from 'minisearch'
import { wordsOf } from '../../dist/catalog/words/words.js'

const FIELDS = ['path', 'operationId', 'summary', 'description', 'tags', 'parameters', 'method']
/** Results asked of a peer: more than any figure looks at. */
const DEPTH = 50
/** Orama takes minutes to index more, and minutes for a question. */
const MOST_FOR_ORAMA = 20_000

/** Rankings by other means over the same operations, by name: `(query, isInScope) → indices`. */
export async function peerRankings(operations) {
  const rankings = new Map([
    ['substring, all words', substringAnd(operations)],
    ['MiniSearch, our words', miniSearch(operations)],
  ])
  if (operations.length <= MOST_FOR_ORAMA) rankings.set('Orama', await orama(operations))
  return rankings
}

/** Every word of the question must be part of a field; in the order of path and method. */
export function substringAnd(operations) {
  const texts = operations.map(({ operationId, path, summary, spec, tags }) =>
    [operationId, path, summary, spec, tags].join(' ').toLowerCase(),
  )
  const order = operations
    .map((_, index) => index)
    .toSorted((a, b) => compare(operations[a].path, operations[b].path) || compareMethods(a, b))
  return (query, isInScope) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    return order.filter(
      (index) => isInScope(operations[index]) && words.every((word) => texts[index].includes(word)),
    )
  }

  function compareMethods(a, b) {
    return compare(operations[a].method, operations[b].method)
  }
}

/** `.6 · (cos + 1) / 2 + .4 · (has every word)`; `cosines(query)` gives one for each operation. */
export function cosineAndAllWords(operations, cosines) {
  const withAllWords = substringAnd(operations)
  return async (query, isInScope) => {
    const has = new Set(withAllWords(query, isInScope))
    const scores = (await cosines(query)).map(
      (cosine, index) => 0.3 * (cosine + 1) + (has.has(index) ? 0.4 : 0),
    )
    return operations
      .map((_, index) => index)
      .filter((index) => isInScope(operations[index]))
      .toSorted((a, b) => scores[b] - scores[a] || a - b)
      .slice(0, DEPTH)
  }
}

function miniSearch(operations) {
  const index = new MiniSearch({
    fields: FIELDS,
    idField: 'index',
    tokenize: wordsOf,
    processTerm: (word) => word,
  })
  index.addAll(operations)
  return (query, isInScope) =>
    index
      .search(query, { filter: ({ id }) => isInScope(operations[id]) })
      .slice(0, DEPTH)
      .map(({ id }) => id)
}

async function orama(operations) {
  const database = create({
    schema: Object.fromEntries(FIELDS.map((field) => [field, 'string'])),
  })
  await insertMultiple(
    database,
    operations.map((operation) => ({
      id: String(operation.index),
      ...Object.fromEntries(FIELDS.map((field) => [field, operation[field]])),
    })),
  )
  return async (query, isInScope) => {
    const { hits } = await search(database, { term: query, limit: operations.length })
    return hits
      .map(({ id }) => Number(id))
      .filter((index) => isInScope(operations[index]))
      .slice(0, DEPTH)
  }
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}
