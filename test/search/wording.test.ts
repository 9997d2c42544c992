import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { emptyDatabase, servicesOn, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

const DESK = [
  { path: '/metrics', summary: 'Weekly summary numbers', operationId: 'weeklySummaryNumbers' },
  { path: '/tickets', method: 'post', summary: 'Support people' },
  { path: '/people', summary: 'People' },
]

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

  describe('an identifier', () => {
    test.each(['chat.postMessage', 'how do I call chat.postMessage', 'CHAT:sendMessage'])(
      '%s is known without its first slash, and by its spec in any case',
      async (query) => {
        await upload(services, 'chat', [
          { path: '/chat.postMessage', method: 'post', operationId: 'sendMessage' },
          { path: '/chat.update', method: 'post', operationId: 'changeMessage' },
        ])
        expect(await first(query)).toMatchObject({ match: 'exact', path: '/chat.postMessage' })
      },
    )
  })

  test('where a surer hit stands behind a weak one, it is not said that nothing fits', async () => {
    await upload(services, 'desk', DESK)
    const question = 'weekly summary numbers of the support tickets'
    const { markdown, structured } = await searchOperations(services, localPrincipal, {
      query: question,
    })
    const [one, two] = structured.results
    expect([one?.path, two?.path]).toEqual(['/metrics', '/tickets'])
    expect([one?.match, two?.match]).toEqual(['weak', 'weak'])
    expect(markdown).toMatch(/^\d hits by words;/)
    expect(structured.nothing_fits).toBeUndefined()
    const none = await ask('frobnicate the people of the zoo with a spoon')
    expect(none).toMatchObject({ nothing_fits: true })
  })

  test.each([
    'delete a namespace with all its pods',
    'delete a namespace and its pods',
    'remove the namespace including all its pods',
  ])('what goes along with what is taken away is not what is asked for: %s', async (query) => {
    await upload(services, 'cluster', [
      { path: '/namespaces/{name}', method: 'delete', summary: 'Delete a namespace' },
      {
        path: '/namespaces/{namespace}/pods',
        method: 'delete',
        summary: 'Delete all pods of a namespace',
      },
    ])
    expect((await first(query))?.path).toBe('/namespaces/{name}')
    expect((await first('delete all pods of a namespace'))?.path).toContain('pods')
  })

  test.each([
    ['delte a repo', 'DELETE', 'delete'],
    ['cancle a repo', 'DELETE', 'cancel'],
    ['updtae the repo', 'PATCH', 'update'],
  ])(
    'a verb with a typing error says what is wanted, and the note the whole word: %s',
    async (query, method, word) => {
      await upload(services, 'code', [
        { path: '/repo/{id}', summary: 'Cancel, delete or update repo' },
        { path: '/repo/{id}', method: 'patch', summary: 'Cancel, delete or update repo' },
        { path: '/repo/{id}', method: 'delete', summary: 'Cancel, delete or update repo' },
      ])
      const { results, note } = await ask(query)
      expect(results[0]).toMatchObject({ method, match: 'strong' })
      expect(note).toContain(`"${word}" was taken`)
    },
  )

  test.each([
    ['PostRefun', 'PostRefunds'],
    ['PostRefunds', 'PostRefunds'],
    ['PostRefundsRefundCanc', 'PostRefundsRefundCancel'],
  ])('the start of operationIds finds the shortest of them first: %s', async (query, wanted) => {
    await upload(services, 'shop', [
      {
        path: '/refunds/{id}',
        method: 'post',
        operationId: 'PostRefundsRefund',
        summary: 'Post refund',
      },
      { path: '/refunds', method: 'post', operationId: 'PostRefunds', summary: 'Something else' },
      { path: '/refunds/{id}/cancel', method: 'post', operationId: 'PostRefundsRefundCancel' },
      { path: '/refund', method: 'post', operationId: 'refund', summary: 'Post refund' },
      { path: '/cans', method: 'post', operationId: 'PostCans', summary: 'Post can' },
    ])
    expect(await first(query)).toMatchObject({
      operation_id: wanted,
      match: query === wanted ? 'exact' : 'strong',
    })
  })

  test('the note on the start of a word has the whole word', async () => {
    await upload(services, 'code', [{ path: '/repositories', summary: 'List repositories' }])
    expect((await ask('repos')).note).toContain('"repository" was taken')
  })

  test('a page whose hits are all weak has a note that says so', async () => {
    await upload(services, 'desk', DESK)
    const said = 'All hits here are weak matches.'
    for (const query of [
      'weekly summary numbers of the support tickets',
      'frobnicate the people',
    ]) {
      const { results, note } = await ask(query)
      expect(results.every(({ match }) => match === 'weak')).toBe(true)
      expect(note).toContain(said)
    }
    expect((await ask('people')).note).not.toContain(said)
  })

  test.each([
    ['list customs', '/customs'],
    ['list customers', '/customers'],
  ])('a word as written comes before one of the same stem: %s', async (query, path) => {
    await upload(services, 'port', [
      { path: '/customers', summary: 'List customers' },
      { path: '/customs', summary: 'List customs' },
    ])
    expect((await first(query))?.path).toBe(path)
  })

  test('webhooks, which nobody calls, are behind calls unless they are asked for', async () => {
    const post = { summary: 'Issue closed', responses: { 200: { description: 'OK' } } }
    await upload(
      services,
      'code',
      [
        { path: '/issues/{id}', method: 'patch', summary: 'Update an issue: open or close it' },
        { path: '/repos', summary: 'List repositories' },
      ],
      { more: { webhooks: { 'issues-closed': { post } } } },
    )
    expect((await first('close an issue'))?.method).toBe('PATCH')
    for (const query of ['webhook of an issue closed', 'event issue closed']) {
      expect((await first(query))?.path).toBe('webhook:issues-closed')
    }
  })

  describe('a request beside a long story', () => {
    const STORY =
      'This morning a client called, since the lease of the office was late, and nobody knew why. ' +
      'Peter took over, read the papers, and saw that the budget was gone, and that a bill was open. ' +
      'At noon we had a meeting, and they spoke of the price, the trains, the weather and the tone. ' +
      'My laptop is slow, the phone is broken, and the board meets on Friday, so it must be quick.'
    const REQUEST = 'Send a reminder to the tenant.'

    test.each([`${STORY} ${REQUEST}`, `${REQUEST} ${STORY}`, `${STORY.repeat(150)} ${REQUEST}`])(
      'is read at both ends, and the note says so',
      async (query) => {
        await upload(services, 'homes', [
          {
            path: '/tenants/{id}/reminders',
            method: 'post',
            summary: 'Send a reminder to a tenant',
          },
          ...['budget', 'phone', 'price', 'weather', 'meeting', 'office'].map((thing) => ({
            path: `/${thing}`,
            summary: `The ${thing}`,
          })),
        ])
        const { results, note } = await ask(query)
        expect(results[0]).toMatchObject({ path: '/tenants/{id}/reminders', match: 'strong' })
        expect(note).toContain('mostly its first and its last sentences were read')
        expect((await ask(REQUEST)).note).not.toContain('were read')
      },
    )
  })

  test.each(['is the api up', 'turn it off'])(
    'a particle alone is no strong hit: %s',
    async (query) => {
      await upload(services, 'house', [
        { path: '/topup', summary: 'Top up' },
        { path: '/hands', summary: 'Hands off what is up: turn' },
        { path: '/switches/off', summary: 'Switches' },
        { path: '/lights/{id}/off', method: 'post', summary: 'Turn off a light' },
      ])
      expect((await ask(query)).results.map(({ match }) => match)).not.toContain('strong')
      expect(await first('turn off the light')).toMatchObject({ method: 'POST', match: 'strong' })
    },
  )

  test.each([
    'turn on a droplet',
    'turn a droplet on',
    'switch the droplet off',
    'powering up a droplet',
    'power down droplet',
  ])('to switch is neither to make nor to take away: %s', async (query) => {
    await upload(services, 'cloud', [
      { path: '/droplets', method: 'post', operationId: 'droplets_create', summary: 'A droplet' },
      { path: '/droplets/new', method: 'post', summary: 'Create a droplet' },
      { path: '/droplets/{id}', method: 'delete', summary: 'Destroy a droplet' },
      { path: '/droplets/{id}/actions', method: 'post', summary: 'Act on a droplet' },
      ...Array.from({ length: 40 }, (_, n) => ({ path: `/rooms/${n}`, summary: 'Power and turn' })),
    ])
    const { results } = await ask(query)
    const strong = results.filter(({ match }) => match === 'strong').map(({ path }) => path)
    expect(strong.filter((path) => path !== '/droplets/{id}/actions')).toEqual([])
    expect(await first('create a droplet')).toMatchObject({ method: 'POST', match: 'strong' })
  })

  test('a summary with every word of the question is strong, particles too', async () => {
    const others = Array.from({ length: 30 }, (_, n) => ({ path: `/x/${n}`, summary: 'A room' }))
    await upload(services, 'todos', [
      { path: '/entries/{id}/state', method: 'put', summary: 'Tick off a todo' },
      { path: '/entries', summary: 'Entries' },
    ])
    await upload(services, 'rooms', others)
    const { results, nothing_fits } = await ask('tick off a todo')
    expect(results[0]).toMatchObject({ summary: 'Tick off a todo', match: 'strong' })
    expect(nothing_fits).toBeUndefined()
  })

  test('where nothing fits, the next call is not within another spec than the first hit’s', async () => {
    await upload(services, 'todos', [{ path: '/letters', summary: 'Frobnicate' }])
    const rooms = Array.from({ length: 20 }, (_, n) => ({
      path: `/x/${n}`,
      summary: 'Room, letters too, to sleep in and to be had',
    }))
    await upload(services, 'rooms', rooms)
    const { next, structured } = await searchOperations(services, localPrincipal, {
      query: 'frobnicate the crocodile, veterinarian, insurance, letters',
    })
    expect(structured.nothing_fits).toBe(true)
    expect(structured.facets?.['specs']).toMatchObject([{ name: 'rooms' }, { name: 'todos' }])
    expect(structured.results[0]?.spec).toBe('todos')
    expect(next).toContain('Next: ask in other words, or')
  })

  test.each([{ method: 'delete' }, { effect: 'destructive' }])(
    'a filter %j says what is wanted, without a verb',
    async (filter) => {
      await upload(services, 'people', [
        { path: '/users/{id}', method: 'delete', summary: 'Delete a user' },
        { path: '/users', summary: 'List users' },
      ])
      const { results, nothing_fits } = await ask('users', filter)
      expect(results[0]).toMatchObject({ method: 'DELETE', match: 'strong' })
      expect(nothing_fits).toBeUndefined()
      expect((await ask('users')).results.find(({ method }) => method === 'DELETE')?.match).toBe(
        'weak',
      )
    },
  )

  test('a note names words as they are written, not as they are in the index', async () => {
    await upload(services, 'shop', [{ path: '/companies', summary: 'List companies' }])
    expect((await ask('list comapnies')).note).toContain('"companies" was taken')
    const { results } = await ask('listing the companies', { explain: true })
    expect(results[0]?.why?.words).toContainEqual({
      term: 'companies',
      fields: ['path', 'summary'],
    })
  })

  test('facets say among how many hits they were counted, where there are more', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      const many = Array.from({ length: 30 }, (_, n) => ({
        path: `/${name}/${n}`,
        summary: 'Gift',
      }))
      await upload(services, name, many)
    }
    expect((await ask('gift')).facets).toMatchObject({ counted_among: 100 })
    expect((await ask('gift', { path_prefix: '/a' })).facets ?? {}).not.toHaveProperty(
      'counted_among',
    )
  })

  describe('whoever asks', () => {
    const CODE = [
      { path: '/user', summary: 'Get the authenticated user' },
      { path: '/users/{name}', summary: 'Get a user' },
      { path: '/users/{name}/following', summary: 'People whom a user follows' },
      { path: '/user/repos', summary: 'List repositories for the authenticated user' },
      { path: '/repos/{owner}/{repo}', summary: 'Get a repository' },
      { path: '/repos/{owner}/{repo}/tags', summary: 'List repository tags' },
      { path: '/teams', summary: 'List teams' },
    ]

    test.each([
      ['who am I', '/user'],
      ['who am i?', '/user'],
      ['my repos', '/user/repos'],
      ['list my repositories', '/user/repos'],
      ['get a repository', '/repos/{owner}/{repo}'],
    ])('is known where documents speak of the authenticated user: %s', async (query, path) => {
      await upload(services, 'code', CODE)
      expect((await first(query))?.path).toBe(path)
    })

    test.each(['who am I', 'me', 'my photo'])('is known as `me`: %s', async (query) => {
      await upload(services, 'people', [
        { path: '/me', summary: 'Get user' },
        { path: '/me/photo', summary: 'Get photo' },
        { path: '/users/{id}', summary: 'Get user' },
        { path: '/users/{id}/photo', summary: 'Get photo' },
      ])
      const wanted = query === 'my photo' ? '/me/photo' : '/me'
      expect((await first(query))?.path).toBe(wanted)
    })
  })

  describe('the name of a property', () => {
    const SHOP = [
      {
        path: '/subscriptions',
        method: 'post',
        summary: 'Subscribe somebody',
        requestBody: {
          content: {
            'application/json': {
              schema: { type: 'object', properties: { application_fee_percent: {}, items: {} } },
            },
          },
        },
      },
      { path: '/application_fees', summary: 'Application fees in percent' },
      { path: '/application_fees/{id}', summary: 'An application fee percent' },
    ]

    test('names the operations that take it', async () => {
      await upload(services, 'shop', SHOP)
      const { results } = await ask('application_fee_percent')
      expect(results[0]).toMatchObject({ path: '/subscriptions', match: 'exact' })
      expect(results[1]?.match).not.toBe('exact')
      const filtered = await ask('application_fee_percent', { method: 'get' })
      expect(filtered.results.map(({ match }) => match)).not.toContain('exact')
    })

    test('that many operations have names none of them', async () => {
      const many = Array.from({ length: 60 }, (_, n) => ({
        path: `/things/${n}`,
        parameters: [{ name: 'page_size', in: 'query', schema: { type: 'integer' } }],
      }))
      await upload(services, 'shop', many)
      const { results } = await ask('page_size')
      expect(results.length).toBeGreaterThan(0)
      expect(results.map(({ match }) => match)).not.toContain('exact')
    })
  })

  test.each(['repos/octocat/hello-world/pulls/3/merge', 'PUT repos/o/r/pulls/3/merge'])(
    'a path with values is known without its first slash: %s',
    async (query) => {
      await upload(services, 'code', [
        { path: '/repos/{owner}/{repo}/pulls/{number}/merge', method: 'put', summary: 'Merge' },
        { path: '/repos/{owner}/{repo}/pulls/{number}', summary: 'A pull request' },
      ])
      expect(await first(query)).toMatchObject({
        match: 'exact',
        path: '/repos/{owner}/{repo}/pulls/{number}/merge',
      })
    },
  )

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
