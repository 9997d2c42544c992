import type { RankedAnswer } from '../search/search-operations.js'
import { counted, inline, prose } from './answer.js'
import type { SearchHit } from './search-operations.js'

/** A page of search results as Markdown, and how many of the results fit. */
export interface ResultPage {
  markdown: string
  /** What was left out, and the call to make next. */
  next: string
  shown: number
  /** What the reader should know about the answer as a whole; null when all is as it should be. */
  note: string | null
}

/** A longer id is not said twice. */
const MAX_NEXT_ID = 120

/** Words that occur nowhere, named in a note. */
const MAX_UNKNOWN = 5

/** How much a result's lines say: all, no texts, or the id alone, as long as it may be. */
type Detail = 'full' | 'names' | 'id'

/**
 * Writes as many results as fit in `maxChars`, cut between results, then what was left out and the
 * call to make next. Where not even one fits whole it is shortened, the id last of all. Texts of
 * specs are quoted within their line.
 */
export function resultPage(
  query: string,
  answer: RankedAnswer,
  results: readonly SearchHit[],
  { offset, maxChars }: { offset: number; maxChars: number },
): ResultPage {
  const note = noteOn(answer)
  if (results.length === 0) return { ...nothing(query, answer, note, offset), shown: 0, note }

  const head = [headline(answer), ...(note ? [note] : [])].join('\n')
  for (let shown = results.length; shown > 0; shown--) {
    if (fits(page(shown, 'full'), closing(offset + shown))) return result(shown, 'full')
  }
  if (fits(page(1, 'names'), closing(offset + 1))) return result(1, 'names')
  return { ...result(1, 'id'), markdown: inline(page(1, 'id'), maxChars), next: '' }

  function fits(text: string, next: string): boolean {
    return text.length + next.length + 2 <= maxChars
  }

  function result(shown: number, detail: Detail): ResultPage {
    return { markdown: page(shown, detail), next: closing(offset + shown), shown, note }
  }

  function page(count: number, detail: Detail): string {
    const lines = results.slice(0, count).map((hit, n) => resultLine(hit, offset + n + 1, detail))
    return [detail === 'full' ? head : headline(answer), '', ...lines].join('\n')
  }

  function closing(next: number): string {
    const [first] = results
    const isShort = first && first.id.length <= MAX_NEXT_ID
    const ids = isShort ? `ids: ["${inline(first.id)}"]` : 'ids'
    const call = `Next: \`get_operation\` with \`${ids}\`.`
    if (next < answer.hits.length) return `More: \`cursor: "${next}"\`. ${call}`
    return answer.isCut ? `${call} More fit than are ranked: narrow by spec, tag or method.` : call
  }
}

function headline({ ranking, coverage, hits }: RankedAnswer): string {
  const by = { hybrid: 'by words and meaning', lexical: 'by words', semantic: 'by meaning' }[
    ranking
  ]
  return `${counted(hits.length, 'hit')} ${by}; ${coverage.embedded}/${coverage.total} operations embedded.`
}

function resultLine(hit: SearchHit, place: number, detail: Detail): string {
  const id = `${place}. \`${inline(hit.id, Infinity)}\``
  if (detail === 'id') return id
  const marks = [hit.effect, ...(hit.deprecated ? ['deprecated'] : [])]
  if (hit.match !== 'strong') marks.push(hit.match === 'exact' ? 'exact' : 'weak match')
  const isFull = detail === 'full'
  const summary = isFull && hit.summary ? ` ${prose(hit.summary)}` : ''
  const isOwnName = hit.id.endsWith(`:${hit.method} ${hit.path}`)
  const where = isOwnName ? '' : ` ${hit.method} \`${inline(hit.path, 200)}\``
  const signature = isFull && hit.signature ? `\n   \`${inline(hit.signature, 160)}\`` : ''
  return `${id}${where} (${marks.join(', ')})${summary}${signature}`
}

function noteOn({ fallback, coverage, ranking, terms, hits }: RankedAnswer): string | null {
  const notes: string[] = []
  if (fallback) notes.push(`Answered by words only: ${fallback.message.replace(/\.$/, '')}.`)
  else if (ranking !== 'lexical' && coverage.embedded < coverage.total) {
    notes.push('Embedding goes on: operations without a vector are ranked by words.')
  }
  notes.push(...notesOnWords(terms, hits[0]?.match === 'weak'))
  return notes.join(' ') || null
}

/** Which words of the question are of no use, where that may be why nothing fits. */
function notesOnWords(terms: RankedAnswer['terms'], isWeak: boolean): string[] {
  const guessed = terms.filter(({ isGuess }) => isGuess)
  const notes = guessed.map(({ word, term }) => `No operation has "${word}"; "${term}…" was taken.`)
  const unknown = terms.filter(({ df }) => df === 0)
  if (unknown.length === terms.length && terms.length > 0) {
    notes.push('No word of the question occurs in the operations asked.')
  } else if (isWeak) {
    const words = unknown.slice(0, MAX_UNKNOWN).map(({ word }) => `"${inline(word, 40)}"`)
    const nowhere = words.length === 0 ? '' : ` No operation has ${words.join(', ')}.`
    notes.push(`Nothing fits the question well; these come nearest.${nowhere}`)
  }
  return notes
}

function nothing(
  query: string,
  { coverage }: RankedAnswer,
  note: string | null,
  offset: number,
): { markdown: string; next: string } {
  if (offset > 0) {
    return { markdown: 'No more results.', next: 'Next: ask in other words, without `cursor`.' }
  }
  if (coverage.total === 0) {
    return {
      markdown: 'No operation is in the scope asked: its catalog, spec, method and tag together.',
      next:
        'Next: `list_specs` to see what there is, or `upload_spec` with the path of an OpenAPI ' +
        'document.',
    }
  }
  const sentence = `Nothing fits "${prose(query, 100)}" among ${counted(coverage.total, 'operation')}.`
  return {
    markdown: [sentence, ...(note ? [note] : [])].join('\n'),
    next: 'Next: ask in other words, or `list_specs` to see what there is.',
  }
}
