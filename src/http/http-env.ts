import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { App } from '../app/app.js'
import type { Principal } from '../catalog/principal.js'
import type { Logger } from '../log.js'
import type { AllowedHosts } from './allowed-hosts.js'
import type { KeyRing } from './keys.js'

/** What a request carries through its handlers. */
export interface HttpEnv {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    /** Set once the request has been let in. */
    principal: Principal
  }
}

export type HttpRequest = Context<HttpEnv>

/** What all requests to a server share. */
export interface HttpContext {
  app: App
  log: Logger
  /** Null: whoever reaches the server may use it; it then listens on loopback only. */
  keys: KeyRing | null
  /** On whose behalf requests run where there are no keys. */
  anyone: Principal
  hosts: AllowedHosts
  /** The most bytes that a request's body may have. */
  maxBodyBytes: number
  /** Aborted when the server begins to stop: streams end, and it calls itself not ready. */
  stopping: AbortSignal
}
