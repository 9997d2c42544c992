import { randomBytes } from 'node:crypto'
import { cpSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type QueryResult } from 'pg'
import { pino } from 'pino'
import { afterAll, inject } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { openDatabase, type OpenDatabaseOptions } from '../../src/db/open-database.js'

const server = inject('postgresUrl')

export const hasPostgres = server !== null

/** Both storage drivers, or the embedded one alone where there is no Postgres: for describe.each. */
export const storageKinds: Database['kind'][] = hasPostgres
  ? ['embedded', 'postgres']
  : ['embedded']

const cleanups: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp()
})

/** A Postgres database of this test file's own, migrated or empty. Gives its URL. */
export async function createPostgres(content: 'migrated' | 'empty' = 'migrated'): Promise<string> {
  const name = `api_catalog_test_${randomBytes(6).toString('hex')}`
  const template = content === 'migrated' ? inject('postgresTemplate') : 'template1'
  await onServer(`create database ${name} template ${template}`)
  cleanups.push(() => onServer(`drop database if exists ${name} with (force)`))
  const url = new URL(serverUrl())
  url.pathname = `/${name}`
  return url.href
}

/**
 * A data directory of this test file's own. Gives its path. `bare` has a database as the
 * engine makes it, without our schema; `empty` has nothing.
 */
export async function createDataDir(
  content: 'migrated' | 'bare' | 'empty' = 'migrated',
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'api-catalog-test-'))
  cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
  if (content !== 'empty') {
    const template = join(inject('dataDirTemplates'), content, 'pgdata')
    // A thousand small files: asking for each and waiting takes twice the processor's time.
    cpSync(template, join(directory, 'pgdata'), { recursive: true })
  }
  return directory
}

/** What `openDatabase` needs for a migrated database of this kind. */
export async function databaseOptions(kind: Database['kind']): Promise<OpenDatabaseOptions> {
  return {
    dataDir: kind === 'embedded' ? await createDataDir() : '',
    ...(kind === 'postgres' && { url: await createPostgres() }),
    poolSize: 4,
    log: pino({ level: 'silent' }),
    programVersion: '0.0.0-test',
  }
}

/** A migrated database of this test file's own, closed after it. */
export async function openTestDatabase(kind: Database['kind']): Promise<Database> {
  const database = await openDatabase(await databaseOptions(kind))
  cleanups.push(async () => database[Symbol.asyncDispose]())
  return database
}

/** Runs one statement on the server that holds the test databases, as its administrator. */
export async function onServer(sql: string, url: string = serverUrl()): Promise<QueryResult> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}

function serverUrl(): string {
  if (server === null) throw new Error('There is no Postgres to test on: look at hasPostgres first')
  return server
}
