import { isObject, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import type { Resolver } from './resolver.js'
import { stripUnseen } from './search-text.js'
import type { WarningList } from './warning-list.js'

/** An operation where it stands in the document, before anything is made of it. */
export interface WrittenOperation {
  /** Upper case. */
  method: string
  /** Cleaned of unseen characters, else as written; `webhook:name` for a webhook. */
  path: string
  operation: JsonObject
  pathItem: JsonObject
  /** JSON pointer of the operation. */
  pointer: string
  /** Neither the operation nor its path item came through a `$ref`. */
  isInPlace: boolean
}

const METHODS = new Set([
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
  'query',
])

const PLAIN_PATH = /^[!-~]+$/

const HTTP_TOKEN = /^[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,31}$/

/** In UTF-8 bytes: database indexes refuse keys beyond some 2,700. Real paths reach some hundreds. */
const MAX_PATH_BYTES = 2_000

/** What is passed down while the document is walked. */
interface Walk {
  resolver: Resolver
  warnings: WarningList
  found: WrittenOperation[]
  /** `METHOD path` of each. */
  keys: Set<string>
}

/**
 * Every operation of `paths` and `webhooks`, in the order of the document, each `METHOD path` once.
 * What cannot be one is left out with a warning.
 */
export function listOperations(
  root: JsonObject,
  resolver: Resolver,
  warnings: WarningList,
): WrittenOperation[] {
  const walk: Walk = { resolver, warnings, found: [], keys: new Set() }
  listUnder(root['paths'], '/paths', '', walk)
  listUnder(root['webhooks'], '/webhooks', 'webhook:', walk)
  return walk.found
}

function listUnder(items: unknown, base: string, prefix: string, walk: Walk): void {
  if (items === undefined || items === null) return
  if (!isObject(items)) {
    const message = `\`${base.slice(1)}\` must be an object of path items.`
    walk.warnings.add('BAD_TYPE', base, message)
    return
  }
  for (const [name, written] of Object.entries(items)) {
    if (name.startsWith('x-')) continue
    const pointer = joinPointer(base, name)
    const path = readPath(prefix + name, pointer, walk.warnings)
    const pathItem = readPathItem(written, pointer, walk)
    if (path !== null && pathItem !== null) listPathItem(pathItem, path, pointer, walk)
  }
}

/** The path as it is shown, stored and looked up; null for one that cannot be. */
function readPath(written: string, pointer: string, warnings: WarningList): string | null {
  const path = PLAIN_PATH.test(written) ? written : stripUnseen(written).replace(/\s/g, ' ')
  if (path !== written) {
    const message = 'Control or invisible characters were taken out of this path.'
    warnings.add('CONTROL_CHARS', pointer, message)
  }
  if (path.trim() === '' || Buffer.byteLength(path) > MAX_PATH_BYTES) {
    const message = `A path must have 1 to ${MAX_PATH_BYTES} bytes, so this one was left out.`
    warnings.add('BAD_TYPE', pointer.slice(0, MAX_PATH_BYTES), message)
    return null
  }
  if (!path.startsWith('/') && !path.startsWith('webhook:')) {
    warnings.add('BAD_TYPE', pointer, 'A path should begin with "/". It is kept as written.')
  }
  return path
}

/** The path item with what its `$ref` leads to; its own fields win. */
function readPathItem(written: unknown, pointer: string, walk: Walk): JsonObject | null {
  const { resolver, warnings } = walk
  if (!isObject(written)) {
    warnings.add('BAD_TYPE', pointer, 'This path item is not an object, so it has no operations.')
    return null
  }
  const ref = written['$ref']
  if (ref === undefined) return written
  const target = resolver.follow(written)
  if (isObject(target)) return { ...target, ...written }
  const isLocal = typeof ref === 'string' && ref.startsWith('#')
  warnings.add(
    isLocal ? 'DANGLING_REF' : 'EXTERNAL_REF',
    pointer,
    `The $ref ${shown(ref)} of this path ${isLocal ? 'leads nowhere' : 'leaves the document'}; ` +
      'operations that only stand there are missing.',
  )
  return written
}

function listPathItem(pathItem: JsonObject, path: string, pointer: string, walk: Walk): void {
  for (const [key, written] of Object.entries(pathItem)) {
    const inner = joinPointer(pointer, key)
    if (METHODS.has(key)) {
      add(key, path, pathItem, written, inner, walk)
    } else if (key === 'additionalOperations') {
      listAdditional(pathItem, path, inner, walk)
    } else if (METHODS.has(key.toLowerCase())) {
      const message = `Methods are written in lower case; ${shown(key)} is read as one.`
      walk.warnings.add('BAD_TYPE', inner, message)
      add(key, path, pathItem, written, inner, walk)
    } else if (looksLikeOperation(key, written)) {
      const message = `${shown(key)} is no method of OpenAPI, so this is not read as an operation.`
      walk.warnings.add('BAD_TYPE', inner, message)
    }
  }
}

function looksLikeOperation(key: string, value: unknown): boolean {
  return !key.startsWith('x-') && isObject(value) && Object.hasOwn(value, 'responses')
}

/** OpenAPI 3.2's methods that have no field of their own. */
function listAdditional(pathItem: JsonObject, path: string, pointer: string, walk: Walk): void {
  const operations = pathItem['additionalOperations']
  if (!isObject(operations)) {
    const message = '`additionalOperations` must be an object of operations.'
    walk.warnings.add('BAD_TYPE', pointer, message)
    return
  }
  for (const [method, written] of Object.entries(operations)) {
    const inner = joinPointer(pointer, method)
    if (HTTP_TOKEN.test(method)) add(method, path, pathItem, written, inner, walk)
    else walk.warnings.add('BAD_TYPE', inner, `${shown(method)} cannot be an HTTP method.`)
  }
}

function add(
  name: string,
  path: string,
  pathItem: JsonObject,
  written: unknown,
  pointer: string,
  walk: Walk,
): void {
  const method = name.toUpperCase()
  const key = `${method} ${path}`
  if (!isObject(written)) {
    walk.warnings.add('BAD_TYPE', pointer, 'This operation is not an object; it was left out.')
  } else if (walk.keys.has(key)) {
    walk.warnings.add('DUP_KEY', pointer, `${key} is given twice; this one was left out.`)
  } else {
    walk.keys.add(key)
    const operation = withTarget(written, walk.resolver)
    const isInPlace = operation === written && pathItem['$ref'] === undefined
    walk.found.push({ method, path, pathItem, operation, pointer, isInPlace })
  }
}

/** An operation through its `$ref`, where it has one that stays in the document. */
function withTarget(written: JsonObject, resolver: Resolver): JsonObject {
  if (typeof written['$ref'] !== 'string') return written
  const target = resolver.follow(written)
  const { $ref: _, ...siblings } = written
  return isObject(target) ? { ...target, ...siblings } : written
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? '').slice(0, 200)
}
