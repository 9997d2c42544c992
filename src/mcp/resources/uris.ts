/** The resources that there are; names of catalogs and specs need no escaping in them. */
export const CATALOG_TEMPLATE = 'catalog://{catalog}'
export const SPEC_TEMPLATE = 'catalog://{catalog}/{spec}'

export function catalogUri(catalog: string): string {
  return `catalog://${catalog}`
}

export function specUri(catalog: string, spec: string): string {
  return `catalog://${catalog}/${spec}`
}
