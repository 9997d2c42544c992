/**
 * A text as one part of an address. Of a lone surrogate no address can be made; `!` means something
 * to an interactive shell.
 */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('!', '%21')
}

/** Nothing in it means anything in an address, and some of it stands for something else. */
const ENCODED = /^(?:[\w.~*'()-]|%[\da-f]{2})+$/i

/** The same of a value that a document gives, less those that are encoded as they stand there. */
export function encodedExample(text: string): string {
  return text.includes('%') && ENCODED.test(text) && isText(text) ? text : percentEncoded(text)
}

function isText(encoded: string): boolean {
  try {
    return decodeURIComponent(encoded) !== ''
  } catch {
    return false
  }
}
