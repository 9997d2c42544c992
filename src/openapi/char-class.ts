/** Whether a character may stand at a place. */
export type Accepts = (char: string) => boolean

/** What stands for one character of a text. */
export interface CharClass {
  accepts: Accepts
  /** Of a single character. */
  code: number | null
  /** Where the pattern goes on. */
  end: number
}

/** The character, dot, escape or class (`[a-z]`) at `at` of a pattern; null for anything else. */
export function charClassAt(pattern: string, at: number): CharClass | null {
  const char = pattern.charAt(at)
  if (char === '[') return bracketsAt(pattern, at)
  if (char === '\\') return escapeAt(pattern, at)
  if (char === '.') return { accepts: (one) => one !== '\n', code: null, end: at + 1 }
  return char === '' || '*+?^$|()'.includes(char) ? null : single(char.charCodeAt(0), at + 1)
}

function single(code: number, end: number): CharClass {
  return { accepts: (one) => one.charCodeAt(0) === code, code, end }
}

const SETS = new Map([
  ['d', /\d/],
  ['D', /\D/],
  ['w', /\w/],
  ['W', /\W/],
  ['s', /\s/],
  ['S', /\S/],
])
const CONTROLS = new Map([
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
])
const CODE = /^\\(?:u([\da-f]{4})|x([\da-f]{2})|u\{([\da-f]{1,6})\})/i

function escapeAt(pattern: string, at: number): CharClass | null {
  const char = pattern.charAt(at + 1)
  const set = SETS.get(char)
  if (set !== undefined) return { accepts: (one) => set.test(one), code: null, end: at + 2 }
  if (char === 'p' || char === 'P') return categoryAt(pattern, at)
  const control = CONTROLS.get(char)
  if (control !== undefined) return single(control, at + 2)
  const [whole, four, two, braced] = CODE.exec(pattern.slice(at, at + 12)) ?? []
  if (whole !== undefined) {
    return single(Number.parseInt(four ?? two ?? braced ?? '', 16), at + whole.length)
  }
  // A digit refers back, and `b` stands between characters; punctuation is itself.
  return /[^\da-z]/i.test(char) ? single(char.charCodeAt(0), at + 2) : null
}

const CATEGORY = /^\\[pP]\{\w{1,30}\}/

/** `\p{L}`: characters of a category of Unicode. */
function categoryAt(pattern: string, at: number): CharClass | null {
  const written = CATEGORY.exec(pattern.slice(at, at + 40))?.[0]
  if (written === undefined) return null
  try {
    const set = new RegExp(`^${written}$`, 'u')
    return { accepts: (one) => set.test(one), code: null, end: at + written.length }
  } catch {
    return null // There is no such category.
  }
}

function bracketsAt(pattern: string, at: number): CharClass | null {
  const isNegated = pattern.charAt(at + 1) === '^'
  const members: Accepts[] = []
  let next = isNegated ? at + 2 : at + 1
  while (pattern.charAt(next) !== ']') {
    const member = rangeAt(pattern, next)
    if (member === null) return null
    members.push(member.accepts)
    next = member.end
  }
  const isIn: Accepts = (one) => members.some((accepts) => accepts(one))
  return { accepts: isNegated ? (one) => !isIn(one) : isIn, code: null, end: next + 1 }
}

/** `a-z`, or one member by itself. */
function rangeAt(pattern: string, at: number): CharClass | null {
  const first = memberAt(pattern, at)
  if (first === null || pattern.charAt(first.end) !== '-') return first
  const last = pattern.charAt(first.end + 1) === ']' ? null : memberAt(pattern, first.end + 1)
  const [low, high] = [first.code, last?.code ?? null]
  if (last === null || low === null || high === null) return first // The hyphen is a member.
  const accepts = (one: string) => one.charCodeAt(0) >= low && one.charCodeAt(0) <= high
  return { accepts, code: null, end: last.end }
}

function memberAt(pattern: string, at: number): CharClass | null {
  const char = pattern.charAt(at)
  if (char === '\\') return escapeAt(pattern, at)
  return char === '' ? null : single(char.charCodeAt(0), at + 1)
}
