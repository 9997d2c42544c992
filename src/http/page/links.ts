import { DEFAULT_CATALOG } from '../../catalog/names.js'

type Values = Record<string, string | number | null | undefined>

/** An address within the page; values that are not there or empty are left out. */
export function link(path: string, values: Values = {}): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value != null && value !== '') given.set(name, String(value))
  }
  const query = given.toString()
  return query === '' ? path : `${path}?${query}`
}

/** Where a spec is looked at, or what is done with it. */
export function specPath(
  { catalog, spec }: { catalog: string; spec: string },
  action?: 'retry' | 'refresh' | 'rollback' | 'delete' | 'diff',
): string {
  const path = `/specs/${encodeURIComponent(catalog)}/${encodeURIComponent(spec)}`
  return action === undefined ? path : `${path}/${action}`
}

/** The spec that an operation's id begins with: it ends at the first `:`. */
export function specOfId(id: string): { catalog: string; spec: string } {
  const [qualified = ''] = id.split(':', 1)
  const slash = qualified.indexOf('/')
  return slash < 0
    ? { catalog: DEFAULT_CATALOG, spec: qualified }
    : { catalog: qualified.slice(0, slash), spec: qualified.slice(slash + 1) }
}

/**
 * An address of this page to go on to; the front page for anything that leads elsewhere. What an
 * action before said there is over.
 */
export function ownPath(asked: string | undefined): string {
  const here = 'http://here'
  if (asked === undefined || !asked.startsWith('/') || !URL.canParse(asked, here)) return '/'
  const { origin, pathname, searchParams } = new URL(asked, here)
  searchParams.delete('done')
  const isOwn = origin === here && !pathname.startsWith('//')
  return isOwn ? link(pathname, Object.fromEntries(searchParams)) : '/'
}
