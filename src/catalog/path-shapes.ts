import { pathShape } from './prepared-spec.js'

/** Paths of more segments are looked up as written only. */
const MAX_SEGMENTS = 6
/** Of servers' base paths: `/api/v3` before the paths of the document. */
const MAX_BASE_SEGMENTS = 2
/** With so many segments it is a path without its first slash. */
const SURE_SEGMENTS = 4

/**
 * The shapes (see pathShape) that a path or URL may have in a document, the likeliest first: as
 * written; then with values for parameters (`/users/123` → `/users/{}`), the fewest first; then
 * without the first segments, which a server may add; then all of these with or without the slash at
 * its end, whichever was not asked. A path without its first slash is taken as written, and with it;
 * one of four segments and more with values for parameters too.
 * With spaces it is a sentence, or one of the few paths that have some: as written only.
 */
export function shapesOfPath(path: string): string[] {
  const whole = pathShape(path)
  if (/\s/.test(whole)) return [whole]
  const shape = pathShape(withoutServer(path))
  if (!shape.startsWith('/')) return shapesWithoutSlash(shape)
  const other = shape.endsWith('/') ? shape.slice(0, -1) : `${shape}/`
  // Some documents have queries, fragments (AWS) or all of a URL in their paths.
  return [...new Set([whole, ...shapesOf(shape), ...(other.length > 1 ? shapesOf(other) : [])])]
}

/** Of few segments it may be two words with a slash between them, and no value of any parameter. */
function shapesWithoutSlash(shape: string): string[] {
  const segments = shape.split('/')
  const isLong = segments.length >= SURE_SEGMENTS && segments.length <= MAX_SEGMENTS
  return [shape, `${shape}/`, `/${shape}`, `/${shape}/`, ...(isLong ? generalised(segments) : [])]
}

function shapesOf(shape: string): string[] {
  const segments = shape.split('/').slice(1)
  if (segments.length > MAX_SEGMENTS) return [shape]
  const shapes: string[] = []
  for (let base = 0; base <= Math.min(MAX_BASE_SEGMENTS, segments.length - 1); base++) {
    const rest = segments.slice(base)
    // What is left of `/me/` without its first segment is not `/`.
    if (base === 0 || rest[0] !== '') shapes.push(...generalised(rest))
  }
  return shapes
}

/** The path alone of a URL; without query and fragment, which no template has. */
function withoutServer(path: string): string {
  const [, rest] = /^https?:\/\/[^/\s]+(\/.*)$/i.exec(path) ?? []
  return (rest ?? path).replace(/[?#].*$/, '')
}

/** Every way to take names for values; one at least stays as it is. What is empty is no name. */
function generalised(segments: readonly string[]): string[] {
  const names = segments.at(-1) === '' ? segments.length - 1 : segments.length
  const ways = Array.from({ length: Math.max(1, 2 ** names - 1) }, (_, mask) => mask)
  const isSet = (mask: number, at: number) => ((mask >> at) & 1) === 1
  const count = (mask: number) => segments.filter((_, at) => isSet(mask, at)).length
  return ways
    .toSorted((a, b) => count(a) - count(b) || b - a)
    .map((mask) => `/${segments.map((one, at) => (isSet(mask, at) ? '{}' : one)).join('/')}`)
}
