import { beforeAll, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import { findSchemaUsers } from '../../src/catalog/find-schema-users.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { readScope } from '../../src/search/scope.js'
import { servicesOn, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import type { OperationSketch } from '../setup/spec-document.js'

const json = (pointer: string) => ({
  content: { 'application/json': { schema: { $ref: pointer } } },
})
const gives = (pointer: string) => ({ 200: { description: 'OK', ...json(pointer) } })

/** Their texts say nothing of a ledger entry: only what they take and give does. */
const OPERATIONS: OperationSketch[] = [
  { path: '/bookings', method: 'post', requestBody: json('#/components/schemas/LedgerEntry') },
  { path: '/bookings/{id}', responses: { 200: { $ref: '#/components/responses/Booked' } } },
  { path: '/days', responses: gives('#/components/schemas/Day') },
  { path: '/days/{day}', responses: gives('#/components/schemas/LedgerEntryOfDay') },
]
const COMPONENTS = {
  schemas: {
    LedgerEntry: { type: 'object', properties: { amount: { type: 'integer' } } },
    LedgerEntryOfDay: { type: 'object' },
    Day: { type: 'string' },
  },
  responses: { Booked: { description: 'Booked', ...json('#/components/schemas/LedgerEntry') } },
}
const USERS = ['books:GET /bookings/{id}', 'books:POST /bookings']

describe.each(storageKinds)('the name of a schema, on %s', (kind) => {
  let services: Services

  beforeAll(async () => {
    services = servicesOn(await openTestDatabase(kind), null)
    await upload(services, 'books', OPERATIONS, { more: { components: COMPONENTS } })
  })

  const exactOf = async (query: string, spec?: string) =>
    (await searchOperations(services, localPrincipal, { query, spec })).structured.results
      .filter(({ match }) => match === 'exact')
      .map(({ id }) => id)
      .toSorted()

  test.each(['LedgerEntry', '`LedgerEntry`', 'what takes or gives a LedgerEntry?'])(
    'finds the operations that take or give it: %s',
    async (query) => {
      expect(await exactOf(query)).toEqual(USERS)
    },
  )

  test.each(['ledger entry', 'ledgerentry', 'days', 'LedgerEntryOf'])(
    'is told from other words: %s',
    async (query) => {
      expect(await exactOf(query)).toEqual([])
    },
  )

  test('finds those that name it themselves, however many shared answers do', async () => {
    const shared = Array.from({ length: 150 }, (_, n) => `Shared${n}`)
    const entry = json('#/components/schemas/DoorState')
    await upload(
      services,
      'doors',
      [
        ...shared.map((name) => ({
          path: `/${name}`,
          responses: { 200: { $ref: `#/components/responses/${name}` } },
        })),
        { path: '/doors', method: 'post', requestBody: entry },
      ],
      {
        more: {
          components: {
            schemas: { DoorState: { type: 'string' } },
            responses: Object.fromEntries(
              shared.map((name) => [name, { description: '', ...entry }]),
            ),
          },
        },
      },
    )
    const scope = await readScope(services.db, localPrincipal, { specs: ['doors'] })
    const found = await findSchemaUsers(services.db, 'DoorState', scope)
    const [last] = await services.db.query<{ op: number }>(
      `select id as op from api_catalog.operations where path = '/doors'`,
    )
    expect(found).toContain(last?.op)
    expect(found.length).toBeGreaterThan(100)
  })

  test('that many specs have says nothing, but where one of them is asked', async () => {
    for (let n = 0; n < 6; n++) {
      await upload(
        services,
        `many-${n}`,
        [{ path: '/accounts', responses: gives('#/components/schemas/AccountState') }],
        { more: { components: { schemas: { AccountState: { type: 'string' } } } } },
      )
    }
    expect(await exactOf('AccountState')).toEqual([])
    expect(await exactOf('AccountState', 'many-3')).toEqual(['many-3:GET /accounts'])
  })
})
