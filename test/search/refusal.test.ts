import { beforeAll, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { servicesOn, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

describe.each(storageKinds)('what a question refuses, on %s', (kind) => {
  let services: Services

  beforeAll(async () => {
    services = servicesOn(await openTestDatabase(kind), null)
    await upload(services, 'work', [
      { path: '/projects/{id}', summary: 'Get a project' },
      { path: '/projects/{id}', method: 'patch', summary: 'Rename a project' },
      { path: '/projects/{id}', method: 'delete', summary: 'Delete a project' },
      { path: '/projects/{id}/cancel', method: 'delete', summary: 'Cancel a project' },
      { path: '/projects/{id}/archive', method: 'post', summary: 'Archive a project' },
      { path: '/projects', summary: 'List projects' },
      // What is not asked for, so that a project tells something.
      ...Array.from({ length: 60 }, (_, n) => ({
        path: `/rooms/${n}`,
        summary: 'I do not know why it is used, forget: need, wish, mean, just like so',
      })),
    ])
  })

  const ask = async (query: string) =>
    (await searchOperations(services, localPrincipal, { query })).structured.results

  test.each([
    'I do not want to delete the project',
    'I do not want to delete the project, just rename it',
    'I do not want to delete the project, only archive it',
    'We do not wish to cancel the project',
    "I didn't mean to delete the project, undo it",
    "we don't need to accidentally delete the project",
    'I no longer want to cancel a project',
    'I would not like to delete the project',
    'not going to delete the project',
    'make sure not to delete the project',
    "I don't want anybody to delete the project",
    "I don't want the project to be deleted",
    "I don't want the project deleted",
    'you must not delete or cancel the project',
    "one shouldn't delete a project",
    'the project shall not be deleted',
    'a project should never be deleted',
    'avoid deleting, list all projects',
    'stop deleting the project',
    'get the project without having to delete it',
    'instead of deleting the project archive it',
    'nobody should delete the project; list projects instead',
    'no one may delete the project',
    'do not DELETE /projects/{id}',
  ])('is neither first nor strong: %s', async (query) => {
    const results = await ask(query)
    expect(results[0]?.path).toMatch(/^\/projects/)
    expect(results[0]?.effect).not.toBe('destructive')
    const harmful = results.filter(({ effect }) => effect === 'destructive')
    expect(harmful.map(({ match }) => match)).not.toContain('strong')
  })

  test.each([
    ['I do not want to delete the project, just rename it', 'PATCH /projects/{id}'],
    ['I do not want to delete the project, only archive it', 'POST /projects/{id}/archive'],
    ["avoid deleting, list all projects, don't cancel", 'GET /projects'],
  ])('leaves what is asked for: %s', async (query, wanted) => {
    const [first] = await ask(query)
    expect(`${first?.method} ${first?.path}`).toBe(wanted)
  })

  test.each([
    'we can not delete a project',
    "why can't I delete a project",
    'it does not delete the project',
    'why not delete the project',
    'not only delete the project but say so',
    "don't forget to delete the project",
    'I do not know how to delete a project',
    'delete a project that is not used',
  ])('is no refusal: %s', async (query) => {
    const [first] = await ask(query)
    expect(first).toMatchObject({ method: 'DELETE', match: 'strong' })
  })
})
