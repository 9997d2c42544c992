import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compareRevisions } from '../../src/app/compare-revisions.js'
import { clone, deleteCatalog, revisionsOf, rollBack } from '../../src/app/copy-spec.js'
import { getOperations } from '../../src/app/get-operation.js'
import { refreshSpecs } from '../../src/app/refresh-specs.js'
import { Refresher } from '../../src/app/refresher.js'
import type { Services } from '../../src/app/services.js'
import { uploadSpec } from '../../src/app/upload-spec.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { deleteSpec, listSpecs } from '../../src/catalog/specs.js'
import type { Database } from '../../src/db/database.js'
import { emptyDatabase, servicesOn } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { specDocument, things, type OperationSketch } from '../setup/spec-document.js'
import { zipOf } from '../setup/zip.js'

type Content = string | Uint8Array | number

interface Published {
  url: string
  requests: { ifNoneMatch: string | undefined; authorization: string | undefined }[]
  /** Serves another document from now on, or fails with a status. */
  publish: (content: Content) => void
  beforeAnswer: (() => Promise<void>) | null
}

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server of documents that answers 304 to who knows the present one. */
async function publish(first: Content): Promise<Published> {
  let content = first
  let version = 1
  const requests: Published['requests'] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    await site.beforeAnswer?.()
    const { 'if-none-match': ifNoneMatch, authorization } = request.headers
    requests.push({ ifNoneMatch, authorization })
    if (typeof content === 'number') return response.writeHead(content).end()
    const etag = `"${version}"`
    if (ifNoneMatch === etag) return response.writeHead(304).end()
    return response.writeHead(200, { etag }).end(content)
  }
  const server = createServer((request, response) => void answer(request, response))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const site: Published = {
    beforeAnswer: null,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/openapi.json`,
    requests,
    publish: (next) => {
      content = next
      version += 1
    },
  }
  return site
}

const document = (operations: readonly OperationSketch[], title = 'Things') =>
  specDocument(title, operations)

describe.each(storageKinds)('specs that live, on %s', (kind) => {
  let db: Database
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
    services = servicesOn(db, null)
  })

  beforeEach(() => emptyDatabase(db))

  const put = async (content: string, name = 'things') =>
    (await uploadSpec(services, localPrincipal, { content, name })).structured
  const fromUrl = async (url: string, more: object = {}) =>
    (await uploadSpec(services, localPrincipal, { url, ...more })).structured
  const refresh = async (spec?: string) =>
    (await refreshSpecs(services, localPrincipal, { spec })).structured.specs
  const current = async (name = 'things') =>
    (await listSpecs(db, localPrincipal)).find((spec) => spec.name === name)

  describe('a spec from a URL', () => {
    test('costs one "unchanged" where nothing changed, by upload and by refresh', async () => {
      const site = await publish(document(things(2)))
      expect(await fromUrl(site.url)).toMatchObject({ outcome: 'created', revision: 1 })
      expect(await fromUrl(site.url)).toMatchObject({ outcome: 'unchanged', operation_count: 2 })
      expect(await refresh('things')).toMatchObject([{ outcome: 'unchanged', revision: 1 }])
      expect(site.requests.map(({ ifNoneMatch }) => ifNoneMatch)).toEqual([undefined, '"1"', '"1"'])
    })

    test('is called where it came from, where it names no server', async () => {
      const site = await publish(document(things(1)))
      await fromUrl(site.url)
      const asked = { ids: ['things:GET /things/0'] }
      const { structured } = await getOperations(services, localPrincipal, asked)
      const origin = new URL(site.url).origin
      expect(structured.operations[0]?.curl).toBe(`curl "${origin}/things/0"`)
    })

    test('becomes a new revision when the document changed, even in its title', async () => {
      const site = await publish(document(things(2)))
      await fromUrl(site.url)
      site.publish(document(things(3), 'Things, renamed'))
      expect(await refresh()).toMatchObject([{ spec: 'things', outcome: 'revised', revision: 2 }])
      expect(await current()).toMatchObject({ revision: 2, operation_count: 3 })
    })

    test.each([
      ['an error', 500],
      ['an HTML page', '<!doctype html><title>Sign in</title>'],
    ])('stays as it is when its URL gives %s, and shows why', async (_, answer) => {
      const site = await publish(document(things(2)))
      await fromUrl(site.url)
      site.publish(answer)
      const [failed] = await refresh()
      expect(failed).toMatchObject({ outcome: 'failed', revision: null })
      expect(failed?.error).toMatch(/500|HTML/)
      expect(await current()).toMatchObject({ revision: 1, operation_count: 2 })
      const [row] = await db.query<object>(
        `select refresh_error, refresh_failures, next_refresh_at > now() as rests
         from api_catalog.specs`,
      )
      expect(row).toEqual({ refresh_error: failed?.error, refresh_failures: 1, rests: true })
      site.publish(document(things(2)))
      await refresh()
      const after = await db.query(`select refresh_error, refresh_failures from api_catalog.specs`)
      expect(after).toEqual([{ refresh_error: null, refresh_failures: 0 }])
    })

    test('is asked again with headers from the environment, and no secret is stored', async () => {
      const site = await publish(document(things(1)))
      process.env['TEST_SPEC_TOKEN'] = 's3cret'
      const headers = [
        { name: 'authorization', value: 'Bearer ${TEST_SPEC_TOKEN}' },
        { name: 'x-key', value: 'in-clear' },
      ]
      await fromUrl(site.url, { headers })
      await refresh()
      delete process.env['TEST_SPEC_TOKEN']
      expect(site.requests.map(({ authorization }) => authorization)).toEqual([
        'Bearer s3cret',
        'Bearer s3cret',
      ])
      const rows = await db.query(`select * from api_catalog.specs`)
      expect(JSON.stringify(rows)).not.toMatch(/s3cret|in-clear/)
    })

    test('the same document at another URL is asked there from then on, with what was given for it', async () => {
      const [mirror, home] = [
        await publish(document(things(1))),
        await publish(document(things(1))),
      ]
      process.env['TEST_SPEC_TOKEN'] = 's3cret'
      await fromUrl(mirror.url)
      const headers = [{ name: 'authorization', value: 'Bearer ${TEST_SPEC_TOKEN}' }]
      expect(await fromUrl(home.url, { headers })).toMatchObject({ outcome: 'unchanged' })
      await refresh()
      delete process.env['TEST_SPEC_TOKEN']
      expect(mirror.requests.map(({ authorization }) => authorization)).toEqual([undefined])
      expect(home.requests.map(({ authorization }) => authorization)).toEqual([
        'Bearer s3cret',
        'Bearer s3cret',
      ])
    })

    test('that is deleted while its document is fetched stays deleted', async () => {
      const site = await publish(document(things(1)))
      await fromUrl(site.url)
      site.publish(document(things(2)))
      site.beforeAnswer = () => deleteSpec(db, localPrincipal, 'things').then(() => undefined)
      expect(await refresh()).toMatchObject([{ outcome: 'failed' }])
      expect(await listSpecs(db, localPrincipal)).toEqual([])
    })

    test('that was rolled back stays so until its URL gives something new', async () => {
      const site = await publish(document(things(1)))
      await fromUrl(site.url)
      site.publish(document(things(2)))
      await refresh()
      await rollBack(services, localPrincipal, { spec: 'things', revision: 1 })
      expect(await refresh()).toMatchObject([{ outcome: 'unchanged', revision: 3 }])
      expect(await fromUrl(site.url)).toMatchObject({ outcome: 'revised', operation_count: 2 })
    })

    test('that is a zip is refreshed with all its files', async () => {
      const zip = (operationId: string, title: string) =>
        zipOf([
          {
            name: 'api/openapi.yaml',
            content: `openapi: 3.1.0\ninfo: {title: ${title}}\npaths: {/a: {$ref: ../a.yaml}}`,
          },
          { name: 'a.yaml', content: `get: {operationId: ${operationId}}` },
        ])
      const site = await publish(zip('one', 'Things'))
      expect(await fromUrl(site.url)).toMatchObject({ spec: 'things', operation_count: 1 })
      expect(await current()).toMatchObject({ source: site.url })
      site.publish(zip('two', 'Things, renamed'))
      expect(await refresh('things')).toMatchObject([{ outcome: 'revised', revision: 2 }])
      expect(await fromUrl(site.url)).toMatchObject({ spec: 'things', outcome: 'unchanged' })
      const ids = await db.query(`select operation_id from api_catalog.operations`)
      expect(ids).toEqual([{ operation_id: 'two' }])
    })

    test('a spec that came otherwise says how it is renewed', async () => {
      await put(document(things(1)))
      await expect(refresh('things')).rejects.toThrow('did not come from a URL')
    })

    test('is kept up to date by whoever serves, by one process at a time', async () => {
      const site = await publish(document(things(1)))
      await fromUrl(site.url)
      await db.query(`update api_catalog.specs set fetched_at = now() - interval '2 hours'`)
      site.publish(document(things(5)))
      await using _one = new Refresher(async () => services, 3_600_000)
      await using _other = new Refresher(async () => services, 3_600_000)
      await expect.poll(async () => (await current())?.revision, { timeout: 20_000 }).toBe(2)
      expect(site.requests).toHaveLength(2)
    })
  })

  describe('revisions', () => {
    test('are kept, the last twenty', async () => {
      for (let n = 1; n <= 23; n++) await put(document(things(n)))
      const { revisions } = (await revisionsOf(services, localPrincipal, { spec: 'things' }))
        .structured
      expect(revisions).toHaveLength(20)
      expect(revisions[0]).toMatchObject({ revision: 23, operation_count: 23 })
      await expect(
        rollBack(services, localPrincipal, { spec: 'things', revision: 3 }),
      ).rejects.toThrow('Revision 3 is not kept')
    })

    test('can be made current again, under whatever title', async () => {
      await put(document(things(3), 'Old'))
      await put(document(things(1), 'Old'))
      const { structured } = await rollBack(services, localPrincipal, {
        spec: 'things',
        revision: 1,
      })
      expect(structured).toMatchObject({ spec: 'things', revision: 3, operation_count: 3 })
      expect(await listSpecs(db, localPrincipal)).toHaveLength(1)
    })

    test('are compared with what breaks first, within the room there is', async () => {
      await put(document([{ path: '/a', operationId: 'readA' }, { path: '/b' }, { path: '/c' }]))
      const parameter = { name: 'since', in: 'query', required: true, schema: { type: 'string' } }
      await put(
        document([
          { path: '/a', operationId: 'readA', parameters: [parameter] },
          { path: '/b', summary: 'Read b' },
          { path: '/d' },
        ]),
      )
      const compared = await compareRevisions(services, localPrincipal, { spec: 'things' })
      expect(compared.structured).toMatchObject({
        from: 1,
        to: 2,
        removed: ['things:GET /c'],
        added: ['things:GET /d'],
        changed: [
          { id: 'things:readA', what: 'parameter added required query.since', breaking: true },
          { id: 'things:GET /b', breaking: false },
        ],
        breaking_count: 2,
      })
      expect(compared.markdown).toContain('2 breaking changes')
      const ids: string[] = []
      let cursor: string | undefined
      do {
        const asked = { spec: 'things', max_tokens: 100, cursor }
        const { structured, markdown } = await compareRevisions(services, localPrincipal, asked)
        expect(markdown.length).toBeLessThanOrEqual(400)
        const { removed, changed, added } = structured
        ids.push(...removed, ...changed.map(({ id }) => id), ...added)
        cursor = structured.next_cursor
      } while (cursor !== undefined)
      expect(ids.toSorted()).toEqual(
        ['things:GET /b', 'things:GET /c', 'things:GET /d', 'things:readA'].toSorted(),
      )
    })

    test('a spec with one revision says that there is nothing to compare', async () => {
      await put(document(things(1)))
      await expect(compareRevisions(services, localPrincipal, { spec: 'things' })).rejects.toThrow(
        'nothing to compare',
      )
    })
  })

  describe('copies', () => {
    test('of a spec and of a catalog are specs of their own', async () => {
      await put(document(things(2)))
      await clone(services, localPrincipal, { from: 'things', to: 'staging/things' })
      await clone(services, localPrincipal, { from: 'staging/', to: 'production/' })
      const specs = await listSpecs(db, localPrincipal)
      expect(specs.map(({ catalog, name }) => `${catalog}/${name}`)).toEqual([
        'default/things',
        'production/things',
        'staging/things',
      ])
      await expect(
        clone(services, localPrincipal, { from: 'things', to: 'staging/things' }),
      ).rejects.toThrow('already')
    })

    test('a catalog with specs is deleted only by force, and with all that belongs to it', async () => {
      await put(document(things(2)))
      await expect(
        deleteCatalog(services, localPrincipal, { catalog: 'default', force: false }),
      ).rejects.toThrow('--force')
      await deleteCatalog(services, localPrincipal, { catalog: 'default', force: true })
      for (const table of ['catalogs', 'specs', 'operations', 'terms', 'catalog_terms']) {
        expect(await db.query(`select from api_catalog.${table}`), table).toEqual([])
      }
    })
  })
})
