import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { emptyDatabase, servicesOn, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

describe.each(storageKinds)('how a question is worded, on %s', (kind) => {
  let db: Database
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
    services = servicesOn(db, null)
  })
  beforeEach(() => emptyDatabase(db))

  const ask = async (query: string, more: object = {}) =>
    (await searchOperations(services, localPrincipal, { query, ...more })).structured
  const first = async (query: string) => (await ask(query)).results[0]

  describe('two words that a document writes as one', () => {
    const REPOSITORY = [
      { path: '/repositories/{id}/pullrequests', summary: 'Changes to be merged' },
      ...['access', 'leave', 'help', 'money', 'time'].map((thing) => ({
        path: `/${thing}/requests`,
        summary: `Requests for ${thing}`,
      })),
      ...['beer', 'ale', 'rope'].map((thing) => ({ path: `/${thing}`, summary: `Pull ${thing}` })),
    ]

    test('find it', async () => {
      await upload(services, 'code', REPOSITORY)
      expect(await first('list the pull requests')).toMatchObject({
        path: '/repositories/{id}/pullrequests',
        match: 'strong',
      })
    })

    test('find it by the clause that has them, in a long question', async () => {
      await upload(services, 'code', REPOSITORY)
      const question =
        'Yesterday a colleague told something about a review, and now show the pull requests of it'
      expect((await first(question))?.path).toBe('/repositories/{id}/pullrequests')
    })

    test('are not counted again where they also stand alone', async () => {
      await upload(services, 'plans', [
        {
          path: '/planner/plans',
          summary: 'Planner plan',
          description: 'A plannerplan. It plans.',
        },
        { path: '/planner/plans/{id}', summary: 'Planner plan' },
      ])
      const { results } = await ask('planner plan', { explain: true })
      const [a, b] = results.map(({ score }) => score)
      expect(a! - b!).toBeLessThan(0.05)
    })

    test('are not said to occur nowhere', async () => {
      await upload(services, 'code', [
        { path: '/subgenres', summary: 'Music' },
        { path: '/x', summary: 'Other music' },
      ])
      expect((await ask('colour of sub genres')).note ?? '').not.toContain('`sub`')
    })
  })

  describe('a verb in the third person or as a participle', () => {
    const ARTICLES = [
      { path: '/articles/{id}', summary: 'Article' },
      { path: '/articles/{id}', method: 'patch', summary: 'Article' },
      { path: '/articles', method: 'post', summary: 'Article' },
    ]

    test.each([
      ['updates an article', 'PATCH'],
      ['changes articles', 'PATCH'],
      ['updating articles', 'PATCH'],
      ['creates articles', 'POST'],
      ['publishes articles', 'POST'],
      ['retrieves an article', 'GET'],
      ['published articles', 'GET'],
      ['an updated article', 'GET'],
    ])('%s: %s', async (query, method) => {
      await upload(services, 'press', ARTICLES)
      expect((await first(query))?.method).toBe(method)
    })
  })

  test('what follows a parameter is the end of a longer path, not a path', async () => {
    await upload(services, 'shop', [
      { path: '/totals', summary: 'World totals' },
      { path: '/V1/carts/{cartId}/totals', summary: 'Sums of a cart' },
    ])
    const { results } = await ask('carts/{cartId}/totals of a cart')
    expect(results.map(({ match }) => match)).not.toContain('exact')
    expect(results[0]?.path).toBe('/V1/carts/{cartId}/totals')
  })
})
