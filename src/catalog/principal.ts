/** On whose behalf a use case runs. Every use case takes one and sees only its tenant's catalogs. */
export interface Principal {
  tenant: string
}

/** Whoever started the process: stdio and the command line. */
export const localPrincipal: Principal = { tenant: 'default' }
