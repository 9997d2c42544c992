import { createScanner } from 'jsonc-parser'

/** What guards an answer of a server from being run as a script: `)]}',`. */
const GUARD = /^\s*\)\]\}'?,?/

/**
 * JSON without what some editors, configurations and servers put into it against the rules: comments,
 * commas before a closing bracket, a guard before it. Spaces stand in their place, so that all else
 * is where it was.
 */
export function strictJson(text: string): string {
  const kept: string[] = []
  let from = 0
  for (const { start, end } of extrasIn(text)) {
    kept.push(text.slice(from, start), text.slice(start, end).replace(/[^\n\r]/g, ' '))
    from = end
  }
  return kept.join('') + text.slice(from)
}

/** More make it a document of comments, of which each would be remembered. */
const MAX_EXTRAS = 1_000_000

interface Extra {
  start: number
  end: number
}

/** In their order. */
function extrasIn(text: string): Extra[] {
  const guardEnd = GUARD.exec(text)?.[0].length ?? 0
  const extras = guardEnd === 0 ? [] : [{ start: 0, end: guardEnd }]
  const scanner = createScanner(text)
  scanner.setPosition(guardEnd)
  let comma: Extra | null = null
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    if (extras.length > MAX_EXTRAS) return []
    const start = scanner.getTokenOffset()
    const token = { start, end: start + scanner.getTokenLength() }
    const char = text.charAt(start)
    if (char === '/') extras.push(token) // A comment; else it is no JSON of any kind.
    if (char === '/' || /\s/.test(char)) continue
    if (comma !== null && (char === '}' || char === ']')) extras.push(comma)
    comma = char === ',' ? token : null
  }
  return extras.sort((one, other) => one.start - other.start)
}
