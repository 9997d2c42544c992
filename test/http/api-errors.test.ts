import { beforeAll, describe, expect, test } from 'vitest'
import { askJson, openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const PETS = openApi('Pets', { 'GET /pets': { id: 'listPets', summary: 'List all pets' } })
const API = '/api/v1'
const PET_SPEC = `${API}/catalogs/default/specs/pets`

let server: OpenServer
beforeAll(async () => {
  server = await openHttpServer({
    ...(await storageSettings()),
    API_CATALOG_KEYS: 'reader:look:read,writer:change:write',
    API_CATALOG_EMBEDDER: 'none',
  })
  const made = await as('change', PET_SPEC, { method: 'PUT', body: PETS })
  expect(made.status).toBe(201)
})

const as = (key: string | null, path: string, init: RequestInit = {}) =>
  askJson(server, path, {
    ...init,
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
  })
const get = (path: string) => as('look', path)

/** What a problem looks like to whoever gets it. */
const problem = (status: number, title: string, detail: string | RegExp) => ({
  status,
  facts: {
    type: 'about:blank',
    title,
    status,
    detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    request_id: expect.stringMatching(/^[\w-]{10,}$/),
  },
})

describe('a request that is wrong is told what is wrong', () => {
  test('every wrong parameter by its name, and those that there are', async () => {
    const answer = await get(`${API}/search?limit=99&explain=maybe&ranking=best&foo=1`)
    expect(answer).toEqual({
      headers: expect.anything(),
      ...problem(
        400,
        'Bad Request',
        '`query` is missing; `limit` must be at most 50; ' +
          '`ranking` must be one of auto, hybrid, lexical, semantic; ' +
          '`explain` must be true or false; there is no parameter "foo" (there are query, ' +
          'catalog, spec, method, tag, path_prefix, effect, limit, cursor, ranking, max_tokens, ' +
          'explain).',
      ),
    })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test.each([
    ['search?query=a&limit=two', /^`limit` must be a (whole )?number\.$/],
    ['search?query=a&limit=1.5', /^`limit` must be/],
    ['search?query=a&limit=', /^`limit` must be/],
    ['search?query=a&limit=0x10', /^`limit` must be/],
    ['search?query=a&query=b', /^`query` is given more than once\.$/],
    ['search?query=', /`query` is empty/],
    ['search?query=a&cursor=nonsense', /cursor/],
    ['search?query=a&spec=a%00b', /^`spec` has a NUL character/],
    ['operations', /^`id` is missing\.$/],
    ['operations?id=1&id=2&id=3&id=4&id=5&id=6', /^`id` must have at most 5 of them\.$/],
    ['operations?id=a&include=everything', /^`include.0` must be one of/],
    ['catalogs?page=2', /^There is no parameter "page"\.$/],
    ['catalogs/default/embedding-jobs?limit=501', /^`limit` must be at most 500\.$/],
    ['catalogs/default/embedding-jobs?status=done', /^`status` must be one of pending,/],
    ['catalogs/default/embedding-jobs?cursor=x', /cursor/],
    ['catalogs/default/embedding-status?wait_ms=-1', /^`wait_ms` must be at least 0\.$/],
    ['catalogs/default/specs/pets?format=yaml', /^`format` must be one of facts, document\.$/],
    ['catalogs/default/specs/pets/diff?from=0', /^`from` must be at least 1\.$/],
  ])('%s', async (path, detail) => {
    expect(await get(`${API}/${path}`)).toMatchObject(problem(400, 'Bad Request', detail))
  })

  const hostile = [
    ["'; drop table api_catalog.specs; --", 'SQL'],
    ['a/b', 'a slash'],
    ['*', 'a glob'],
    ['a\nb', 'a line break'],
    ['a\0b', 'a NUL character'],
    ['Ünïcode', 'letters beyond a to z'],
    ['x'.repeat(10_000), '10 KB'],
    ['-x', 'a dash in front'],
  ]
  test.each(hostile)('a name like %j (%s)', async (name) => {
    const written = encodeURIComponent(name)
    const places = [
      ['GET', `catalogs/${written}/specs`],
      ['GET', `catalogs/default/specs/${written}`],
      ['PUT', `catalogs/default/specs/${written}`],
      ['DELETE', `catalogs/default/specs/${written}`],
      ['GET', `catalogs/${written}/embedding-status`],
      ['POST', `catalogs/default/specs/${written}/reembed`],
    ] as const
    for (const [method, path] of places) {
      const init = method === 'PUT' ? { method, body: PETS } : { method }
      expect(await as('change', `${API}/${path}`, init)).toMatchObject(
        problem(400, 'Bad Request', /cannot name a (catalog|spec): use 1 to 64 of a-z/),
      )
    }
    const asked = await get(`${API}/catalogs/default/embedding-jobs?spec_name=${written}`)
    expect([400, 404]).toContain(asked.status)
    expect((await get(`${API}/search?query=${written}`)).status).toBe(200)
    expect((await get(`${API}/operations?id=${written}`)).status).toBe(
      name.includes('\0') ? 400 : 200,
    )
  })

  test('a name that is no valid percent-encoding, and a name of dots', async () => {
    for (const name of ['%zz', '%ff', '%E0%A4']) {
      expect((await get(`${API}/catalogs/default/specs/${name}`)).status).toBe(400)
    }
    expect((await get(`${API}/catalogs/default/specs/..%2f..%2fetc%2fpasswd`)).status).toBe(400)
  })
})

describe('what is not there', () => {
  test.each([
    ['catalogs/none/specs', /^No catalog named "none"/],
    ['catalogs/none/embedding-status', /^No catalog named "none"/],
    ['catalogs/none/embedding-health', /^No catalog named "none"/],
    ['catalogs/none/embedding-jobs', /^No catalog named "none"/],
    ['catalogs/default/specs/none', /^No spec named "none" in the catalog "default"/],
    ['catalogs/default/specs/none?format=document', /^No spec named "none"/],
    ['catalogs/default/specs/none/revisions', /^No spec named "none"/],
    ['catalogs/default/specs/none/diff', /^No spec named "none"/],
    ['catalogs/default/embedding-status?spec=none', /^No spec named "none"/],
    ['catalogs/default/embedding-jobs?spec_name=none', /^No spec named "none"/],
    ['search?query=a&catalog=none', /^No catalog named "none"/],
    ['nothing', 'There is nothing at that address.'],
    ['catalogs/default/specs/pets/nothing', 'There is nothing at that address.'],
  ])('%s is not found', async (path, detail) => {
    expect(await get(`${API}/${path}`)).toMatchObject(problem(404, 'Not Found', detail))
  })

  test('a method that an address has not is answered with those it has', async () => {
    const answers = [
      ['PATCH', PET_SPEC, 'GET, HEAD, DELETE, PUT'],
      ['DELETE', `${API}/search`, 'GET, HEAD'],
      ['GET', `${PET_SPEC}/refresh`, 'POST'],
      ['PUT', `${API}/catalogs/default/specs`, 'GET, HEAD, POST'],
    ] as const
    for (const [method, path, allow] of answers) {
      const answer = await as('change', path, { method })
      expect(answer).toMatchObject(
        problem(405, 'Method Not Allowed', `This address takes ${allow}.`),
      )
      expect(answer.headers.get('allow')).toBe(allow)
    }
  })

  test('a HEAD is a GET without its body', async () => {
    const headers = { authorization: 'Bearer look' }
    const answer = await server.ask(PET_SPEC, { method: 'HEAD', headers })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })

  test('a spec that came from no URL cannot be refreshed', async () => {
    const answer = await as('change', `${PET_SPEC}/refresh`, { method: 'POST' })
    expect(answer).toMatchObject(problem(400, 'Bad Request', /did not come from a URL/))
  })

  test('where nothing embeds, nothing is embedded again', async () => {
    const answer = await as('change', `${PET_SPEC}/reembed`, { method: 'POST' })
    expect(answer).toMatchObject(problem(400, 'Bad Request', /no embedder is configured/))
  })
})

describe('a key', () => {
  const writes = [
    ['PUT', 'catalogs/default/specs/pets'],
    ['POST', 'catalogs/default/specs'],
    ['DELETE', 'catalogs/default/specs/pets'],
    ['POST', 'catalogs/default/specs/pets/refresh'],
    ['POST', 'catalogs/default/specs/pets/clone'],
    ['POST', 'catalogs/default/specs/pets/reembed'],
  ] as const

  test('is needed for everything, the description too', async () => {
    for (const path of ['/openapi.json', `${API}/catalogs`, PET_SPEC]) {
      const answer = await as(null, path)
      expect(answer).toMatchObject(problem(401, 'Unauthorized', /Authorization: Bearer/))
    }
  })

  test.each(writes)('that may only read may not %s %s', async (method, path) => {
    const answer = await as('look', `${API}/${path}`, { method })
    expect(answer).toMatchObject(problem(403, 'Forbidden', /one that may write/))
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="api-catalog-mcp", error="insufficient_scope", scope="write"',
    )
    expect((await get(PET_SPEC)).status).toBe(200)
  })

  test('is no leave to have URLs fetched, unless the server is told so', async () => {
    const body = JSON.stringify({ url: 'https://example.org/openapi.json' })
    expect(
      await as('change', `${API}/catalogs/default/specs`, { method: 'POST', body }),
    ).toMatchObject(problem(403, 'Forbidden', /API_CATALOG_HTTP_URLS/))
  })
})

test("another tenant's specs are not there, in the same words as what was never there", async () => {
  const settings = { ...(await storageSettings()), API_CATALOG_EMBEDDER: 'none' }
  const callers = [{ tenant: 'one' }, { tenant: 'two' }]
  await using server = await openHttpServer(settings, { callers })
  const [one, two] = server.callers
  const secret = `${API}/catalogs/secret/specs/pets`
  await askJson(one!, secret, { method: 'PUT', body: PETS })
  // Of a title that is like neither name: specs of one's own are suggested by theirs.
  const mine = openApi('Animals', { 'GET /pets': { id: 'listPets', summary: 'List all pets' } })
  await askJson(two!, `${API}/catalogs/own/specs/mine`, { method: 'PUT', body: mine })
  const places = [
    ['GET', ''],
    ['GET', '?format=document'],
    ['GET', '/revisions'],
    ['GET', '/diff'],
    ['DELETE', ''],
    ['POST', '/refresh'],
    ['POST', '/reembed'],
  ] as const
  for (const [method, rest] of places) {
    const [theirs, nobodys] = await Promise.all(
      ['pets', 'cats'].map(async (name) => {
        const answer = await askJson(two!, secret.replace('pets', name) + rest, { method })
        return { status: answer.status, detail: answer.facts.detail.replace(name, 'NAME') }
      }),
    )
    expect(theirs).toEqual(nobodys)
    expect(theirs).toEqual({ status: 404, detail: expect.stringMatching(/^No spec named "NAME"/) })
    expect(theirs!.detail).not.toContain('secret/')
  }
  expect((await askJson(two!, `${API}/catalogs`)).facts.catalogs).toMatchObject([{ name: 'own' }])
  expect((await askJson(two!, `${API}/catalogs/secret/specs`)).status).toBe(404)
  const found = await askJson(two!, `${API}/operations?id=secret/pets:listPets`)
  expect(found.facts).toMatchObject({ operations: [], not_found: ['secret/pets:listPets'] })
  const searched = await askJson(two!, `${API}/search?query=list%20pets`)
  expect(searched.facts.results).toMatchObject([{ id: 'own/mine:listPets' }])
  expect((await askJson(one!, secret)).status).toBe(200)
})
