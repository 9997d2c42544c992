import { withLineEndsEscaped } from './json-value.js'
import type { Detail, PrinterOptions } from './type-printing.js'
import { cutText, stripUnseen } from './search-text.js'

export interface Level extends Detail {
  /** Like `depth`, for responses. */
  responseDepth: number
  /** Of the operation's description. */
  aboutChars: number
}

export interface FittedText {
  text: string
  /** Paths of the parts that were cut, as `expand` takes them. */
  leftOut: string[]
}

/** How a printer tells what it cuts, and learns that the room is used up. */
type Cuts = Pick<PrinterOptions, 'onLeftOut' | 'room'>

/** For who asks for a part, or gives much room. */
const FULL = detail(6, 6, 500, 50, 100, 200, 2_000)

/** From most to least. The first that fits is taken. */
const DETAILS: readonly Level[] = [
  detail(3, 3, 60, 10, 20, 100, 400),
  detail(3, 2, 40, 8, 15, 80, 300),
  detail(2, 2, 40, 6, 12, 60, 200),
  detail(2, 1, 30, 6, 10, 60, 200),
  detail(1, 1, 30, 5, 8, 40, 150),
  detail(1, 1, 20, 4, 6, 0, 100),
  detail(1, 0, 12, 3, 4, 0, 80),
  detail(0, 0, 6, 2, 3, 0, 60),
]

function detail(
  depth: number,
  responseDepth: number,
  maxProperties: number,
  maxMembers: number,
  maxEnumValues: number,
  commentChars: number,
  aboutChars: number,
): Level {
  return {
    depth,
    responseDepth,
    maxProperties,
    maxMembers,
    maxEnumValues,
    commentChars,
    aboutChars,
  }
}

/**
 * The most detailed form of a text that is at most `maxChars` long, with a line about what was left
 * out and how to see it. `isFull` tries a form beyond the usual ones first.
 */
export function fitText(
  maxChars: number,
  isFull: boolean,
  blocksAt: (level: Level, cuts: Cuts) => string[],
): FittedText {
  let last: FittedText = { text: '', leftOut: [] }
  for (const level of isFull ? [FULL, ...DETAILS] : DETAILS) {
    const leftOut = new Set<string>()
    const cuts = { onLeftOut: (path: string) => void leftOut.add(path), room: { chars: maxChars } }
    const blocks = blocksAt(level, cuts)
    last = { text: neutral(withFooter(blocks, [...leftOut])), leftOut: [...leftOut] }
    if (last.text.length <= maxChars) return last
  }
  return cutLines(last, maxChars)
}

/** Parts that are named in the last line, and how long such a name may be. */
const MAX_NAMED = 6
const MAX_PATH_CHARS = 100

function withFooter(blocks: readonly string[], leftOut: readonly string[]): string {
  if (leftOut.length === 0) return blocks.join('\n')
  const named = leftOut.filter((path) => path.length <= MAX_PATH_CHARS).slice(0, MAX_NAMED)
  const rest = leftOut.length - named.length
  const names = [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
  const expand = named[0] === undefined ? '' : `expand: ${JSON.stringify(named[0])}, or `
  return [
    ...blocks,
    `Left out: ${names}. To see: get_operation with ${expand}a larger max_tokens.`,
  ].join('\n')
}

/** The last resort: whole lines from the top, and how many are missing. */
function cutLines({ text, leftOut }: FittedText, maxChars: number): FittedText {
  const lines = text.split('\n')
  const note = (count: number) => `… ${count} more lines; ask with a larger max_tokens.`
  const kept: string[] = []
  let room = maxChars - note(lines.length).length
  for (const line of lines) {
    room -= line.length + 1
    if (room < 0) break
    kept.push(line)
  }
  const cut = [...kept, note(lines.length - kept.length)].join('\n')
  // Not even the note fits: then what is there of the first line.
  const fitting = cut.length <= maxChars ? cut : cutText(text, Math.max(1, maxChars))
  return { text: fitting.slice(0, maxChars), leftOut: leftOut.length > 0 ? leftOut : ['response'] }
}

/** Nothing of it can end a code block, begin a line of its own or hide from a reader. */
export function neutral(text: string): string {
  return withLineEndsEscaped(stripUnseen(text))
    .replace(/`{3,}/g, (run) => "'".repeat(run.length))
    .replace(/~{3,}/g, (run) => '-'.repeat(run.length))
}
