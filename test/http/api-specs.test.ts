import { beforeAll, describe, expect, test } from 'vitest'
import { storageKinds } from '../setup/databases.js'
import { askJson, openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const PETS = openApi('Pets', {
  'GET /pets': { id: 'listPets', summary: 'List all pets' },
  'POST /pets': { id: 'createPet', summary: 'Create a pet' },
})
const MORE_PETS = openApi('Pets', {
  'GET /pets': { id: 'listPets', summary: 'List all pets' },
  'DELETE /pets/{id}': { id: 'deletePet', summary: 'Delete a pet' },
})
const BIRDS = openApi('Birds', { 'GET /birds': { id: 'listBirds', summary: 'List all birds' } })

describe.each(storageKinds)('specs over REST on %s', (kind) => {
  let server: OpenServer
  beforeAll(async () => {
    server = await openHttpServer({
      ...(await storageSettings(kind)),
      API_CATALOG_EMBEDDER: 'none',
    })
  })
  const specs = (catalog: string) => `/api/v1/catalogs/${catalog}/specs`
  const put = (path: string, body: string) => askJson(server, path, { method: 'PUT', body })
  const post = (path: string, body: object = {}) =>
    askJson(server, path, { method: 'POST', body: JSON.stringify(body) })
  const get = (path: string, headers = {}) => askJson(server, path, { headers })

  test('a PUT makes a spec, then its next revision, and says when nothing changed', async () => {
    const path = `${specs('put')}/pets`
    const created = await put(path, PETS)
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(path)
    expect(created.facts).toEqual({
      catalog: 'put',
      spec: 'pets',
      outcome: 'created',
      revision: 1,
      title: 'Pets',
      version: '1.0.0',
      operation_count: 2,
      changes: { added: 2, removed: 0, changed: 0, unchanged: 0 },
      warnings: [],
      warning_count: 0,
      job: null,
    })
    expect(await put(path, PETS)).toMatchObject({
      status: 200,
      facts: { outcome: 'unchanged', revision: 1 },
    })
    const revised = await put(path, MORE_PETS)
    expect(revised).toMatchObject({ status: 200, facts: { outcome: 'revised', revision: 2 } })
    expect(revised.headers.get('location')).toBeNull()
    expect(revised.facts.changes).toEqual({ added: 1, removed: 1, changed: 0, unchanged: 1 })
  })

  test('a PUT keeps the name in its address, even where another API has it', async () => {
    const path = `${specs('names')}/pets`
    await put(path, PETS)
    expect(await put(path, BIRDS)).toMatchObject({
      status: 200,
      facts: { spec: 'pets', outcome: 'revised', revision: 2, title: 'Birds' },
    })
    expect((await get(specs('names'))).facts.specs).toHaveLength(1)
  })

  test('a POST to the specs names the spec as the tool does, and says where it is', async () => {
    const named = await post(specs('post'), { content: PETS })
    expect(named.status).toBe(201)
    expect(named.headers.get('location')).toBe(`${specs('post')}/pets`)
    const other = await post(specs('post'), { content: BIRDS, name: 'pets' })
    expect(other.headers.get('location')).toBe(`${specs('post')}/pets-2`)
    expect(await get(other.headers.get('location')!)).toMatchObject({
      status: 200,
      facts: { name: 'pets-2', title: 'Birds' },
    })
    expect((await post(specs('post'), { content: PETS })).status).toBe(200)
  })

  test('a spec is read with how far it is embedded, and listed with its catalog', async () => {
    await put(`${specs('read')}/pets`, PETS)
    const listed = {
      name: 'pets',
      title: 'Pets',
      version: '1.0.0',
      revision: 1,
      operation_count: 2,
      badge: 'lexical_only',
      source: null,
    }
    const { status, facts } = await get(`${specs('read')}/pets`)
    expect(status).toBe(200)
    expect(facts).toEqual({ ...listed, catalog: 'read', embedding: expect.anything() })
    expect(facts.embedding).toMatchObject({ spec_name: 'pets', operation_count: 2 })
    expect((await get(specs('read'))).facts).toEqual({ catalog: 'read', specs: [listed] })
    const { catalogs } = (await get('/api/v1/catalogs')).facts
    expect(catalogs).toContainEqual({ name: 'read', specs: [listed] })
  })

  test('the catalog "default" is there before anything is in it', async () => {
    expect(await get(specs('default'))).toMatchObject({ status: 200, facts: { specs: [] } })
  })

  test('the document comes back byte for byte, by format or by Accept, older ones too', async () => {
    const path = `${specs('documents')}/pets`
    const yaml = 'openapi: 3.1.0\ninfo: {title: Pets, version: "1"} # ä\npaths: {}\n'
    await put(path, yaml)
    await put(path, PETS)
    const asked = await server.ask(`${path}?format=document`)
    expect(await asked.text()).toBe(PETS)
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename="documents.pets.json"',
      'content-location': `${path}?format=document&revision=2`,
      'x-content-type-options': 'nosniff',
      vary: 'accept',
    })
    const older = await server.ask(`${path}?format=document&revision=1`)
    expect(older.headers.get('content-type')).toBe('application/yaml')
    expect(await older.text()).toBe(yaml)
    for (const accept of ['application/yaml', 'application/vnd.oai.openapi+json, */*;q=0.1']) {
      const preferred = await server.ask(path, { headers: { accept } })
      expect(await preferred.text(), accept).toBe(PETS)
    }
    for (const accept of ['*/*', 'application/json', 'text/html,*/*;q=0.8']) {
      expect((await get(path, { accept })).facts.name, accept).toBe('pets')
    }
    expect((await get(`${path}?format=facts`, { accept: 'text/yaml' })).facts.name).toBe('pets')
    expect(await get(`${path}?format=document&revision=7`)).toMatchObject({
      status: 404,
      facts: { detail: 'Revision 7 is not kept. There are: 1, 2.' },
    })
    expect(await get(`${path}?revision=1`)).toMatchObject({ status: 400 })
  })

  test('a spec that is deleted is gone, and the second DELETE finds nothing', async () => {
    const path = `${specs('delete')}/pets`
    await put(path, PETS)
    const deleted = await askJson(server, path, { method: 'DELETE' })
    expect(deleted).toMatchObject({
      status: 200,
      facts: { deleted: { catalog: 'delete', spec: 'pets', revision: 1, operation_count: 2 } },
    })
    expect((await get(path)).status).toBe(404)
    expect((await askJson(server, path, { method: 'DELETE' })).status).toBe(404)
  })

  test('a clone is a spec of its own; a name that is taken is a conflict', async () => {
    const path = `${specs('original')}/pets`
    await put(path, PETS)
    const copy = await post(`${path}/clone`, { catalog: 'copies' })
    expect(copy).toMatchObject({
      status: 201,
      facts: { catalog: 'copies', spec: 'pets', revision: 1, operation_count: 2 },
    })
    expect(copy.headers.get('location')).toBe(`${specs('copies')}/pets`)
    expect((await post(`${path}/clone`, { spec: 'cats' })).headers.get('location')).toBe(
      `${specs('original')}/cats`,
    )
    expect(await post(`${path}/clone`, {})).toMatchObject({
      status: 400,
      facts: { detail: expect.stringContaining('where the copy goes') },
    })
    for (const taken of [{ catalog: 'copies' }, { spec: 'cats' }]) {
      expect(await post(`${path}/clone`, taken)).toMatchObject({
        status: 409,
        facts: { title: 'Conflict', detail: expect.stringContaining('already') },
      })
    }
    expect(await post(`${path}/clone`, { spec: 'a/b' })).toMatchObject({ status: 400 })
    expect(await post(`${specs('original')}/nothing/clone`, { spec: 'x' })).toMatchObject({
      status: 404,
    })
  })

  test('revisions are listed newest first, and compared', async () => {
    const path = `${specs('revisions')}/pets`
    for (const document of [PETS, MORE_PETS, PETS]) await put(path, document)
    const { facts } = await get(`${path}/revisions`)
    expect(facts).toMatchObject({ catalog: 'revisions', spec: 'pets' })
    expect(facts.revisions.map((one: { revision: number }) => one.revision)).toEqual([3, 2, 1])
    expect(facts.revisions[0]).toEqual({
      revision: 3,
      version: '1.0.0',
      operation_count: 2,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect((await get(`${path}/diff?from=1&to=2`)).facts).toMatchObject({
      from: 1,
      to: 2,
      removed: ['revisions/pets:createPet'],
      added: ['revisions/pets:deletePet'],
      changed: [],
      breaking_count: 1,
    })
    expect((await get(`${path}/diff`)).facts).toMatchObject({ from: 2, to: 3 })
    expect(await get(`${path}/diff?from=8`)).toMatchObject({ status: 404 })
  })

  test('operations are searched and read under the names that the tools have', async () => {
    await put(`${specs('search')}/pets`, PETS)
    const { status, facts } = await get(
      '/api/v1/search?query=create%20a%20pet&catalog=search&limit=1&explain=true',
    )
    expect(status).toBe(200)
    expect(facts).toMatchObject({ ranking: 'lexical', coverage: { embedded: 0, total: 2 } })
    const [hit] = facts.results
    expect(hit).toMatchObject({ id: 'search/pets:createPet', method: 'POST', effect: 'write' })
    expect(hit.why.rank_lexical).toBe(1)
    const slashed = encodeURIComponent('search/pets:GET /pets')
    const read = await get(`/api/v1/operations?id=${hit.id}&id=${slashed}&id=nothing&include=curl`)
    expect(read.facts).toMatchObject({
      operations: [{ id: 'search/pets:createPet' }, { id: 'search/pets:listPets' }],
      not_found: ['nothing'],
      ambiguous: [],
    })
    expect(read.facts.operations[0].curl).toContain('https://api.test/pets')
  })
})
