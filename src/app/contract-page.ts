import type { Got } from './get-operation.js'
import { counted, inline } from './answer.js'

/** Operations with their contracts and curls, and what is said about ids that gave none. */
export function contractPage(operations: Got['operations'], notes: string): string {
  const parts = operations.map(({ id, effect, deprecated, security, contract, curl }) =>
    [
      `## \`${inline(id, 300)}\` (${effect}${deprecated ? ', deprecated' : ''})`,
      ...(security.length > 0
        ? [`Security: ${security.map((one) => `\`${inline(one, 300)}\``).join(' or ')}`]
        : []),
      fenced('ts', contract),
      ...(curl ? [fenced('sh', curl)] : []),
    ].join('\n'),
  )
  return [...parts, ...(notes === '' ? [] : [notes])].join('\n\n')
}

/** Ids that gave no contract, and what to ask instead, in at most `maxChars` for each id asked. */
export function notesOn(
  { not_found = [], ambiguous = [], suggestions = [], left_out = [] }: Partial<Got>,
  maxChars: number,
): string {
  const notes = ambiguous.map(({ asked, candidates }) => {
    const start = `\`${inline(asked, 60)}\` fits several operations; ask for one of: `
    return start + listed(candidates, maxChars - start.length)
  })
  if (left_out.length > 0) {
    const end = ': ask for fewer at once, or with a larger `max_tokens`.'
    notes.push(
      `No room for ${listed(left_out, maxChars - end.length - 'No room for '.length)}${end}`,
    )
  }
  for (const { asked, candidates } of suggestions) {
    const start = `\`${inline(asked, 60)}\` is not there; did you mean `
    notes.push(`${start}${listed(candidates, maxChars - start.length - 1)}?`)
  }
  const suggested = new Set(suggestions.map(({ asked }) => asked))
  const lost = not_found.filter((asked) => !suggested.has(asked))
  if (lost.length > 0) {
    const end = '. A search for what you want to do finds them.'
    notes.push(
      `Not found: ${listed(lost, maxChars * lost.length - end.length - 'Not found: '.length)}${end}`,
    )
  }
  return notes
    .map((note) => `${note}\n\n`)
    .join('')
    .trimEnd()
}

const MORE_CHARS = ' and 10 more'.length

/** Ids in code marks with commas, as many whole ones as fit; how many there are, where none does. */
function listed(ids: readonly string[], maxChars: number): string {
  const shown: string[] = []
  let chars = MORE_CHARS
  for (const id of ids) {
    const mark = `\`${inline(id, 200)}\``
    chars += mark.length + ', '.length
    if (chars > maxChars) break
    shown.push(mark)
  }
  const rest = ids.length - shown.length
  if (shown.length === 0) return counted(rest, 'id')
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

/** A code block that its content cannot end. */
function fenced(language: string, code: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${code}\n${fence}`
}
