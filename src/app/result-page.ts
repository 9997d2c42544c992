import { qualifiedSpec } from '../catalog/names.js'
import type { Facets } from '../search/facets.js'
import type { RankedAnswer } from '../search/search-operations.js'
import { counted, inline, quoted } from './answer.js'
import { DETAILS, inDetail, type Detail, type SearchHit, type Why } from './search-facts.js'
import { EMPTY_SCOPE, facetLine, headline } from './search-notes.js'

/** What a page is made of. */
export interface PageSource {
  query: string
  answer: RankedAnswer
  /** The results wanted, with all that can be said of them. */
  results: readonly SearchHit[]
  /** Results on the pages before, and on all pages together. */
  offset: number
  count: number
  /** Of the text. */
  maxChars: number
  cursorAt: (offset: number) => string
  /** What the reader should know about the answer as a whole. */
  note: string | null
  isWeak: boolean
  /** Ways to narrow the question, where it would help. */
  facets: Facets | null
}

/** A page of search results as Markdown, and the results that fit on it, in the same detail. */
export interface ResultPage {
  markdown: string
  /** What was left out, and the call to make next. */
  next: string
  results: SearchHit[]
}

/** Results for whose sake the others say less. */
const WANTED = 8
/** A longer id is not said twice. */
const MAX_NEXT_ID = 120
/**
 * Results as facts may take so many times the room of the text: 1,000 tokens of a default page, and
 * with what stands beside them 1,200.
 */
const FACTS_SHARE = 2

/**
 * Writes as many results as fit, cut between results: up to eight of them rather shortened than left
 * out, the id never. Then what was left out and the call to make next. Texts of specs are quoted
 * within their line.
 */
export function resultPage(source: PageSource): ResultPage {
  const { results, offset, maxChars } = source
  if (results.length === 0) return { ...emptyPage(source), results: [] }
  const wanted = Math.min(results.length, WANTED)
  const detail = DETAILS.find((detail) => fits(written(source, wanted, detail))) ?? leastDetail()
  for (let count = results.length; count > 0; count--) {
    const page = written(source, count, detail)
    if (fits(page)) return withFacets(source, page, fits)
  }
  const bare = written(source, 1, { ...detail, summary: 0, signatures: 0 })
  if (fits(bare)) return bare
  const line = `${offset + 1}. \`${inline(bare.results[0]?.id ?? '', Infinity)}\``
  const whole = `${headOf(source)}\n\n${line}`
  return { ...bare, markdown: whole.length <= maxChars ? whole : inline(line, maxChars), next: '' }

  function fits(page: ResultPage): boolean {
    const isShort = lengthOfFacts(page.results) <= FACTS_SHARE * maxChars
    return textLength(page) <= maxChars && (isShort || page.results.length === 1)
  }
}

function leastDetail(): Detail {
  return DETAILS.at(-1) ?? DETAILS[0]
}

/** What was asked to be explained comes on top. */
function lengthOfFacts(results: readonly SearchHit[]): number {
  return JSON.stringify(results, (key, value: unknown) => (key === 'why' ? undefined : value))
    .length
}

function textLength({ markdown, next }: ResultPage): number {
  return markdown.length + 2 + next.length
}

function written(source: PageSource, count: number, detail: Detail): ResultPage {
  const results = source.results
    .slice(0, count)
    .map((facts, index) => inDetail(facts, source.offset + index + 1, detail))
  const lines = results.map((hit, n) => resultLine(hit, source.offset + n + 1, detail))
  return {
    markdown: [headOf(source), '', ...lines].join('\n'),
    next: closing(source, source.offset + count),
    results,
  }
}

/** With the filters that would narrow the answer, where there is room for them. */
function withFacets(
  { facets }: PageSource,
  page: ResultPage,
  fits: (page: ResultPage) => boolean,
): ResultPage {
  const line = facets && facetLine(facets)
  if (line === null) return page
  const longer = { ...page, markdown: `${page.markdown}\n\n${line}` }
  return fits(longer) ? longer : page
}

function headOf({ answer, note, isWeak }: PageSource): string {
  return [headline(answer, { isWeak }), ...(note ? [note] : [])].join('\n')
}

function closing(source: PageSource, next: number): string {
  const { results, answer, count, cursorAt, isWeak, facets } = source
  const [first] = results
  const isShort = first && first.id.length <= MAX_NEXT_ID
  const ids = isShort ? `ids: ["${inline(first.id)}"]` : 'ids'
  const call = isWeak ? waysOn(facets, first) : `Next: \`get_operation\` with \`${ids}\`.`
  if (next < count) return `More: \`cursor: "${cursorAt(next)}"\`. ${call}`
  return answer.isCut ? `${call} More fit than are ranked: narrow by spec, tag or method.` : call
}

/**
 * Where nothing fits well, the contract of a hit is not what comes next. The spec that most hits are of
 * is worth asking if the best is of it too.
 */
function waysOn(facets: Facets | null, first: SearchHit | undefined): string {
  const [spec] = facets?.specs ?? []
  const isOfFirst = first && spec?.name === qualifiedSpec(first.catalog, first.spec)
  const within = spec && isOfFirst ? `within \`spec: "${inline(spec.name, 60)}"\`, ` : ''
  return `Next: ask in other words, ${within}or \`list_specs\` to see what there is.`
}

function resultLine(hit: SearchHit, place: number, detail: Detail): string {
  const marks = [hit.effect, ...(hit.deprecated ? ['deprecated'] : [])]
  if (hit.match !== 'strong') marks.push(hit.match === 'exact' ? 'exact' : 'weak match')
  const isOwnName = hit.id.endsWith(`:${hit.method} ${hit.path}`)
  const path = detail.path > 0 ? ` \`${inline(hit.path, detail.path)}\`` : ''
  const where = isOwnName ? '' : ` ${hit.method}${path}`
  const summary = hit.summary ? ` ${quoted(hit.summary, detail.summary)}` : ''
  const [alike] = hit.alike ?? []
  const others = alike ? ` +${hit.alike_count} alike: \`${inline(alike, 200)}\`` : ''
  const signature = hit.signature ? `\n   \`${inline(hit.signature)}\`` : ''
  const why = hit.why ? `\n   ${whyLine(hit.why)}` : ''
  const id = `\`${inline(hit.id, Infinity)}\``
  return `${place}. ${id}${where} (${marks.join(', ')})${summary}${others}${signature}${why}`
}

/** `place (operation_id, summary), order (path); by words 1, by meaning 4` */
function whyLine({ words, rank_lexical, rank_semantic }: Why): string {
  const found = words.map(({ term, fields }) => `${inline(term, 40)} (${fields.join(', ')})`)
  const ranks = [
    ...(rank_lexical === null ? [] : [`by words ${rank_lexical}`]),
    ...(rank_semantic === null ? [] : [`by meaning ${rank_semantic}`]),
  ]
  return [found.join(', '), ranks.join(', ')].filter((part) => part !== '').join('; ')
}

function emptyPage({ query, answer, note, offset, facets }: PageSource) {
  if (offset > 0) {
    return { markdown: 'No more results.', next: 'Next: ask in other words, without `cursor`.' }
  }
  const { total } = answer.coverage
  if (total === 0) {
    return {
      markdown: EMPTY_SCOPE,
      next:
        'Next: `list_specs` to see what there is, or `upload_spec` with the path of an OpenAPI ' +
        'document.',
    }
  }
  const line = facets && facetLine(facets)
  const sentence = `Nothing fits ${quoted(query, 100)} among ${counted(total, 'operation')}.`
  return {
    markdown: [sentence, note, line].filter((part) => part !== null).join('\n'),
    next: 'Next: ask in other words, or `list_specs` to see what there is.',
  }
}
