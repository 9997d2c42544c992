import { stripUnseen } from '../openapi/search-text.js'

/**
 * What a use case answers: the facts by their contract names, and the same facts as Markdown for
 * whoever reads. Tools, commands and routes all give one of the two or both.
 */
export interface Answer<T> {
  structured: T
  markdown: string
  /** The call that an agent makes next; people at a command line have other ways. */
  next?: string
}

/** Four characters of English or JSON are about one token of today's models. */
export const CHARS_PER_TOKEN = 4

/** Where a spec came from, for people and agents: a URL's query may hold a token. */
export function shownSource(source: string): string {
  return /^https?:/i.test(source) ? source.replace(/\?.*$/s, '?…') : source
}

/** `1 operation`, `2,000 operations`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `12,345`. A process's first `toLocaleString` takes 17 ms, in which it answers nobody. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Text of a spec outside of code marks: a line, without links, images and HTML. */
export function prose(text: string, length = 160): string {
  return inline(text, length).replace(/[<[]/g, '\\$&')
}

/** `prose` between quotes that it cannot end: somebody else's words. */
export function quoted(text: string, length = 160): string {
  return `"${prose(text.replaceAll('"', "'"), length)}"`
}

/**
 * Text of a spec as part of a line: no line breaks, no unseen characters, no code marks, at most
 * `length` characters.
 */
export function inline(text: string, length = 160): string {
  const line = stripUnseen(text).replace(/\s+/g, ' ').replaceAll('`', "'").trim()
  if (line.length <= length) return line
  return `${line
    .slice(0, length - 1)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd()}…`
}
