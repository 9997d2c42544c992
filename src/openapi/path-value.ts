import type { ComponentLookup } from './component-lookup.js'
import { isObject } from './json-value.js'
import { encodedExample, percentEncoded } from './percent-encoded.js'
import { exampleOf, type RequestParameter } from './request-parameters.js'
import { cleanName } from './search-text.js'
import { placeholder, type Piece } from './shell-words.js'

/** Items of a list and fields of an object. */
const MAX_ITEMS = 5

/**
 * A path parameter as its style has it in the address: `a,b`, `.a.b` (label) or `;name=a,b`
 * (matrix), as in RFC 6570. The value is the document's example, else a placeholder.
 */
export function pathValue(parameter: RequestParameter, lookup: ComponentLookup): Piece[] {
  const { name, written } = parameter
  const isExploded = written['explode'] === true
  const value = exampleOf(parameter, lookup)
  const items = itemsOf(value, isExploded)
  const first = `;${percentEncoded(name)}=`
  const before = written['style'] === 'matrix' ? first : written['style'] === 'label' ? '.' : ''
  if (items.length === 0) return [before, placeholder(name)]
  if (written['style'] === 'matrix' && isExploded) {
    return [items.map((item) => (isObject(value) ? `;${item}` : `${first}${item}`)).join('')]
  }
  return [before + items.join(before === '.' && isExploded ? '.' : ',')]
}

/** Encoded items: of an object keys and values by turns, or `key=value` of one that is exploded. */
function itemsOf(value: unknown, isExploded: boolean): string[] {
  if (!isObject(value)) {
    const texts = (Array.isArray(value) ? value.slice(0, MAX_ITEMS) : [value]).map(encodedText)
    return texts.filter((text) => text !== null)
  }
  const fields = Object.entries(value)
    .slice(0, MAX_ITEMS)
    .map(([key, field]) => [percentEncoded(key), encodedText(field) ?? ''])
  return isExploded ? fields.map((field) => field.join('=')) : fields.flat()
}

function encodedText(value: unknown): string | null {
  const text = cleanName(value, 200)
  return text === null ? null : encodedExample(text)
}
