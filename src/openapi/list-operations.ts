import type { DocumentParts } from './document-parts.js'
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

/** Where Azure's documents have paths that differ in their query: `/vms?op=start`. */
const AZURE_PATHS = 'x-ms-paths'

const PLAIN_PATH = /^[!-~]+$/

const HTTP_TOKEN = /^[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,31}$/

/** In UTF-8 bytes: database indexes refuse keys beyond some 2,700. Real paths reach some hundreds. */
const MAX_PATH_BYTES = 2_000

/** How the document is read, and who takes each operation. */
export interface Listing {
  source: SourceText | null
  parts: DocumentParts | null
  resolver: Resolver
  warnings: WarningList
  /** Called as soon as one is found, while its path item is still at hand. */
  take: (one: WrittenOperation) => void
}

/** What is passed down while the document is walked. */
interface Walk extends Listing {
  /** `METHOD path` of each operation so far; null while none can be given twice. */
  keys: Set<string> | null
  found: WrittenOperation[]
  /** What a `$ref` of a path item led to, and is none. */
  tooLarge: Set<JsonObject>
}

/**
 * Every operation of `paths` and `webhooks`, in the order of the document, but of a path those with a
 * field of their own first; each `METHOD path` once. What cannot be one is left out with a warning.
 */
export function listOperations(root: JsonObject, listing: Listing): WrittenOperation[] {
  const walk: Walk = { ...listing, keys: null, found: [], tooLarge: new Set() }
  const span = listing.source?.root ?? null
  listUnder(root['paths'], '/paths', '', partAt(span, 'paths'), walk)
  if (root[AZURE_PATHS] !== undefined) {
    expectTwins(walk)
    listUnder(root[AZURE_PATHS], `/${AZURE_PATHS}`, '', partAt(span, AZURE_PATHS), walk)
  }
  listUnder(root['webhooks'], '/webhooks', 'webhook:', partAt(span, 'webhooks'), walk)
  return walk.found
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
    const at = partAt(span, name)
    const part = at !== null && walk.parts?.has(at) ? walk.parts.read(at) : null
    const written = part ?? items[name]
    const pathItem = readPathItem(written, () => joinPointer(base, name), walk)
    if (path === null || pathItem === null) continue
    const place = { holder: base, name, span: pathItem === written ? at : null }
    const kept = pathItem === part ? null : pathItem
    listPathItem(pathItem, { path, pathItem: kept, ...place }, walk)
  }
}

/**
 * Keys of a document are unique, but `get` and `GET` are one method, and two paths may be one when
 * their unseen characters are gone. From the first such on, all are compared.
 */
function expectTwins(walk: Walk): void {
  walk.keys ??= new Set(walk.found.map((one) => keyOf(one)))
}

function keyOf({ method, path }: WrittenOperation): string {
  return `${method} ${path}`
}

/** The path as it is shown, stored and looked up; null for one that cannot be. */
function readPath(written: string, pointer: () => string, walk: Walk): string | null {
  const { warnings } = walk
  const path = PLAIN_PATH.test(written) ? written : stripUnseen(written).replace(/\s/g, ' ').trim()
  if (path !== written) {
    expectTwins(walk)
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
  if (isPathItem(target, walk)) return withSiblings(target, written, resolver)
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

function listPathItem(pathItem: JsonObject, at: WrittenPath, walk: Walk): void {
  const others: string[] = []
  for (const key of Object.keys(pathItem)) {
    if (!METHODS.has(key)) others.push(key)
    else add(key, pathItem[key], partAt(at.span, key), at, walk)
  }
  for (const key of others) {
    const written = pathItem[key]
    if (key === 'parameters') {
      warnAboutParameters(written, at, walk)
    } else if (OTHER_KEYS.has(key) || key.startsWith('x-')) {
      continue
    } else if (key === 'additionalOperations') {
      listAdditional(written, { ...at, pathItem }, walk)
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
  expectTwins(walk)
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
  expectTwins(walk)
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
  if (!isObject(written)) {
    const message = 'This operation is not an object; it was left out.'
    walk.warnings.add('BAD_TYPE', joinPointer(pointerOf(at), key), message)
    return
  }
  const isRead = at.pathItem === null && span !== null
  const one = new WrittenOperation(at, key, span, isRead ? null : written)
  const size = walk.keys?.size
  if (walk.keys?.add(keyOf(one)).size === size && size !== undefined) {
    const message = `${keyOf(one)} is given twice; this one was left out.`
    walk.warnings.add('DUP_KEY', one.pointer, message)
    return
  }
  walk.found.push(one)
  walk.take(one)
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? '').slice(0, 200)
}
