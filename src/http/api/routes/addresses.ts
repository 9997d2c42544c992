/** Where all routes of the API are. A path of the next version lies beside it. */
export const API = '/api/v1'
export const CATALOG = `${API}/catalogs/{catalog}` as const
export const SPEC = `${CATALOG}/specs/{spec}` as const

/** The address of a spec. */
export function specAddress({ catalog, spec }: { catalog: string; spec: string }): string {
  return `${API}/catalogs/${catalog}/specs/${spec}`
}

/** The address of a spec's jobs. */
export function jobsAddress({ catalog, spec }: { catalog: string; spec: string }): string {
  return `${API}/catalogs/${catalog}/embedding-jobs?spec_name=${spec}`
}
