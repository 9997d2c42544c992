import { beforeAll, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { servicesOn, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

describe.each(storageKinds)('a value in a question, on %s', (kind) => {
  let services: Services

  beforeAll(async () => {
    services = servicesOn(await openTestDatabase(kind), null)
    await upload(services, 'shop', [
      { path: '/customers/{id}', summary: 'Retrieve a customer' },
      { path: '/customers/{id}/sources', summary: 'Sources of a customer' },
      // Words that values would be cut into.
      { path: '/cus', summary: 'Cus zqx com example https hooks bob' },
      { path: '/oauth2/clients', summary: 'Clients of OAuth2, by ISO8601 dates' },
      { path: '/v1beta1/things', summary: 'Things' },
      { path: '/controls', summary: 'Controls of ISO27001, ISO-27001 and SOC2' },
      { path: '/errors/{id}', summary: 'Get the error E11000 or Error_404' },
      { path: '/flaws', summary: 'The flaw CVE-2024-12345' },
    ])
  })

  const ask = async (query: string) =>
    (await searchOperations(services, localPrincipal, { query })).structured

  test.each([
    'cus_9s6XKzqx',
    '9s6ZQXkzkNRiz8i3',
    'de305d54-75b4-431b-adb2-eb6b9e546014',
    'inv-4400123',
    'cus_123',
    'cus_NffrFeUfNV2Hib',
    'order_KbfQwXzLmnoPqR',
    'U02ABCDEFGH',
    'zqx_cus_'.repeat(30),
    'bob@example.com',
    'https://hooks.example.com/zqx?cus=1',
  ])('is not searched for, nor said to occur nowhere: %s', async (value) => {
    const { results } = await ask(`retrieve the customer ${value}`)
    expect(results[0]?.path).toBe('/customers/{id}')
    expect(results.map(({ path }) => path)).not.toContain('/cus')
    const { note } = await ask(`frobnicate ${value} by crocodiles`)
    expect(note).toContain(
      "No operation's texts, path or parameters have: `frobnicate`, `crocodiles`.",
    )
  })

  test.each(['cus_9s6XKzkNRiz8i3', 'what is cus_9s6XKzkNRiz8i3'])(
    'alone is no word to search for: %s',
    async (query) => {
      const { results, note } = await ask(query)
      expect(results).toEqual([])
      expect(note).toMatch(
        /^Left out as values: `cus_9s6XKzkNRiz8i3`\. The question has no word to search/,
      )
    },
  )

  test('is said to be left out, unless it stands in a known path', async () => {
    const { note } = await ask('the customer cus_9s6XKzkNRiz8i3 of bob@example.com')
    expect(note).toContain('Left out as values: `bob@example.com`, `cus_9s6XKzkNRiz8i3`.')
    expect((await ask('/customers/cus_9s6XKzkNRiz8i3')).note ?? '').not.toContain('Left out')
  })

  test('is left out of a path that nobody has, whose other parts are searched for', async () => {
    const { results } = await ask('what is /v9/customers/cus_9s6XKzkNRiz8i3/sources')
    expect(results[0]?.path).toBe('/customers/{id}/sources')
  })

  test.each([
    ['clients of OAuth2', '/oauth2/clients'],
    ['dates in ISO8601', '/oauth2/clients'],
    ['v1beta1', '/v1beta1/things'],
    ['controls of ISO27001', '/controls'],
    ['ISO27001', '/controls'],
    ['ISO-27001', '/controls'],
    ['the flaw CVE-2024-12345', '/flaws'],
    ['CVE-2024-12345', '/flaws'],
    ['E11000', '/errors/{id}'],
    ['Error_404', '/errors/{id}'],
  ])('is no name with digits: %s', async (query, path) => {
    const { results, note } = await ask(query)
    expect(results[0]).toMatchObject({ path })
    expect(note ?? '').not.toContain('Left out')
  })

  test('names its operation where it stands in a known path', async () => {
    const [first] = (await ask('GET https://x.test/customers/cus_9s6XKzkNRiz8i3')).results
    expect(first).toMatchObject({ path: '/customers/{id}', match: 'exact' })
  })
})
