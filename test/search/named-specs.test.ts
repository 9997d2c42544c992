import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { emptyDatabase, servicesOn, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

describe.each(storageKinds)('a spec that the question names, on %s', (kind) => {
  let db: Database
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
    services = servicesOn(db, null)
  })
  beforeEach(async () => {
    await emptyDatabase(db)
    await upload(services, 'trello', [
      { path: '/boards/{id}', method: 'delete', summary: 'Remove a board' },
      { path: '/boards', summary: 'List boards' },
      { path: '/members/{id}', summary: 'Get a member' },
    ])
    await upload(services, 'code-host', [
      { path: '/user', summary: 'Get the authenticated user' },
      { path: '/users/{name}', summary: 'Get a user' },
      { path: '/user/repos', summary: 'List repositories for the authenticated user' },
    ])
    await upload(services, 'music', [
      { path: '/me', summary: "Get current user's own profile" },
      { path: '/users/{id}', summary: 'Get a current user profile' },
      { path: '/me/account', summary: "Get the current user's own account details" },
      { path: '/orders', summary: 'List orders of music' },
    ])
    await upload(services, 'orders', [{ path: '/carts', summary: 'List carts' }])
  })

  const ask = async (query: string, more: object = {}) =>
    (await searchOperations(services, localPrincipal, { query, ...more })).structured

  test.each(['trello', 'Trello?', 'the trello'])(
    'is shown where the question has nothing else: %s',
    async (query) => {
      const { results, note, nothing_fits } = await ask(query)
      expect(results.map(({ spec }) => spec)).toEqual(['trello', 'trello', 'trello'])
      expect(results[0]?.path).toBe('/boards')
      expect(note).toContain('`trello` is a spec with 3 operations; ask what it should do.')
      expect(nothing_fits).toBeUndefined()
    },
  )

  test('is shown by its shortest paths first, and last what takes something away', async () => {
    const collections = Array.from({ length: 12 }, (_, n) => ({
      path: `/${'long-'.repeat(12 - n)}collection`,
      summary: 'Things',
    }))
    await upload(services, 'zendesk', [
      ...collections,
      { path: '/z', method: 'delete', summary: 'Remove it' },
      { path: '/a/{id}', method: 'put', summary: 'Set the state of all that belongs to somebody' },
      { path: '/b', method: 'post', summary: 'Add what nobody has, wherever it is from' },
    ])
    const { results } = await ask('zendesk', { limit: 20 })
    const lengths = results.slice(0, -1).map(({ path }) => path.length)
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
    expect(results.map(({ path }) => path)).toHaveLength(15)
    expect(results.at(-1)?.path).toBe('/z')
  })

  test('keeps to the filters of a question that has nothing else', async () => {
    const { results } = await ask('trello', { method: 'delete' })
    expect(results.map(({ path }) => path)).toEqual(['/boards/{id}'])
    expect((await ask('trello', { spec: 'music' })).results).toEqual([])
  })

  test('does not hide what operations elsewhere are about', async () => {
    expect((await ask('orders')).results[0]?.path).toBe('/orders')
  })

  test('is no word that occurs nowhere, and others are said with what was searched', async () => {
    const { note } = await ask('frobnicate the crocodiles in trello')
    expect(note).toContain(
      "No operation's texts, path or parameters have: `frobnicate`, `crocodiles`.",
    )
  })

  test('does not lead where its name is only a word, as an operation elsewhere has it', async () => {
    await upload(services, 'staff', [
      { path: '/workcontracts/{id}', method: 'delete', summary: 'Delete a work contract' },
      ...Array.from({ length: 200 }, (_, n) => ({ path: `/rooms/${n}`, summary: 'A room' })),
    ])
    await upload(services, 'contract-post', [
      { path: '/mails/{id}', method: 'delete', summary: 'Delete a mail' },
      { path: '/mails', summary: 'List mails' },
    ])
    expect((await ask('delete a work contract')).results[0]?.spec).toBe('staff')
    expect((await ask('delete a mail in contract')).results[0]?.spec).toBe('contract-post')
  })

  test.each([
    ['who am I in code', 'code-host'],
    ['current user of code', 'code-host'],
    ['get my own account details trello', 'trello'],
    ['current user profile of a trello member', 'trello'],
  ])('leads, however short or common the rest is: %s', async (query, spec) => {
    expect((await ask(query)).results[0]?.spec).toBe(spec)
  })
})
