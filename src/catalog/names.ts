import { InputError } from '../errors.js'

export const DEFAULT_CATALOG = 'default'
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** Throws InputError unless `name` may name a catalog or a spec; gives it back. */
export function checkedName(what: 'catalog' | 'spec', name: string): string {
  if (NAME.test(name)) return name
  throw new InputError(
    `"${quoted(name)}" cannot name a ${what}: use 1 to 64 of a-z, 0-9, ".", "_" and "-", ` +
      `starting with a letter or a digit${suggestion(name)}.`,
  )
}

/** A valid name made of any text: `GitHub v3 REST API` → `github-v3-rest-api`. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 60)
    .replace(/[^a-z0-9]+$/, '')
}

/**
 * A catalog and a spec as people write them together: `[catalog/]spec`. Throws InputError when
 * `catalog` says another catalog than the text.
 */
export function splitSpecName(text: string, catalog?: string): { catalog: string; spec: string } {
  const slash = text.indexOf('/')
  if (slash < 0) return { catalog: catalog ?? DEFAULT_CATALOG, spec: text }
  const written = text.slice(0, slash)
  if (catalog === undefined || catalog === written) {
    return { catalog: written, spec: text.slice(slash + 1) }
  }
  throw new InputError(
    `"${quoted(text)}" is not in the catalog "${quoted(catalog)}". Say one of the two catalogs.`,
  )
}

/** The reverse of `splitSpecName`. */
export function qualifiedSpec(catalog: string, spec: string): string {
  return catalog === DEFAULT_CATALOG ? spec : `${catalog}/${spec}`
}

/** What agents call an operation; `operationId` where it is unique within its spec. */
export function operationRef(
  { catalog, spec }: { catalog: string; spec: string },
  { operationId, method, path }: { operationId: string | null; method: string; path: string },
): string {
  return `${qualifiedSpec(catalog, spec)}:${operationId ?? `${method} ${path}`}`
}

function suggestion(name: string): string {
  const valid = slug(name)
  return valid ? `, for example "${valid}"` : ''
}

/** What somebody wrote, as a sentence can repeat it: one line, 80 characters. */
export function quoted(text: string): string {
  return text.slice(0, 80).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
}
