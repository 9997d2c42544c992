/** A URL; behind a method it is an identifier of ours, which is looked for elsewhere. */
const URL_VALUE =
  /(?<!\b(?:get|put|post|delete|patch|head|options|query)\s)\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`<>]+/giu
const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu
/** What may be an id, within a path too. */
const TOKEN = /(?<![\p{L}\p{N}])[\p{L}\p{N}][\p{L}\p{N}_-]*/gu

const UUID = /^\p{Hex}{8}-(?:\p{Hex}{4}-){3}\p{Hex}{12}$/u
/** `order-10045`, `903004f8`, `4242424242424242`: no name of a thing has so many digits. */
const LONG_NUMBER = /\d{5}/
/** `re_123`: the prefix of a kind and a number. */
const PREFIXED_NUMBER = /^\p{L}+_\d{3,}$/u
/** `oauth2clients` changes twice between letters and digits, `9s6XKzkNRiz8i3` six times. */
const MANY_CHANGES = 3
/** Shorter ones are names: `h2o2`, `s3v4`. */
const MIN_MIXED = 8

/**
 * The question without the values that it has for parameters: ids (`cus_9s6XKzkNRiz8i3`, UUIDs, long
 * numbers), e-mail addresses and URLs. No document speaks of them, and cut into words they would be
 * searched for as `9s6` and `xkz`.
 */
export function withoutValues(question: string): string {
  return question
    .replace(URL_VALUE, ' ')
    .replace(EMAIL, ' ')
    .replace(TOKEN, (token) => (isValue(token) ? ' ' : token))
}

function isValue(token: string): boolean {
  if ([UUID, LONG_NUMBER, PREFIXED_NUMBER].some((kind) => kind.test(token))) return true
  return token.split(/[_-]/).some(isMixed)
}

/** Letters and digits in turns; `v1beta1` is a version. */
function isMixed(part: string): boolean {
  if (part.length < MIN_MIXED || /^v\d/i.test(part)) return false
  return (part.match(/\p{L}(?=\d)|\d(?=\p{L})/gu) ?? []).length >= MANY_CHANGES
}
