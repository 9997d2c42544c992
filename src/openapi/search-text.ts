import { hash } from 'node:crypto'
import { scalarText } from './json-value.js'
import type { ParsedOperation } from './parsed-spec.js'
import { stripMarkup } from './strip-markup.js'

/** Part of every text hash: raise it when cleaning changes, and every text is embedded anew. */
export const CLEANING_VERSION = 1

/** Of a description. 1.1 % of real ones are longer, and their ends say little. */
export const MAX_DESCRIPTION_CHARS = 2_000
export const MAX_SUMMARY_CHARS = 500
export const MAX_TITLE_CHARS = 200
/** Of a tag, a parameter's name, a property's name. */
export const MAX_NAME_CHARS = 200

/** Markup can take several times the room of its text; beyond this nothing is looked at. */
const RAW_TIMES = 6

export interface CleanText {
  /** Null where nothing is left. */
  text: string | null
  wasCut: boolean
  /** Control, bidi, zero-width or tag characters were in it. */
  hadControlChars: boolean
}

const NOTHING: CleanText = { text: null, wasCut: false, hadControlChars: false }

/** Text of printable ASCII without markup needs no cleaning; most of it is like this. */
const MAY_NEED_CLEANING = /[^ -~]|[<>&`*_#[\]|~\\]| {2}|^[ +-]| $/

/** Plain text of Markdown, HTML and whatever else a document holds, on one line. */
export function cleanText(raw: unknown, maxChars: number): CleanText {
  if (typeof raw === 'number' || typeof raw === 'boolean') return { ...NOTHING, text: String(raw) }
  if (typeof raw !== 'string' || raw === '') return NOTHING
  const head = raw.length > maxChars * RAW_TIMES ? raw.slice(0, maxChars * RAW_TIMES) : raw
  const plain = MAY_NEED_CLEANING.test(head) ? plainText(head) : head
  const text = cutText(plain, maxChars)
  return {
    text: text === '' ? null : text,
    wasCut: text.length < plain.length || head.length < raw.length,
    hadControlChars: plain !== head && hasControlChars(head),
  }
}

/** The cleaned text alone; null where nothing is left. */
export function cleanedOrNull(raw: unknown, maxChars: number): string | null {
  return cleanText(raw, maxChars).text
}

/**
 * A name: without unseen characters and on one line, else as written (`_` and `*` mean themselves
 * here). Null where nothing is left.
 */
export function cleanName(raw: unknown, maxChars: number): string | null {
  const text = scalarText(raw)
  if (text === null) return null
  const head = text.slice(0, maxChars * RAW_TIMES)
  const name = /[^!-~]/.test(head) ? stripUnseen(head).replace(/\s+/g, ' ').trim() : head
  return name === '' ? null : cutText(name, maxChars)
}

/** White space that is not one space already; most is, and to replace it takes time. */
const MORE_THAN_A_SPACE = /\s{2,}|[^\S ]/g

function plainText(raw: string): string {
  // Twice, since an entity can stand for an unseen character.
  return stripUnseen(stripMarkup(stripUnseen(raw)))
    .replace(MORE_THAN_A_SPACE, ' ')
    .trim()
}

/** Cut at the end of a word where one is near, with an ellipsis. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const head = text.slice(0, maxChars - 1)
  const space = head.lastIndexOf(' ')
  const end = space > maxChars * 0.8 ? space : head.length
  return `${head.slice(0, end).replace(/[\uD800-\uDBFF]$/, '')}…`
}

const ANSI_SEQUENCE = /(?![\t\n\r])\p{Cc}\[[0-9;?]{0,20}[ -/]{0,5}[@-~]/gu
const PLAIN_ASCII = /^[\t\n\r -~]*$/
/**
 * C0 but tab and line ends, DEL, C1; format characters (bidi, zero width, tags, soft hyphen);
 * variation selectors; the blank Hangul letters.
 */
const UNSEEN =
  /(?![\t\n\r])\p{Cc}|\p{Cf}|[\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u115F\u1160\u3164\uFFA0]/gu
const LONE_SURROGATE = /\p{Surrogate}/gu

/** Without characters that no reader sees but a model or a terminal does. */
export function stripUnseen(text: string): string {
  if (PLAIN_ASCII.test(text)) return text
  return text.replace(ANSI_SEQUENCE, '').replace(UNSEEN, '').replace(LONE_SURROGATE, '\uFFFD')
}

/** Whether `stripUnseen` would take or replace anything. */
export function hasControlChars(text: string): boolean {
  return stripUnseen(text) !== text
}

/** What `textHash` is made from: the fields an embedder gets. */
export type SearchText = Pick<
  ParsedOperation,
  | 'method'
  | 'path'
  | 'operationId'
  | 'summary'
  | 'description'
  | 'tags'
  | 'parameters'
  | 'bodyProperties'
>

/** SHA-256 (hex) of the cleaned fields and of the cleaning's version. */
export function textHash(operation: SearchText): string {
  const fields = [
    CLEANING_VERSION,
    operation.method,
    operation.path,
    operation.operationId,
    operation.summary,
    operation.description,
    operation.tags,
    operation.parameters,
    operation.bodyProperties,
  ]
  return hash('sha256', JSON.stringify(fields))
}
