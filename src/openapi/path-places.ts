import { scalarText, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import { cleanName } from './search-text.js'
import type { WarningList } from './warning-list.js'
import type { WrittenOperation } from './written-operation.js'

/** A query, or what only tells operations apart (AWS): a place there may be no path parameter's. */
const AFTER_PATH = /[?#].*$/s
/** They say how a value is put in, as in `{+name}`, `{proxy+}`, `{path*}`, and are in no name. */
const MARKS = /^[+./;]|[*+]$/g
/** Of each kind, in one warning. */
const MAX_NAMED = 5

/** BAD_TYPE, where a path has other places (`{id}`) than all the parameters of an operation say. */
export function warnAboutPlaces(
  parameters: readonly JsonObject[],
  at: Pick<WrittenOperation, 'path' | 'pointer'>,
  warnings: WarningList,
): void {
  const { path } = at
  if (agree(parameters, path)) return
  const declared = namesInPath(parameters)
  if (!path.startsWith('/') || (declared.length === 0 && !path.includes('{'))) return
  const known = new Set(declared.map(bare))
  const without = placesOf(path.replace(AFTER_PATH, '')).filter((one) => !known.has(bare(one)))
  const taken = new Set(placesOf(path).map(bare))
  const spare = declared.filter((name) => !taken.has(bare(name)))
  if (without.length + spare.length === 0) return
  const said = [
    ...(without.length > 0
      ? [`${listed(without.map((name) => `{${name}}`))} of the path has no parameter`]
      : []),
    ...(spare.length > 0 ? [`parameter ${listed(spare)} has no place in the path`] : []),
  ]
  const message = `Here ${said.join('; ')}. A curl has the places of the path.`
  warnings.add('BAD_TYPE', joinPointer(at.pointer, 'parameters'), message)
}

/** Said of nearly all, by looking only: this is asked of each operation. */
function agree(parameters: readonly JsonObject[], path: string): boolean {
  let without = 0
  for (let at = path.indexOf('{'); at !== -1; at = path.indexOf('{', at + 1)) without++
  for (const { in: place, name } of parameters) {
    if (place === 'query' || place === 'header' || place === 'cookie') continue
    if (place !== 'path' || typeof name !== 'string' || !path.includes(`{${name}}`)) return false
    without--
  }
  return without === 0
}

function namesInPath(parameters: readonly JsonObject[]): string[] {
  return parameters
    .filter((one) => scalarText(one['in'])?.toLowerCase() === 'path')
    .map(({ name }) => cleanName(name, 200) ?? '')
}

function placesOf(path: string): string[] {
  return [...new Set(Array.from(path.matchAll(/\{([^{}]{1,200})\}/g), ([, name = '']) => name))]
}

function bare(name: string): string {
  return name.replace(MARKS, '')
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((name) => `\`${name}\``)
  return [...shown, ...(names.length > MAX_NAMED ? ['…'] : [])].join(', ')
}
