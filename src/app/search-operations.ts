import { splitSpecName } from '../catalog/names.js'
import { operationRows, type OperationRow } from '../catalog/operation-rows.js'
import type { Principal } from '../catalog/principal.js'
import { checkCatalog, findSpec } from '../catalog/specs.js'
import { InputError } from '../errors.js'
import { FIRST_PAGE } from '../search/first-page.js'
import { largestSpecs, type Facets } from '../search/facets.js'
import { searchOperations as search } from '../search/search-operations.js'
import { CHARS_PER_TOKEN, type Answer } from './answer.js'
import { pagedAnswer, type PagedAnswer, type PagedHit } from './paged-answer.js'
import { resultPage } from './result-page.js'
import { readCursor, questionKey, rankingKey, writeCursor } from './search-cursor.js'
import { factsOf, shownAlike, whyOf } from './search-facts.js'
import type { SearchInput, SearchResult } from './search-input.js'
import { noteOn } from './search-notes.js'
import type { Services } from './services.js'

const DEFAULT_MAX_TOKENS = 500
/** Best hits of so many specs are spread: a filter would help. */
const MANY_SPECS = 4

/** Finds operations for a question; how it found them and how much is embedded is in the answer. */
export async function searchOperations(
  services: Services,
  principal: Principal,
  input: SearchInput,
): Promise<Answer<SearchResult>> {
  if (input.query.trim() === '') {
    throw new InputError('`query` is empty; say what you want to do, or give an identifier.')
  }
  using _question = services.questions.begin()
  const { ranking } = readCursor(input)
  const known = ranking === null ? undefined : services.rankings.recall(memoryKey(ranking))
  const paged = known ?? (await rank(services, principal, input))
  const own = rankingKey(paged.answer)
  services.rankings.keep(memoryKey(own), paged)
  return searchPage(services, principal, paged, input, {
    hasMoved: ranking !== null && ranking !== own,
  })

  function memoryKey(ranking: string): string {
    return [principal.tenant, questionKey(input), ranking].join(' ')
  }
}

async function rank(
  services: Services,
  principal: Principal,
  input: SearchInput,
): Promise<PagedAnswer> {
  const { searchSeconds, searches, searchesWithoutHit } = services.metrics
  const took = searchSeconds.startTimer({ of: 'whole' })
  const question = {
    query: input.query,
    ...(await namedScope(services, principal, input)),
    method: input.method,
    tag: input.tag,
    pathPrefix: input.path_prefix,
    effect: input.effect,
    ranking: input.ranking ?? 'auto',
  }
  const { db, queries } = services
  const answer = await search(db, principal, queries, question, (of) =>
    searchSeconds.startTimer({ of }),
  )
  took()
  searches.inc({ ranking: answer.ranking, fallback: answer.fallback?.reason ?? 'none' })
  if (answer.hits.length === 0) searchesWithoutHit.inc()
  return pagedAnswer(services.db, answer)
}

/** The page of a ranking that is asked for, as facts and as text. */
export async function searchPage(
  services: Services,
  principal: Principal,
  paged: PagedAnswer,
  input: SearchInput,
  { hasMoved } = { hasMoved: false },
): Promise<Answer<SearchResult>> {
  const { answer, hits } = paged
  const { offset } = readCursor(input)
  const wanted = hits.slice(offset, offset + (input.limit ?? FIRST_PAGE))
  const rows = await rowsOf(services, wanted)
  const shown = wanted.filter(({ op }) => rows.has(op))
  const isWeak = offset === 0 && shown.length > 0 && !shown.some(({ fits }) => fits)
  const note = noteOn(answer, {
    isWeak: isWeak || shown.length === 0,
    areAllWeak: shown.length > 0 && shown.every(({ match }) => match === 'weak'),
    hasMoved,
  })
  const facets = offset === 0 ? await facetsFor(services, principal, input, paged, shown) : null
  const page = resultPage({
    query: input.query,
    answer,
    results: shown.flatMap((hit) => {
      const row = rows.get(hit.op)
      if (!row) return []
      const why = input.explain ? { why: whyOf(hit, row, answer.terms) } : {}
      return [{ ...factsOf(hit, row, rows), ...why }]
    }),
    offset,
    count: hits.length,
    maxChars: (input.max_tokens ?? DEFAULT_MAX_TOKENS) * CHARS_PER_TOKEN,
    cursorAt: (place) => writeCursor(input, answer, place),
    note,
    isWeak,
    facets,
  })
  const next = offset + page.results.length
  return {
    markdown: page.markdown,
    ...(page.next ? { next: page.next } : {}),
    structured: {
      ranking: answer.ranking,
      ...(answer.fallback ? { fallback: answer.fallback.reason } : {}),
      coverage: answer.coverage,
      ...(note ? { note } : {}),
      ...(isWeak ? { nothing_fits: true } : {}),
      total: answer.hits.length,
      results: page.results,
      ...(facets ? { facets } : {}),
      ...(page.results.length > 0 && next < hits.length
        ? { next_cursor: writeCursor(input, answer, next) }
        : {}),
    },
  }
}

async function rowsOf(
  { db }: Services,
  hits: readonly PagedHit[],
): Promise<Map<number, OperationRow>> {
  const ops = hits.flatMap(({ op, alike }) => [op, ...shownAlike(alike)])
  return new Map((await operationRows(db, ops)).map((row) => [row.op, row]))
}

/**
 * Ways to narrow the question: for a first page that is weak or spread over specs. Where nothing
 * fits, the largest specs, which tell what there is.
 */
async function facetsFor(
  { db }: Services,
  principal: Principal,
  input: SearchInput,
  { answer, facets }: PagedAnswer,
  shown: readonly PagedHit[],
): Promise<Facets | null> {
  if (shown.length === 0) {
    if (answer.coverage.total === 0 || input.spec !== undefined) return null
    return { specs: await largestSpecs(db, principal, input.catalog), tags: [] }
  }
  const isWeak = !shown.some(({ fits }) => fits)
  const isSpread = facets.specs.length >= MANY_SPECS
  if (shown.some(({ match }) => match === 'exact') || !(isWeak || isSpread)) return null
  return {
    ...facets,
    specs: input.spec === undefined && facets.specs.length > 1 ? facets.specs : [],
    tags: input.tag === undefined && facets.tags.length > 1 ? facets.tags : [],
  }
}

async function namedScope(
  { db }: Services,
  principal: Principal,
  input: SearchInput,
): Promise<{ catalog?: string; specs?: string[] }> {
  if (input.spec === undefined) {
    await checkCatalog(db, principal, input.catalog)
    return input.catalog === undefined ? {} : { catalog: input.catalog }
  }
  const { catalog, spec } = splitSpecName(input.spec, input.catalog)
  await findSpec(db, principal, spec, catalog)
  return { catalog, specs: [spec] }
}
