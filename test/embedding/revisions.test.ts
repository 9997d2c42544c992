import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { clone, rollBack } from '../../src/app/copy-spec.js'
import { uploadSpec } from '../../src/app/upload-spec.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { servicesOn, workAll } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'

interface Document {
  paths: Record<string, Record<string, Record<string, unknown>>>
}

const realSpec = createRequire(import.meta.url).resolve('@blockfrost/openapi/openapi.yaml')

/** The next version of a real API: one operation new, one gone, one told anew, one typed anew. */
function nextVersion(text: string): string {
  const document = load(text) as Document
  const { '/health': _, ...kept } = document.paths
  const told = kept['/metrics']?.['get']
  const typed = kept['/blocks/{hash_or_number}']?.['get']
  if (!told || !typed) throw new Error('the document has changed: choose other operations')
  told['summary'] = 'How often this account called, day by day'
  typed['responses'] = { 200: { description: 'a block' } }
  const added = { get: { summary: 'List the snapshots of a wallet', responses: {} } }
  return JSON.stringify({ ...document, paths: { ...kept, '/snapshots': added } })
}

test.each(storageKinds)(
  'of a next version only what reads differently is embedded, of a rollback and a copy nothing, on %s',
  async (kind) => {
    const embedder = new StubEmbedder()
    const services = servicesOn(await openTestDatabase(kind), embedder)
    const first = await readFile(realSpec, 'utf8')
    const upload = async (content: string) => {
      const { structured } = await uploadSpec(services, localPrincipal, { content, name: 'real' })
      await workAll(services)
      return structured.changes
    }
    /** What was embedded since the last look. */
    const news = () => embedder.embedded.splice(0).toSorted()

    await upload(first)
    expect(news().length).toBeGreaterThan(100)
    expect(await upload(nextVersion(first))).toMatchObject({ added: 1, removed: 1, changed: 2 })
    expect(news()).toEqual(['GET /metrics', 'GET /snapshots'])

    await rollBack(services, localPrincipal, { spec: 'real', revision: 1 })
    await clone(services, localPrincipal, { from: 'real', to: 'staging/real' })
    await workAll(services)
    expect(news()).toEqual([])
  },
)
