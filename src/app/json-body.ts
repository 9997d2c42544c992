import { InputError } from '../errors.js'

/**
 * Arguments have some ten parts; a document is one text among them. Each part costs many times its
 * byte once it is parsed: 40 MB of `{},` took 2 GB and half a minute in which nobody was answered.
 */
const MOST_PARTS = 50_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const BRACKET = 0x5b
const BRACE = 0x7b

/**
 * Reads what a caller sent as JSON. Throws InputError where it has more parts than any call needs,
 * before it is parsed, and SyntaxError where it is no JSON.
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  if (hasManyParts(bytes)) {
    throw new InputError(
      `A request has at most ${MOST_PARTS} lists, objects and items. Send a document as one text.`,
    )
  }
  return JSON.parse(new TextDecoder().decode(bytes))
}

function hasManyParts(bytes: Uint8Array): boolean {
  let parts = 0
  let isInText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (isInText) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) isInText = false
    } else if (byte === QUOTE) {
      isInText = true
    } else if (byte === COMMA || byte === BRACKET || byte === BRACE) {
      if (++parts > MOST_PARTS) return true
    }
  }
  return false
}
