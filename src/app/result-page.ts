import type { RankedAnswer } from '../search/search-operations.js'
import { counted, inline } from './answer.js'
import type { SearchHit } from './search-operations.js'

/** A page of search results as Markdown, and how many of the results fit. */
export interface ResultPage {
  markdown: string
  shown: number
  /** What the reader should know about the answer as a whole; null when all is as it should be. */
  note: string | null
}

/**
 * Writes as many results as fit in `maxChars`, at least one, cut between results, then what was
 * left out and the call to make next. Texts of specs are quoted within their line.
 */
export function resultPage(
  query: string,
  answer: RankedAnswer,
  results: readonly SearchHit[],
  { offset, maxChars }: { offset: number; maxChars: number },
): ResultPage {
  const note = noteOn(answer)
  if (results.length === 0)
    return { markdown: nothing(query, answer, note, offset), shown: 0, note }

  const head = [headline(answer), ...(note ? [note] : [])].join('\n')
  const lines = results.map((hit, index) => resultLine(hit, offset + index + 1))
  let shown = lines.length
  while (shown > 1 && page(shown).length > maxChars) shown--
  return { markdown: page(shown), shown, note }

  function page(count: number): string {
    const next = offset + count
    const more = next < answer.hits.length ? `More: \`cursor: "${next}"\`. ` : ''
    const [first] = results
    const call = `Next: \`get_operation\` with \`ids: ["${inline(first?.id ?? '', 200)}"]\`.`
    return [head, '', ...lines.slice(0, count), '', more + call].join('\n')
  }
}

function headline({ ranking, coverage, hits }: RankedAnswer): string {
  const by = { hybrid: 'by words and meaning', lexical: 'by words', semantic: 'by meaning' }[
    ranking
  ]
  return `${counted(hits.length, 'hit')} ${by}; ${coverage.embedded}/${coverage.total} operations embedded.`
}

function resultLine(hit: SearchHit, place: number): string {
  const marks = [hit.effect, ...(hit.deprecated ? ['deprecated'] : [])]
  if (hit.match !== 'strong') marks.push(hit.match === 'exact' ? 'exact' : 'weak match')
  const summary = hit.summary ? ` ${hit.summary}` : ''
  const isOwnName = hit.id.endsWith(`:${hit.method} ${hit.path}`)
  const where = isOwnName ? '' : ` ${hit.method} \`${inline(hit.path, 200)}\``
  const signature = hit.signature ? `\n   \`${inline(hit.signature, 160)}\`` : ''
  return `${place}. \`${inline(hit.id, 200)}\`${where} (${marks.join(', ')})${summary}${signature}`
}

function noteOn({ fallback, coverage, ranking, terms }: RankedAnswer): string | null {
  const notes: string[] = []
  if (fallback) notes.push(`Answered by words only: ${fallback.message}.`)
  else if (ranking !== 'lexical' && coverage.embedded < coverage.total) {
    notes.push('Embedding goes on: operations without a vector are ranked by words.')
  }
  const unknown = terms.filter(({ df }) => df === 0)
  if (unknown.length > 0 && unknown.length === terms.length && terms.length > 0) {
    notes.push('No word of the question occurs in the operations asked.')
  }
  return notes.join(' ') || null
}

function nothing(
  query: string,
  { coverage }: RankedAnswer,
  note: string | null,
  offset: number,
): string {
  if (offset > 0) return 'No more results. Next: ask again without `cursor`, in other words.'
  if (coverage.total === 0) {
    return (
      'There are no operations in the scope asked. Next: `list_specs` to see what there is, or ' +
      '`upload_spec` with the path of an OpenAPI document.'
    )
  }
  return [
    `Nothing fits "${inline(query, 100)}" among ${counted(coverage.total, 'operation')}.`,
    ...(note ? [note] : []),
    'Next: ask in other words, or `list_specs` to see what there is.',
  ].join('\n')
}
