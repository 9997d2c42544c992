import { findRefs, visitObjects } from './find-refs.js'
import { encodePercent } from './json-pointer.js'
import type { JsonObject } from './json-value.js'
import { Resolver } from './resolver.js'

/** A part of the document that has an address of its own: all of it, or a schema with an `$id`. */
interface AddressedPart {
  pointer: string
  /** Without a fragment. */
  address: string
  value: unknown
  /** Pointers of what has an anchor in it, by name; not in parts of it that have addresses. */
  anchors: Map<string, string>
  /** Made when it is first asked. */
  resolver: Resolver | null
}

/** No address, and no way to a part that has one, is longer: real ones have a hundred characters. */
const MAX_CHARS = 2_000

/** Addresses in a document that has none are compared as if it lay there. */
const NOWHERE = 'document://nowhere/'

/**
 * Makes references local that name the document by its address (`$self`, since 3.2), or a schema in
 * it by its `$id` (since 3.1): whole, by a pointer or by an anchor. Whether there were any; `root` is
 * changed then. Nothing is looked for outside of it.
 */
export function followAddresses(root: JsonObject): boolean {
  const parts = addressedParts(root)
  const byAddress = new Map([...parts.values()].toReversed().map((part) => [part.address, part]))
  const ofDocument = parts.get('')?.address ?? NOWHERE
  const resolver = new Resolver(root)
  let isChanged = false
  for (const { ref, pointer, holder, key } of findRefs(root)) {
    const from = nearest(pointer, parts)
    const local = ref.startsWith('#')
      ? localIn(from, ref.slice(1), resolver)
      : // Relative ones are often meant from the document, wherever they stand.
        (targetOf(ref, from.address, byAddress) ?? targetOf(ref, ofDocument, byAddress))
    if (local === null) continue
    holder[key] = local
    isChanged = true
  }
  return isChanged
}

/** By their pointers, the document first. */
function addressedParts(root: JsonObject): Map<string, AddressedPart> {
  const address = addressAt(root['$self'], NOWHERE) ?? NOWHERE
  const parts = new Map<string, AddressedPart>()
  parts.set('', newPart('', address, root))
  visitObjects(root, '', ({ value, pointer, isNames }) => {
    const { $id, $anchor, $dynamicAnchor } = value
    const names = [$anchor, $dynamicAnchor, oldAnchor($id)].filter((one) => typeof one === 'string')
    if (isNames || (names.length === 0 && $id === undefined)) return
    const around = nearest(pointer, parts)
    const own = addressAt($id, around.address)
    const part = own === null ? around : newPart(pointer, own, value)
    parts.set(part.pointer, part)
    for (const name of names) if (!part.anchors.has(name)) part.anchors.set(name, pointer)
  })
  return parts
}

function newPart(pointer: string, address: string, value: unknown): AddressedPart {
  return { pointer, address, value, anchors: new Map(), resolver: null }
}

/** The part that an object lies in, or is. */
function nearest(pointer: string, parts: ReadonlyMap<string, AddressedPart>): AddressedPart {
  let at = pointer.length > MAX_CHARS ? '' : pointer
  for (;;) {
    const part = parts.get(at)
    if (part !== undefined) return part
    at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
  }
}

/** Null for what is no address, or one with a fragment. */
function addressAt(written: unknown, base: string): string | null {
  if (typeof written !== 'string' || written === '' || written.length > MAX_CHARS) return null
  if (!URL.canParse(written, base)) return null
  const url = new URL(written, base)
  return url.hash === '' ? withoutHash(url) : null
}

function withoutHash({ href }: URL): string {
  return href.replace(/#.*$/s, '')
}

/** Before `$anchor` there was, it was an `$id` of nothing but a fragment. */
function oldAnchor(id: unknown): string | null {
  return typeof id === 'string' && /^#[^/]/.test(id) ? id.slice(1) : null
}

/** Within a part `#` is that part. Many mean the document all the same, which goes before. */
function localIn(part: AddressedPart, fragment: string, resolver: Resolver): string | null {
  const isDocument = part.pointer === ''
  if (fragment === '') return isDocument ? null : pointerIn(part, '')
  const goesBefore = isDocument || fragment.startsWith('/')
  if (goesBefore && resolver.target(`#${fragment}`) !== undefined) return null
  return pointerIn(part, fragment)
}

/** What a reference by address names; null where no part has that address. */
function targetOf(
  ref: string,
  base: string,
  byAddress: ReadonlyMap<string, AddressedPart>,
): string | null {
  if (ref.length > MAX_CHARS || !URL.canParse(ref, base)) return null
  const part = byAddress.get(withoutHash(new URL(ref, base)))
  const fragment = /#(.*)$/s.exec(ref)?.[1] ?? ''
  // A document that refers to itself as a whole says nothing.
  if (part === undefined || (part.pointer === '' && fragment === '')) return null
  return pointerIn(part, fragment) ?? (part.pointer === '' ? `#${fragment}` : null)
}

/** A fragment of a part as a reference within the document; null where nothing is there. */
function pointerIn(part: AddressedPart, fragment: string): string | null {
  const base = `#${encodePercent(part.pointer)}`
  if (fragment === '') return base
  const anchor = part.anchors.get(fragment)
  if (anchor !== undefined) return `#${encodePercent(anchor)}`
  if (!fragment.startsWith('/')) return null
  part.resolver ??= new Resolver(part.value)
  return part.resolver.target(`#${fragment}`) === undefined ? null : base + fragment
}
