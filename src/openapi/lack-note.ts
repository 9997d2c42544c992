import type { CurlLack } from './curl-lack.js'
import type { FittedText } from './fit-text.js'

/** How to see what a curl is without. */
const LACK_NOTES: Readonly<Record<CurlLack, string>> = {
  values: 'Nothing has to be sent: to see a body with all that can be, include: ["curl"].',
  optional: 'No room for all that is optional in the curl: ask with a larger max_tokens.',
  body: "No room for the curl's body: ask with a larger max_tokens.",
  curl: 'No room for the curl: ask with a larger max_tokens.',
}

/** So much of what is left may go to the line about what the curl is without. */
const NOTE_SHARE = 0.25

/** The text, then a line about what the curl is without, where there is room for it. */
export function withLackNote(
  lack: CurlLack | null,
  room: number,
  textWithin: (room: number) => FittedText,
): FittedText {
  const note = lack === null ? '' : `\n${LACK_NOTES[lack]}`
  const shown = note.length <= room * NOTE_SHARE ? note : ''
  const { text, leftOut } = textWithin(room - shown.length)
  return {
    text: text + shown,
    leftOut: lack === null || lack === 'values' ? leftOut : [...leftOut, 'curl'],
  }
}
