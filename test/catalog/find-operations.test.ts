import { beforeAll, describe, expect, test } from 'vitest'
import { findOperations, readReference } from '../../src/catalog/find-operations.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

const bare = (operationId: string, method: string | null = null, path: string | null = null) => ({
  catalog: null,
  spec: null,
  operationId,
  method,
  path,
})

test.each([
  ['listUsers', [bare('listUsers')]],
  ['  listUsers ', [bare('listUsers')]],
  ['GET /users', [bare('GET /users', 'GET', '/users')]],
  ['get   /users/{id}', [bare('get   /users/{id}', 'GET', '/users/{id}')]],
  ['/users', [bare('/users', null, '/users')]],
  ['pets:listPets', [{ ...bare('listPets'), spec: 'pets' }, bare('pets:listPets')]],
  [
    'zoo/pets:GET /pets/{id}',
    [
      { ...bare('GET /pets/{id}', 'GET', '/pets/{id}'), catalog: 'zoo', spec: 'pets' },
      bare('zoo/pets:GET /pets/{id}'),
    ],
  ],
  ['pets:a:b', [{ ...bare('a:b'), spec: 'pets' }, bare('pets:a:b')]],
  [
    'pets:POST webhook:newPet',
    [
      { ...bare('POST webhook:newPet', 'POST', 'webhook:newPet'), spec: 'pets' },
      bare('pets:POST webhook:newPet'),
    ],
  ],
  ['POST webhook:newPet', [bare('POST webhook:newPet', 'POST', 'webhook:newPet')]],
  ['PETS:listPets', [{ ...bare('listPets'), spec: 'pets' }, bare('PETS:listPets')]],
  ['chat.postMessage', [bare('chat.postMessage', null, 'chat.postMessage')]],
])('%j is read in these ways', (text, expected) => {
  expect(readReference(text)).toMatchObject(expected)
  expect(readReference(text)).toHaveLength(expected.length)
})

test.each([`a${'"'.repeat(1_000_000)}b`, `A x${'/'.repeat(1_000_000)} y`])(
  'a million marks are no reference, which is told at once',
  (text) => {
    expect(readReference(text)).toEqual([])
  },
)

describe.each(storageKinds)('operations on %s', (kind) => {
  let db: Database
  const them = { ...localPrincipal, tenant: 'them' }

  beforeAll(async () => {
    db = await openTestDatabase(kind)
    const services = { db, embedder: null }
    await upload(services, 'pets', [
      { path: '/pets', operationId: 'listPets' },
      { path: '/pets', method: 'post', operationId: 'createPet' },
      { path: '/pets/{petId}', operationId: 'a:b' },
      { path: '/pets/{petId}', method: 'delete', operationId: 'twin' },
      { path: '/cats', method: 'delete', operationId: 'twin' },
      { path: '/dogs', operationId: 'LISTDOGS' },
      { path: '/dogs/old', operationId: 'listDogs' },
      { path: '/nameless' },
    ])
    await upload(services, 'pets', [{ path: '/pets', operationId: 'listPets' }], { catalog: 'zoo' })
    await upload(services, 'shop', [{ path: '/pets', operationId: 'listPets' }], { catalog: 'zoo' })
    await upload(services, 'secret', [{ path: '/secret', operationId: 'tellSecret' }], {
      principal: them,
    })
  })

  const find = async (text: string, principal = localPrincipal) =>
    (await findOperations(db, principal, text)).map(({ id }) => id)

  test.each([
    ['pets:listPets', ['pets:listPets']],
    ['default/pets:listPets', ['pets:listPets']],
    ['zoo/pets:listPets', ['zoo/pets:listPets']],
    ['shop:listPets', ['zoo/shop:listPets']],
    ['listPets', ['pets:listPets', 'zoo/pets:listPets', 'zoo/shop:listPets']],
    ['createPet', ['pets:createPet']],
    ['CREATEPET', ['pets:createPet']],
    ['pets:POST /pets', ['pets:createPet']],
    ['post /pets', ['pets:createPet']],
    ['a:b', ['pets:a:b']],
    ['pets:a:b', ['pets:a:b']],
    ['GET /pets/{petId}', ['pets:a:b']],
    ['GET /pets/{id}', ['pets:a:b']],
    ['GET /PETS/{x}', ['pets:a:b']],
    ['/cats', ['pets:DELETE /cats']],
    ['twin', ['pets:DELETE /cats', 'pets:DELETE /pets/{petId}']],
    ['listDogs', ['pets:listDogs']],
    ['LISTDOGS', ['pets:LISTDOGS']],
    ['pets:GET /nameless', ['pets:GET /nameless']],
    ['PUT /pets', []],
    ['zoo/pets:createPet', []],
    ['nothing', []],
    ['', []],
    [':', []],
    ['pets:', []],
    ["'; drop table api_catalog.operations; --", []],
    ['%', []],
  ])('%j finds %j', async (text, ids) => {
    expect((await find(text)).toSorted()).toEqual(ids.toSorted())
  })

  test('are found by their tenant alone', async () => {
    expect(await find('tellSecret')).toEqual([])
    expect(await find('tellSecret', them)).toEqual(['secret:tellSecret'])
    expect(await find('listPets', them)).toEqual([])
  })

  test('each find themselves by the id they are given', async () => {
    const rows = await db.query<{ id: string; op: number }>(
      `select id, op from api_catalog.operation_refs where tenant = 'default'`,
    )
    for (const { id, op } of rows) {
      expect((await findOperations(db, localPrincipal, id)).map((ref) => ref.op)).toEqual([op])
    }
  })
})
