import type { ComponentLookup } from './component-lookup.js'
import { isObject, scalarText } from './json-value.js'
import { exampleOf, type RequestParameter } from './request-parameters.js'
import { cleanName } from './search-text.js'
import { placeholder, type Piece } from './shell-words.js'

/** Between the items of a list by `style`; `form` is the one that is meant without. */
const SEPARATORS: Readonly<Record<string, string>> = {
  spaceDelimited: '%20',
  pipeDelimited: '%7C',
}
const MAX_ITEMS = 5

/** A parameter's part of the query, `name=value`: its example, else a placeholder for it. */
export function queryParts(parameter: RequestParameter, lookup: ComponentLookup): Piece[][] {
  const { name, place } = parameter
  const value = exampleOf(parameter, lookup)
  if (place === 'querystring') return [[...(wholeQuery(value) ?? [placeholder(name)])]]
  if (Array.isArray(value)) return listParts(parameter, value)
  if (isObject(value)) return objectParts(parameter, value)
  const text = cleanName(value, 200)
  return [[`${encoded(name)}=`, text === null ? placeholder(name) : encoded(text)]]
}

/** OpenAPI 3.2's parameter that is all of the query: a text that is one already, or its fields. */
function wholeQuery(value: unknown): string[] | null {
  if (!isObject(value)) {
    const text = cleanName(value, 200)
    return text === null ? null : [encodeURI(text)]
  }
  return [
    fieldsOf(value)
      .map(([key, text]) => `${encoded(key)}=${encoded(text)}`)
      .join('&'),
  ]
}

function listParts({ name, written }: RequestParameter, value: readonly unknown[]): string[][] {
  const items = value.slice(0, MAX_ITEMS).map((item) => encoded(cleanName(item, 200) ?? ''))
  const style = String(written['style'])
  const separator = Object.hasOwn(SEPARATORS, style) ? SEPARATORS[style] : undefined
  const isExploded = written['explode'] ?? separator === undefined
  if (isExploded === true) return items.map((item) => [`${encoded(name)}=${item}`])
  return [[`${encoded(name)}=${items.join(separator ?? ',')}`]]
}

function objectParts({ name, written }: RequestParameter, value: object): string[][] {
  const fields = fieldsOf(value)
  if (written['style'] === 'deepObject') {
    return fields.map(([key, text]) => [`${encoded(`${name}[${key}]`)}=${encoded(text)}`])
  }
  if (written['content'] !== undefined) {
    return [[`${encoded(name)}=${encoded(JSON.stringify(value))}`]]
  }
  if (written['explode'] === false) {
    return [
      [
        `${encoded(name)}=${fields
          .flat()
          .map((text) => encoded(text))
          .join(',')}`,
      ],
    ]
  }
  return fields.map(([key, text]) => [`${encoded(key)}=${encoded(text)}`])
}

function fieldsOf(value: object): [string, string][] {
  return Object.entries(value)
    .slice(0, MAX_ITEMS)
    .map(([key, field]) => [key, scalarText(field) ?? JSON.stringify(field) ?? ''])
}

/** Of a lone surrogate no address can be made; `!` means something to an interactive shell. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('!', '%21')
}
