import { plainQuestionWords } from '../catalog/words/words.js'

/** A URL; behind a method it is an identifier of ours, which is looked for elsewhere. */
const URL_VALUE =
  /(?<!\b(?:get|put|post|delete|patch|head|options|query)\s)\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'`<>]+/giu
/** Bounded as RFC 5321 has them (4.5.3.1), so that a paste of anything is looked through in no time. */
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,10}/gu
/** What may be an id, within a path too. */
const TOKEN = /(?<![\p{L}\p{N}])[\p{L}\p{N}][\p{L}\p{N}_-]*/gu

const UUID = /^\p{Hex}{8}-(?:\p{Hex}{4}-){3}\p{Hex}{12}$/u
/** `order-10045`, `903004f8`, `4242424242424242`: no name of a thing has so many digits. */
const LONG_NUMBER = /\d{5}/
/** But those of standards and errors have: `iso27001`, `E11000`, `ISO-27001`, `CVE-2024-12345`. */
const NUMBERED_NAME = /^(?:\p{L}+\d+|\p{Lu}+(?:-\d+)+)$/u
/** `re_123`: the prefix of a kind and a number. */
const PREFIXED_NUMBER = /^\p{L}+_\d{3,}$/u
/** What may be a name all the same, where nobody says anything else: `Error_404`. */
const MAYBE_NAME = /^\p{L}*[_-]?\d+$/u
/** `oauth2clients` changes twice between letters and digits, `9s6XKzkNRiz8i3` six times. */
const MANY_CHANGES = 3
/** Shorter ones are names: `h2o2`, `s3v4`. */
const MIN_MIXED = 8

/** `cus_NffrFeUfNV2Hib`: behind the prefix of a kind. */
const PREFIXED_MIX = /^(?:\p{Ll}{1,10}_)+(?=.*\p{Lu})(?=.*\p{Ll})([\p{L}\d]{10,})$/u
/** Parts at digits and at camelCase borders: of `KbfQwXzLmnoPqR` 2.3 long in the mean, of `getTestRun` 3.3. */
const PART = /\d+|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+/gu
const MEAN_PART = 3
/** `U02ABCDEFGH`: of two digits and more, and letters behind some of them. */
const CAPITALS = /^(?=.*\d\p{Lu})(?=(?:.*\d){2})\p{Lu}\d[\p{Lu}\d]{7,}$/u

/** Longer than any name (operationIds reach 166): a token, a key, something encoded. */
const MAX_NAME_CHARS = 200

/**
 * A question less the values that it has for parameters: ids (`cus_9s6XKzkNRiz8i3`, UUIDs, long
 * numbers), e-mail addresses and URLs. No document speaks of them, and cut into words they would be
 * searched for as `9s6` and `xkz`. Where nothing else is asked, numbers are no values but what is asked for.
 */
export function withoutValues(question: string): { query: string; values: string[] } {
  const values: string[] = []
  const leaveOut = (value: string) => {
    values.push(value)
    return ' '
  }
  const query = question
    .replace(URL_VALUE, leaveOut)
    .replace(EMAIL, leaveOut)
    .replace(TOKEN, (token) => (isValue(token) ? leaveOut(token) : token))
  const isAll = plainQuestionWords(query).length === 0
  const asked = isAll && values.every((value) => MAYBE_NAME.test(value))
  return asked ? { query: question, values: [] } : { query, values }
}

function isValue(token: string): boolean {
  if (token.length > MAX_NAME_CHARS) return true
  if (UUID.test(token) || PREFIXED_NUMBER.test(token) || isMix(token)) return true
  if (LONG_NUMBER.test(token) && !NUMBERED_NAME.test(token)) return true
  return token.split(/[_-]/).some((part) => isMixed(part) || CAPITALS.test(part))
}

/** Letters of both cases in turns. */
function isMix(token: string): boolean {
  const [, id = ''] = PREFIXED_MIX.exec(token) ?? []
  return isInShortParts(id)
}

/** Letters and digits in turns; `v1beta1` is a version. */
function isMixed(part: string): boolean {
  if (part.length < MIN_MIXED || /^v\d/i.test(part) || !isInShortParts(part)) return false
  return (part.match(/\p{L}(?=\d)|\d(?=\p{L})/gu) ?? []).length >= MANY_CHANGES
}

/** As no names are written. */
function isInShortParts(text: string): boolean {
  const parts = text.match(PART)?.length ?? 0
  return parts > 0 && text.length / parts < MEAN_PART
}
