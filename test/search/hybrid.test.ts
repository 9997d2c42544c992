import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { BadVectors, BatchTooLarge, TextRefused } from '../../src/embedding/embedder.js'
import { InputError } from '../../src/errors.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import {
  claimOne,
  emptyDatabase,
  ownSpace,
  servicesOn,
  upload,
  work,
  workAll,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things, type OperationSketch } from '../setup/spec-document.js'

/** Twenty operations; two that a question names, and their neighbours. */
const OPERATIONS: OperationSketch[] = [
  {
    path: '/attachments',
    method: 'post',
    operationId: 'uploadAttachment',
    summary: 'Attach a file to a task',
  },
  { path: '/tasks/{id}', operationId: 'readTask', summary: 'Read a task' },
  { path: '/tasks', method: 'post', operationId: 'createTask', summary: 'Create a task' },
  { path: '/tasks/{id}/files', operationId: 'listFiles', summary: 'List files of a task' },
  ...Array.from({ length: 16 }, (_, n) => ({
    path: `/noise/${n}`,
    operationId: `noise${n}`,
    summary: `Adjust gadget ${n} of the machine`,
  })),
]

describe.each(storageKinds)('search on %s', (kind) => {
  let db: Database
  let stub: StubEmbedder
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  const startAfresh = async (): Promise<void> => {
    await emptyDatabase(db)
    stub = new StubEmbedder()
    services = servicesOn(db, stub, { batchSize: 5, queryTimeoutMs: 5_000 })
  }

  type Input = Partial<Parameters<typeof searchOperations>[2]>
  const search = async (query: string, input: Input = {}, of: Services = services) =>
    (await searchOperations(of, localPrincipal, { query, ...input })).structured

  describe.each([0, 25, 50, 75, 100])('with %i percent embedded', (percent) => {
    beforeAll(async () => {
      await startAfresh()
      await upload(services, 'tasks', OPERATIONS)
      await ownSpace(services)
      stub.onBatch = (batch) => {
        if (batch > percent / 25) throw new Error('that was all')
      }
      const job = await claimOne(services)
      await work(services, job).catch(() => {})
      stub.onBatch = null
    })

    test('the answer says how much is embedded', async () => {
      const answer = await search('attach a file')
      expect(answer.coverage).toEqual({ embedded: percent / 5, total: 20 })
      expect(answer.ranking).toBe(percent === 0 ? 'lexical' : 'hybrid')
      expect(answer.fallback).toBe(percent === 0 ? 'nothing_embedded' : undefined)
    })

    test.each(['what is cus_9s6XKzkNRiz8i3', 'which is it?'])(
      'a question without a word to search for has no hits: %s',
      async (query) => {
        const { results, note } = await search(query)
        expect(results).toEqual([])
        expect(note).toContain('The question has no word to search for.')
      },
    )

    test.each(['uploadAttachment', 'POST /attachments', '/attachments', 'noise7', '`readTask`'])(
      'the identifier %s is the first hit',
      async (identifier) => {
        const [first] = (await search(identifier)).results
        expect(first).toMatchObject({ match: 'exact', score: 1 })
        expect([first!.operation_id, `${first!.method} ${first!.path}`, first!.path]).toContain(
          identifier.replaceAll('`', ''),
        )
      },
    )

    test.each([
      ['attach a file to a task', 'uploadAttachment'],
      ['create task', 'createTask'],
      ['list the files of a task', 'listFiles'],
    ])('"%s" has what its words say on the first page, first', async (query, operationId) => {
      const { results } = await search(query)
      expect(results[0]?.operation_id).toBe(operationId)
    })

    test('each kind of ranking says the same coverage', async () => {
      for (const ranking of ['auto', 'hybrid', 'lexical', 'semantic'] as const) {
        const { coverage } = await search('create task', { ranking })
        expect(coverage).toEqual({ embedded: percent / 5, total: 20 })
      }
    })
  })

  describe('an identifier is found exactly within the scope asked', () => {
    beforeEach(startAfresh)

    const exactOf = async (query: string, input: Input) =>
      (await search(query, input)).results
        .filter(({ match }) => match === 'exact')
        .map(({ id }) => id)

    test('though another spec has it in another case', async () => {
      await upload(services, 'a', [{ path: '/x', operationId: 'listUsers' }])
      await upload(services, 'b', [{ path: '/y', operationId: 'ListUsers' }])
      expect(await exactOf('listUsers', { spec: 'b' })).toEqual(['b:ListUsers'])
    })

    test('though another spec names the parameter so', async () => {
      await upload(services, 'a', [{ path: '/users/{id}' }])
      await upload(services, 'b', [{ path: '/users/{user}' }])
      expect(await exactOf('GET /users/{id}', { spec: 'b' })).toEqual(['b:GET /users/{user}'])
    })

    test('though the default catalog has a spec of that name too', async () => {
      await upload(services, 'a', [{ path: '/x', operationId: 'listUsers' }])
      await upload(services, 'a', [{ path: '/x', operationId: 'listUsers' }], { catalog: 'other' })
      expect(await exactOf('a:listUsers', { catalog: 'other' })).toEqual(['other/a:listUsers'])
    })

    test('though more than a hundred other specs have it', async () => {
      await upload(services, 'first', [{ path: '/health', operationId: 'health' }])
      await upload(services, 'zlast', [{ path: '/health', operationId: 'health' }])
      await db.query(
        `with copy as (
           insert into api_catalog.specs (catalog_id, name, revision, operation_count)
           select catalog_id, 'm' || n, 1, 1 from api_catalog.specs, generate_series(1, 110) n
           where name = 'first' returning id)
         insert into api_catalog.operations (spec_id, method, path, path_shape, operation_id, tags,
           parameters, body_properties, effect, is_deprecated, signature, definition,
           definition_hash, text_hash)
         select copy.id, method, path, path_shape, operation_id, tags, parameters, body_properties,
           effect, is_deprecated, signature, definition, definition_hash, text_hash
         from copy, api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id
         where s.name = 'first'`,
      )
      expect(await exactOf('health', { spec: 'zlast' })).toEqual(['zlast:health'])
    })
  })

  describe('the answer is by words, and says why,', () => {
    const question = 'read thing'
    const expectWords = async (fallback: string, of: Services = services) => {
      const answer = await search(question, {}, of)
      expect(answer).toMatchObject({ ranking: 'lexical', fallback, total: 3 })
      expect(answer.note).toContain('by words')
      expect(answer.coverage).toEqual({ embedded: 3, total: 3 })
    }

    beforeEach(async () => {
      await startAfresh()
      await upload(services, 'things', things(3))
      await workAll(services)
    })

    test('when the question is not embedded in time', async () => {
      stub.queryDelayMs = 60_000
      await expectWords('query_timeout', servicesOn(db, stub, { queryTimeoutMs: 50 }))
    })

    test('when the provider is down', async () => {
      stub.isDown = true
      await expectWords('provider_error')
    })

    test('when the embedder knows no word of the question', async () => {
      stub.unknown = /read thing/
      await expectWords('no_known_word')
    })

    test('when there is no embedder', async () => {
      await expectWords('no_embedder', servicesOn(db, null))
    })

    test.each([
      ['refuses the question', new TextRefused('I will not read that')],
      ['answers rubbish', new BadVectors('NaN')],
      ['finds the question too long', new BatchTooLarge('too long', 'too_long')],
    ])('when the provider %s', async (_, error) => {
      stub.onQuery = () => {
        throw error
      }
      const answer = await search(question)
      expect(answer).toMatchObject({ ranking: 'lexical', total: 3 })
      expect(answer.fallback).toMatch(/provider_error|query_timeout/)
      expect(answer.note).not.toContain('within 5000 ms')
    })

    test('when the model was replaced since its space was last asked for', async () => {
      await search('warm up')
      stub.identity = { ...stub.identity, weights: 'new', dimensions: 32 }
      const answer = await search(question)
      expect(answer).toMatchObject({ ranking: 'lexical', total: 3 })
      expect(answer.fallback).toBeDefined()
    })
  })

  describe('a question', () => {
    beforeEach(startAfresh)

    test('never compares a question of a new model with vectors of the old one', async () => {
      await upload(services, 'things', things(3))
      await workAll(services)
      await search('warm up')
      stub.identity = { ...stub.identity, weights: 'new' }
      expect((await search('read thing')).ranking).toBe('lexical')
    })

    test('asks the provider once for a question that is asked again', async () => {
      let asked = 0
      stub.onQuery = () => void asked++
      await upload(services, 'things', things(3))
      await workAll(services)
      const first = await search('read thing')
      expect(await search('read thing')).toEqual(first)
      expect(asked).toBe(1)
    })

    test('by meaning alone ranks what has a vector, and by words alone asks no provider', async () => {
      stub.onQuery = () => {
        throw new Error('must not be asked')
      }
      await upload(services, 'tasks', OPERATIONS)
      await workAll(services)
      expect(await search('create task', { ranking: 'lexical' })).toMatchObject({
        ranking: 'lexical',
      })
      stub.onQuery = null
      const semantic = await search('create task', { ranking: 'semantic' })
      expect(semantic).toMatchObject({ ranking: 'semantic', total: 20 })
      expect(semantic.results[0]?.operation_id).toBe('createTask')
    })

    test('pages follow each other without gap or repeat', async () => {
      await upload(services, 'things', things(60))
      await workAll(services)
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await search('read thing', { limit: 7, ...(cursor ? { cursor } : {}) })
        expect(page.total).toBe(60)
        seen.push(...page.results.map(({ id }) => id))
        cursor = page.next_cursor
      } while (cursor)
      expect(seen).toHaveLength(60)
      expect(new Set(seen).size).toBe(60)
    })

    test('the same question is answered in the same order, equals too', async () => {
      const same = Array.from({ length: 30 }, (_, n) => ({
        path: `/p${n}`,
        summary: 'Same words here',
      }))
      await upload(services, 'things', same)
      await workAll(services)
      const ask = () => search('same words', { limit: 30, max_tokens: 20_000, explain: true })
      const first = await ask()
      expect(await ask()).toEqual(first)
      const ranks = first.results.map(({ why }) => why?.rank_semantic)
      expect(new Set(ranks).size).toBe(30)
    })

    test('explains a hit by its words and its places', async () => {
      await upload(services, 'tasks', OPERATIONS)
      await workAll(services)
      const { results } = await search('create task', { explain: true })
      expect(results[0]?.why).toMatchObject({ rank_lexical: 1 })
      expect(results[0]?.why?.words).toEqual(
        expect.arrayContaining([
          { term: 'create', fields: ['operation_id', 'summary'] },
          { term: 'task', fields: ['path', 'operation_id', 'summary'] },
        ]),
      )
    })

    test('an empty catalog names the next call, a bad cursor and an empty question are refused', async () => {
      const { next } = await searchOperations(services, localPrincipal, { query: 'anything' })
      expect(next).toContain('upload_spec')
      await expect(search('  ')).rejects.toThrow(InputError)
      await expect(search('x', { cursor: '-1' })).rejects.toThrow(InputError)
      await expect(search('x', { spec: 'none' })).rejects.toThrow(InputError)
    })
  })
})
