/** What guards an answer of a server from being run as a script: `)]}',`. */
const GUARD = /^\s*\)\]\}'?,?/

/**
 * JSON without what some editors, configurations and servers put into it against the rules: comments,
 * commas before a closing bracket, a guard before it. Spaces stand in their place, so that all else
 * is where it was.
 */
export function strictJson(text: string): string {
  const extras = [...extrasIn(text, GUARD.exec(text)?.[0].length ?? 0)]
  const kept: string[] = []
  let from = 0
  for (const { start, end } of extras) {
    kept.push(text.slice(from, start), text.slice(start, end).replace(/[^\n\r]/g, ' '))
    from = end
  }
  return kept.join('') + text.slice(from)
}

interface Extra {
  start: number
  end: number
}

/** In their order, after what guards the text. */
function* extrasIn(text: string, guardEnd: number): Generator<Extra> {
  if (guardEnd > 0) yield { start: 0, end: guardEnd }
  let comma: Extra | null = null
  /** Comments that came after the comma. */
  let after: Extra[] = []
  for (let at = guardEnd; at < text.length; at++) {
    const char = text.charAt(at)
    if (/\s/.test(char)) continue
    const end = char === '/' ? endOfComment(text, at) : at
    if (end > at) {
      after.push({ start: at, end })
      at = end - 1
      continue
    }
    if (comma !== null && (char === '}' || char === ']')) yield comma
    yield* after
    after = []
    comma = char === ',' ? { start: at, end: at + 1 } : null
    if (char === '"') at = endOfString(text, at)
  }
  yield* after
}

/** `start` itself where no comment begins there. */
function endOfComment(text: string, start: number): number {
  const isLine = text.startsWith('//', start)
  if (!isLine && !text.startsWith('/*', start)) return start
  const end = isLine ? text.indexOf('\n', start) : text.indexOf('*/', start + 2)
  return end === -1 ? text.length : end + (isLine ? 0 : 2)
}

/** Offset of the quote that closes the one at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') return at
    if (char === '\\') at++
  }
  return text.length
}
