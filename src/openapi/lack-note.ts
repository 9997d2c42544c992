import type { CurlLack } from './curl-lack.js'
import { neutral, type FittedText } from './fit-text.js'

/** How to see what a curl is without. */
const LACK_NOTES: Readonly<Record<Exclude<CurlLack, object>, string>> = {
  values: 'Nothing has to be sent: to see a body with all that can be, include: ["curl"].',
  optional: 'No room for all that is optional in the curl: ask with a larger max_tokens.',
  body: "No room for the curl's body: ask with a larger max_tokens.",
  curl: 'No room for the curl: ask with a larger max_tokens.',
}

/** Parts of a body that are named. */
const MAX_NAMED = 3
/** A name that is longer says nothing to whom it is told. */
const MAX_NAME_CHARS = 100

function lackNote(lack: CurlLack): string {
  if (typeof lack !== 'object') return LACK_NOTES[lack]
  const named = lack.parts.filter((part) => part.length <= MAX_NAME_CHARS).slice(0, MAX_NAMED)
  const rest = lack.parts.length - named.length
  const names = [...named, ...(rest > 0 ? ['more'] : [])].join(', ')
  const expand = named[0] === undefined ? '"body"' : JSON.stringify(named[0])
  return `The body is too large for a curl with all of it, so that is without ${names}. To see: expand: ${expand}.`
}

/** So much of what is left may go to the line about what the curl is without. */
const NOTE_SHARE = 0.25

/** The text, then a line about what the curl is without, where there is room for it. */
export function withLackNote(
  lack: CurlLack | null,
  room: number,
  textWithin: (room: number) => FittedText,
): FittedText {
  const note = lack === null ? '' : `\n${neutral(lackNote(lack))}`
  const shown = note.length <= room * NOTE_SHARE ? note : ''
  const { text, leftOut } = textWithin(room - shown.length)
  return {
    text: text + shown,
    leftOut: [...new Set([...leftOut, ...partsLeftOut(lack)])],
  }
}

/** What is named as left out where a curl had no room, and can be asked for by that name. */
export const CURL_PART = 'curl'

function partsLeftOut(lack: CurlLack | null): string[] {
  if (lack === null || lack === 'values') return []
  return typeof lack === 'object' ? lack.parts : [CURL_PART]
}
