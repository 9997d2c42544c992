import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { pino } from 'pino'
import type { TestProject } from 'vitest/node'
import { Engine } from '../../src/db/embedded/engine.js'
import { openDatabase } from '../../src/db/open-database.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a Postgres in which tests make their databases; null where there is none. */
    postgresUrl: string | null
    /** Name of a migrated database, to be cloned. */
    postgresTemplate: string
    /** Data directories to be copied: `migrated`, and `bare` as the engine makes them. */
    dataDirTemplates: string
  }
}

const opening = { poolSize: 2, log: pino({ level: 'silent' }), programVersion: '0.0.0-test' }

/** Makes one migrated database of each kind; each test file gets its own copy (databases.ts). */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const dataDirTemplates = await mkdtemp(join(tmpdir(), 'api-catalog-templates-'))
  await makeDataDirs(dataDirTemplates)

  const postgresUrl = await findPostgres()
  const postgresTemplate = `api_catalog_template_${process.pid}`
  if (postgresUrl !== null) {
    await admin(postgresUrl, `create database ${postgresTemplate}`)
    const url = new URL(postgresUrl)
    url.pathname = `/${postgresTemplate}`
    const postgres = await openDatabase({ ...opening, url: url.href, dataDir: '' })
    await postgres[Symbol.asyncDispose]()
  }

  project.provide('postgresUrl', postgresUrl)
  project.provide('postgresTemplate', postgresTemplate)
  project.provide('dataDirTemplates', dataDirTemplates)
  return async () => {
    await rm(dataDirTemplates, { recursive: true, force: true })
    if (postgresUrl !== null) await admin(postgresUrl, `drop database ${postgresTemplate}`)
  }
}

async function makeDataDirs(folder: string): Promise<void> {
  await cp(await bareCluster(), join(folder, 'bare', 'pgdata'), { recursive: true })
  await cp(join(folder, 'bare'), join(folder, 'migrated'), { recursive: true })
  const database = await openDatabase({ ...opening, dataDir: join(folder, 'migrated') })
  await database[Symbol.asyncDispose]()
}

/** A cluster as the engine makes it, kept between runs: it takes seconds and depends on nothing. */
async function bareCluster(): Promise<string> {
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
  const manifest = await readFile(join(modules, '@electric-sql/pglite/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const cluster = join(modules, '.cache', `pgdata-${version}`)
  if (await stat(cluster).catch(() => null)) return cluster
  const fresh = `${cluster}.${process.pid}`
  await mkdir(fresh, { recursive: true })
  const engine = await Engine.open({ directory: fresh })
  await engine.close()
  await rename(fresh, cluster).catch(() => rm(fresh, { recursive: true })) // another run was quicker
  return cluster
}

async function findPostgres(): Promise<string | null> {
  const named = process.env['TEST_DATABASE_URL']
  if (named !== undefined && named !== '') {
    await admin(named, 'select 1')
    return named
  }
  const started = await readFile(new URL('../../.pg/url', import.meta.url), 'utf8').catch(() => '')
  if (started !== '') {
    const answers = await admin(started.trim(), 'select 1').catch(() => false)
    if (answers !== false) return started.trim()
  }
  process.stderr.write(
    'No Postgres: its tests are skipped. Set TEST_DATABASE_URL, or run: npm run pg\n',
  )
  return null
}

async function admin(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
