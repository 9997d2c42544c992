import { isObject, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import { METHODS } from './methods.js'
import { notOverridden } from './overridden-parameters.js'
import type { Resolver } from './resolver.js'
import type { Span } from './span.js'
import { stripUnseen } from './search-text.js'
import { partAt, type SourceText } from './source-text.js'
import type { WarningList } from './warning-list.js'
import { pointerOf, WrittenOperation, type WrittenPath } from './written-operation.js'

/** Of a path item behind a reference; the largest of real ones have a dozen. */
const MAX_PATH_ITEM_KEYS = 200

/** Parameters of a path item that others refer to, with some of their own: each copies them. */
const MAX_INHERITED = 1_000

/** What a path item may hold beside operations. */
const OTHER_KEYS = new Set(['$ref', 'summary', 'description', 'servers'])

const PLAIN_PATH = /^[!-~]+$/

const HTTP_TOKEN = /^[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,31}$/

/** In UTF-8 bytes: database indexes refuse keys beyond some 2,700. Real paths reach some hundreds. */
const MAX_PATH_BYTES = 2_000

/** What is passed down while the document is walked. */
interface Walk {
  resolver: Resolver
  warnings: WarningList
  found: WrittenOperation[]
  /** A path was changed by cleaning, or a method is not one of the usual: keys may clash now. */
  mayHaveTwins: boolean
  /** What a `$ref` of a path item led to, and is none. */
  tooLarge: Set<JsonObject>
}

/**
 * Every operation of `paths` and `webhooks`, in the order of the document, but of a path those with a
 * field of their own first; each `METHOD path` once. What cannot be one is left out with a warning.
 */
export function listOperations(
  root: JsonObject,
  source: SourceText | null,
  resolver: Resolver,
  warnings: WarningList,
): WrittenOperation[] {
  const tooLarge = new Set<JsonObject>()
  const walk: Walk = { resolver, warnings, found: [], mayHaveTwins: false, tooLarge }
  const span = source?.root ?? null
  listUnder(root['paths'], '/paths', '', partAt(span, 'paths'), walk)
  listUnder(root['webhooks'], '/webhooks', 'webhook:', partAt(span, 'webhooks'), walk)
  return walk.mayHaveTwins ? withoutTwins(walk) : walk.found
}

function listUnder(
  items: unknown,
  base: string,
  prefix: string,
  span: Span | null,
  walk: Walk,
): void {
  if (items === undefined || items === null) return
  if (!isObject(items)) {
    const message = `\`${base.slice(1)}\` must be an object of path items.`
    walk.warnings.add('BAD_TYPE', base, message)
    return
  }
  for (const name of Object.keys(items)) {
    if (name.startsWith('x-')) continue
    const path = readPath(prefix === '' ? name : prefix + name, () => joinPointer(base, name), walk)
    const pathItem = readPathItem(items[name], () => joinPointer(base, name), walk)
    if (path === null || pathItem === null) continue
    const pathSpan = pathItem === items[name] ? partAt(span, name) : null
    listPathItem({ path, pathItem, holder: base, name, span: pathSpan }, walk)
  }
}

/**
 * Keys of a document are unique, but `get` and `GET` are one method, and two paths may be one when
 * their unseen characters are gone. The first stays.
 */
function withoutTwins({ found, warnings }: Walk): WrittenOperation[] {
  const keys = new Set<string>()
  return found.filter((one) => {
    const before = keys.size
    const key = `${one.method} ${one.path}`
    if (keys.add(key).size > before) return true
    warnings.add('DUP_KEY', one.pointer, `${key} is given twice; this one was left out.`)
    return false
  })
}

/** The path as it is shown, stored and looked up; null for one that cannot be. */
function readPath(written: string, pointer: () => string, walk: Walk): string | null {
  const { warnings } = walk
  const path = PLAIN_PATH.test(written) ? written : stripUnseen(written).replace(/\s/g, ' ').trim()
  if (path !== written) {
    walk.mayHaveTwins = true
    const message =
      'Control or invisible characters, or spaces around it, were taken out of this path.'
    warnings.add('CONTROL_CHARS', pointer(), message)
  }
  if (path.trim() === '' || isTooLong(path)) {
    const message = `A path must have 1 to ${MAX_PATH_BYTES} bytes, so this one was left out.`
    warnings.add('BAD_TYPE', pointer().slice(0, MAX_PATH_BYTES), message)
    return null
  }
  if (!path.startsWith('/') && !path.startsWith('webhook:')) {
    warnings.add('BAD_TYPE', pointer(), 'A path should begin with "/". It is kept as written.')
  }
  return path
}

function isTooLong(path: string): boolean {
  // A character has at most three bytes for each unit of length.
  return path.length * 3 > MAX_PATH_BYTES && Buffer.byteLength(path) > MAX_PATH_BYTES
}

/**
 * The path item with what its `$ref` leads to. Its own fields win, and of parameters each over the
 * target's of the same name and place.
 */
function readPathItem(written: unknown, pointer: () => string, walk: Walk): JsonObject | null {
  const { resolver, warnings } = walk
  if (!isObject(written)) {
    warnings.add('BAD_TYPE', pointer(), 'This path item is not an object, so it has no operations.')
    return null
  }
  const ref = written['$ref']
  if (ref === undefined) return written
  const target = resolver.follow(written)
  const whole = resolver.target(`#${pointer()}`) // `written` may be of the document's frame.
  if (isPathItem(target, walk) && isObject(whole)) return withSiblings(target, whole, resolver)
  const isLocal = typeof ref === 'string' && ref.startsWith('#')
  warnings.add(
    isLocal ? 'DANGLING_REF' : 'EXTERNAL_REF',
    pointer(),
    `The $ref ${shown(ref)} of this path ${isLocal ? 'leads nowhere' : 'leaves the document'}; ` +
      'operations that only stand there are missing.' +
      (isLocal ? '' : ' A folder or zip with its files can be uploaded as a whole.'),
  )
  return written
}

function withSiblings(target: JsonObject, whole: JsonObject, resolver: Resolver): JsonObject {
  const both = { ...target, ...whole }
  const theirs = resolver.follow(target['parameters'])
  const own = resolver.follow(whole['parameters'])
  if (!Array.isArray(theirs) || !Array.isArray(own)) return both
  if (own.length === 0) return { ...both, parameters: theirs }
  const inherited = theirs.slice(0, MAX_INHERITED)
  return { ...both, parameters: [...notOverridden(inherited, own, resolver), ...own] }
}

/** Not, for example, all paths: each path that refers to them would have them all. */
function isPathItem(target: unknown, { tooLarge }: Walk): target is JsonObject {
  if (!isObject(target) || tooLarge.has(target)) return false
  if (Object.keys(target).length > MAX_PATH_ITEM_KEYS) tooLarge.add(target)
  return !tooLarge.has(target)
}

function listPathItem(at: WrittenPath, walk: Walk): void {
  const others: string[] = []
  for (const key of Object.keys(at.pathItem)) {
    if (!METHODS.has(key)) others.push(key)
    else add(key, at.pathItem[key], partAt(at.span, key), at, walk)
  }
  for (const key of others) {
    const written = at.pathItem[key]
    if (key === 'parameters') {
      warnAboutParameters(written, at, walk)
    } else if (OTHER_KEYS.has(key) || key.startsWith('x-')) {
      continue
    } else if (key === 'additionalOperations') {
      listAdditional(written, at, walk)
    } else {
      listUnknown(key, written, at, walk)
    }
  }
}

/** Some documents have the list in a file of its own, behind a reference. */
function warnAboutParameters(
  written: unknown,
  at: WrittenPath,
  { resolver, warnings }: Walk,
): void {
  if (Array.isArray(written) || written === null || Array.isArray(resolver.follow(written))) return
  const message = '`parameters` must be a list, so it was not used.'
  warnings.add('BAD_TYPE', joinPointer(pointerOf(at), 'parameters'), message)
}

/** A method in capitals, or something that looks like an operation and is none. */
function listUnknown(key: string, written: unknown, at: WrittenPath, walk: Walk): void {
  walk.mayHaveTwins = true
  const pointer = () => joinPointer(pointerOf(at), key)
  if (METHODS.has(key.toLowerCase())) {
    const message = `Methods are written in lower case; ${shown(key)} is read as one.`
    walk.warnings.add('BAD_TYPE', pointer(), message)
    add(key, written, null, at, walk)
  } else if (isObject(written) && Object.hasOwn(written, 'responses')) {
    const message = `${shown(key)} is no method of OpenAPI, so this is not read as an operation.`
    walk.warnings.add('BAD_TYPE', pointer(), message)
  }
}

/** OpenAPI 3.2's methods that have no field of their own. */
function listAdditional(written: unknown, path: WrittenPath, walk: Walk): void {
  walk.mayHaveTwins = true
  const at = { ...path, holder: pointerOf(path), name: 'additionalOperations', span: null }
  if (!isObject(written)) {
    const message = '`additionalOperations` must be an object of operations.'
    walk.warnings.add('BAD_TYPE', pointerOf(at), message)
    return
  }
  for (const method of Object.keys(written)) {
    if (HTTP_TOKEN.test(method)) {
      add(method, written[method], null, at, walk)
    } else {
      const pointer = joinPointer(pointerOf(at), method)
      walk.warnings.add('BAD_TYPE', pointer, `${shown(method)} cannot be an HTTP method.`)
    }
  }
}

function add(key: string, written: unknown, span: Span | null, at: WrittenPath, walk: Walk): void {
  if (isObject(written)) {
    walk.found.push(new WrittenOperation(at, key, written, span))
  } else {
    const message = 'This operation is not an object; it was left out.'
    walk.warnings.add('BAD_TYPE', joinPointer(pointerOf(at), key), message)
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? '').slice(0, 200)
}
