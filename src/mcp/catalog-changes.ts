import { InMemoryServerEventBus, type ServerEvent } from '@modelcontextprotocol/server'
import type { CatalogWatch, SpecChange } from '../app/catalog-watch.js'
import { catalogUri, specUri } from './resources/uris.js'
import type { Changes } from './servers.js'

/** Changes of a tenant's catalogs, as MCP tells them. They are watched for while anybody listens. */
export class CatalogChanges extends InMemoryServerEventBus implements Changes {
  readonly #watch: CatalogWatch
  readonly #tenant: string
  #unwatch: (() => void) | undefined

  constructor(watch: CatalogWatch, tenant: string) {
    super()
    this.#watch = watch
    this.#tenant = tenant
  }

  override subscribe(listener: (event: ServerEvent) => void): () => void {
    const unsubscribe = super.subscribe(listener)
    this.#unwatch ??= this.#watch.subscribe((changes) => {
      const own = changes.filter(({ tenant }) => tenant === this.#tenant)
      for (const event of eventsOf(own)) this.publish(event)
    })
    return () => {
      unsubscribe()
      if (this.listenerCount > 0) return
      this.#unwatch?.()
      this.#unwatch = undefined
    }
  }

  ready(): Promise<void> {
    return this.#watch.ready()
  }
}

/** The list changes with what is in it; a catalog with each of its specs. */
export function eventsOf(changes: readonly SpecChange[]): ServerEvent[] {
  const uris = new Set(
    changes.flatMap(({ catalog, spec }) => [catalogUri(catalog), specUri(catalog, spec)]),
  )
  const events: ServerEvent[] = [...uris].map((uri) => ({ kind: 'resource_updated', uri }))
  if (changes.every(({ what }) => what === 'changed')) return events
  return [{ kind: 'resources_list_changed' }, ...events]
}
