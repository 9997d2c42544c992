import { anchorsIn } from './anchors.js'
import { readFileRef, type OwnAddresses } from './file-ref.js'
import { findRefs } from './find-refs.js'
import { encodePercent, FILES_KEY, joinPointer, percentDecoded } from './json-pointer.js'
import { isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'
import type { SpecWarning } from './parsed-spec.js'
import { Resolver } from './resolver.js'
import { unfoldMaps } from './shared-maps.js'
import { tooManyBytes, type ParseLimits } from './spec-error.js'
import { setOwn } from './untangle.js'

/**
 * Makes the files of a bundle, the document first, one document as JSON text. The others stand in
 * it whole under `x-bundled-files`, by path, and every reference names its target there. So circles
 * of files are circles of references, nothing needs a name of its own, and what is stored can be
 * read again without the files. The values are changed. Throws SpecError TOO_LARGE.
 */
export function joinBundle(
  files: ReadonlyMap<string, unknown>,
  addresses: OwnAddresses,
  limits: ParseLimits,
): string {
  let textChars = 0
  const [[entry, root] = ['', null]] = files
  const document = objectOrEmpty(root)
  const anchors = new Map(Array.from(files, ([name, value]) => [name, anchorsIn(value)]))
  for (const [name, value] of files) {
    for (const found of findRefs(value)) {
      if (found.holder[found.key] !== found.ref) continue // The name of a component, and no file's.
      const target = readFileRef(found.ref, name, addresses)
      if (target === 'outside') continue // `parseSpec` warns of what leaves the document.
      const known = target?.names.find((one) => files.has(one))
      if (target?.isUrl === true && known === undefined) continue
      const file = known ?? target?.names[0] ?? name
      const fragment = target === null ? found.ref.slice(1) : target.fragment
      const anchored = anchors.get(file)?.get(fragment)
      const base = file === entry ? '#' : `#${encodePercent(joinPointer(`/${FILES_KEY}`, file))}`
      found.holder[found.key] = base + (anchored === undefined ? fragment : encodePercent(anchored))
      const text = fragment === '' ? files.get(file) : null
      if (typeof text !== 'string') continue
      textChars += text.length
      if (textChars > limits.maxBytes) {
        throw tooManyBytes('the text files, as often as they are referred to,', textChars, limits)
      }
      setOwn(found.parent, found.name, text)
    }
  }
  const others = [...files].filter(([name]) => name !== entry)
  const bundled: JsonObject = { ...objectOrEmpty(document[FILES_KEY]) }
  for (const [name, value] of others) setOwn(bundled, name, value)
  document[FILES_KEY] = bundled
  unfoldTop(document)
  unfoldMaps(document)
  if (document['swagger'] === undefined) adoptSchemes(document, bundled)
  return JSON.stringify(document)
}

/** `paths`, `info`, `tags` and the like may be one reference to a file, against the rules. */
function unfoldTop(document: JsonObject): void {
  const resolver = new Resolver(document)
  for (const [key, value] of Object.entries(document)) {
    if (!isObject(value) || typeof value['$ref'] !== 'string') continue
    const target = resolver.follow(value)
    if (target !== undefined) setOwn(document, key, target)
  }
}

/**
 * Security schemes are required by their names, which are looked up in the document; those that only
 * another file has, beside operations of its own, are referred to from there.
 */
function adoptSchemes(document: JsonObject, bundled: JsonObject): void {
  const resolver = new Resolver(document)
  const schemesOf = (value: unknown) =>
    own(resolver.follow(own(value, 'components')), 'securitySchemes')
  const schemes: JsonObject = { ...objectOrEmpty(resolver.follow(schemesOf(document))) }
  const ownCount = Object.keys(schemes).length
  for (const [name, value] of Object.entries(bundled)) {
    const base = `#/${FILES_KEY}`
    for (const scheme of Object.keys(objectOrEmpty(schemesOf(value)))) {
      const pointer = [name, 'components', 'securitySchemes', scheme].reduce(joinPointer, base)
      if (!Object.hasOwn(schemes, scheme)) setOwn(schemes, scheme, { $ref: encodePercent(pointer) })
    }
  }
  if (Object.keys(schemes).length === ownCount) return
  document['components'] = {
    ...objectOrEmpty(resolver.follow(document['components'])),
    securitySchemes: schemes,
  }
}

/** A place in the joined document that is one in a file; what follows `/` is a pointer in that. */
const IN_FILE = new RegExp(`#?/${FILES_KEY}/([^/"#\\s]+)(/?)`, 'g')
const POINTER_INTO_FILE = new RegExp(`^/${FILES_KEY}/([^/]+)`)
const LEAVES = / leaves the document(?=[.;])/
/** What is told of a document by itself; this one was uploaded with its files. */
const UPLOAD_FILES = /(?:; a| A) folder or zip with its files can be uploaded as a whole\.$/

/** A warning about the joined document, told of the file that it is about. */
export function warningInFile(warning: SpecWarning, entry: string): SpecWarning {
  const message = warning.message
    .replace(IN_FILE, (at, name: string, slash: string) => {
      return fileName(at.startsWith('#') ? percentDecoded(name) : name) + (slash && '#/')
    })
    .replace(LEAVES, ' leads to no file of the bundle')
    .replace(UPLOAD_FILES, (said) => (said.startsWith(';') ? '.' : ''))
  const [base, name = ''] = POINTER_INTO_FILE.exec(warning.pointer) ?? []
  return base === undefined
    ? { ...warning, message, file: entry }
    : { ...warning, message, file: fileName(name), pointer: warning.pointer.slice(base.length) }
}

function fileName(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}
