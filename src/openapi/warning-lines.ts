import { EVENT_ID, getScalarValue, parseEvents, YAMLException } from 'js-yaml'
import { decodeText } from './decode-text.js'
import { VERSION_KEYS } from './is-root.js'
import { pointerSegments } from './json-pointer.js'
import type { SpecWarning } from './parsed-spec.js'
import { PointerWalk } from './pointer-walk.js'
import { WarningList } from './warning-list.js'

/** YAML is read a second time for the lines, some 10 MB in a second. */
const MAX_YAML_CHARS = 2_000_000

/**
 * The warnings with the line of what they are about, where that can be found in the document as it
 * was written: not in one of a single line, nor in large YAML, nor behind an alias. Of a bundle, those
 * about `file`.
 */
export function withLines(
  warnings: readonly SpecWarning[],
  input: Uint8Array | string,
  file?: string,
): SpecWarning[] {
  const isOpen = (one: SpecWarning) =>
    one.file === file && one.pointer !== '' && one.line === undefined
  const open = new Set(warnings.filter(isOpen).map(({ pointer }) => pointer))
  if (open.size === 0) return [...warnings]
  const lines = linesOf(open, decodeText(input, new WarningList()))
  return warnings.map((warning) => {
    const line = isOpen(warning) ? lines.get(warning.pointer) : undefined
    return line === undefined ? warning : { ...warning, line }
  })
}

function linesOf(pointers: ReadonlySet<string>, text: string): Map<string, number> {
  if (!text.trimEnd().includes('\n')) return new Map()
  const walk = new PointerWalk()
  for (const pointer of pointers) walk.want(pointer, pointerSegments(`#${pointer}`) ?? [])
  if (/^\s*\{\s*"/.test(text)) walkJson(text, walk)
  else if (text.length <= MAX_YAML_CHARS) walkYaml(text, walk)
  return linesAt(walk.found, text)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** JSON that was read before: what is between its parts needs no check. */
function walkJson(text: string, walk: PointerWalk): void {
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      const start = at
      for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) {
        if (text.charCodeAt(at) === BACKSLASH) at++
      }
      const end = at
      walk.scalar(start, () => unquoted(text.slice(start, end + 1)))
    } else if (char === 0x7b || char === 0x5b) {
      walk.open(char === 0x5b, at)
    } else if (char === 0x7d || char === 0x5d) {
      walk.close()
    } else if (char > 0x20 && char !== 0x2c && char !== 0x3a) {
      walk.scalar(at, () => '')
      while (/[\w.+-]/.test(text.charAt(at + 1))) at++
    }
  }
}

function unquoted(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1)
  try {
    return JSON.parse(literal) as string
  } catch {
    return ''
  }
}

type Event = ReturnType<typeof parseEvents>[number]

function walkYaml(text: string, walk: PointerWalk): void {
  const documents = documentsOf(eventsOf(text))
  const root = documents.length > 1 && documents.find((events) => isRoot(events, text))
  walkEvents(root || documents.flat(), text, walk)
}

/** The events of each document of a file. */
function documentsOf(events: readonly Event[]): Event[][] {
  const documents: Event[][] = []
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) documents.push([])
    documents.at(-1)?.push(event)
  }
  return documents
}

function isRoot(events: readonly Event[], text: string): boolean {
  const walk = new PointerWalk()
  for (const key of VERSION_KEYS) walk.want(`/${key}`, [key])
  walkEvents(events, text, walk)
  return walk.found.size > 0
}

/** Up to the end of the first object. */
function walkEvents(events: readonly Event[], text: string, walk: PointerWalk): void {
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.SCALAR:
        walk.scalar(event.valueStart, () => getScalarValue(text, event))
        break
      case EVENT_ID.ALIAS:
        walk.scalar(event.anchorStart, () => '')
        break
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        walk.open(event.type === EVENT_ID.SEQUENCE, event.start)
        break
      case EVENT_ID.POP:
        walk.close()
        if (walk.isDone) return
        break
      case EVENT_ID.DOCUMENT:
        break
    }
  }
}

function eventsOf(text: string): ReturnType<typeof parseEvents> {
  try {
    return parseEvents(text, {})
  } catch (error) {
    if (error instanceof YAMLException) return [] // Nested deeper than that allows, for example.
    throw error
  }
}

/** The lines of offsets, all in one pass over the text. */
function linesAt(offsets: ReadonlyMap<string, number>, text: string): Map<string, number> {
  const lines = new Map<string, number>()
  let line = 1
  let next = text.indexOf('\n')
  for (const [pointer, offset] of [...offsets].toSorted((a, b) => a[1] - b[1])) {
    for (; next !== -1 && next < offset; next = text.indexOf('\n', next + 1)) line++
    lines.set(pointer, line)
  }
  return lines
}
