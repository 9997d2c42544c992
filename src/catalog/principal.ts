/** What a caller may do: `read` is to look and to ask, `write` is everything. */
export type Scope = 'read' | 'write'

/**
 * On whose behalf a use case runs, and what they may. Every use case takes one and sees only its
 * tenant's catalogs.
 */
export interface Principal {
  tenant: string
  /** For the log: the name of a key, never the key. */
  name: string
  scope: Scope
  /** Whence a document may be taken, beside the request itself. */
  sources: readonly ('path' | 'url')[]
}

/** Whoever started the process: stdio and the command line act as that user. */
export const localPrincipal: Principal = {
  tenant: 'default',
  name: 'local',
  scope: 'write',
  sources: ['path', 'url'],
}
