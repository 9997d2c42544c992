/**
 * A text as one part of an address. Of a lone surrogate no address can be made; `!` means something
 * to an interactive shell.
 */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('!', '%21')
}
