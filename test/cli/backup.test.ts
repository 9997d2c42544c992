import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDataDir, hasPostgres } from '../setup/databases.js'
import { RawServer, runCommand, storageSettings, type Settings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const PETS = openApi('Pets', { 'GET /pets': { id: 'listPets', summary: 'List all pets' } })

let folder: string
let file: string
let settings: Settings
let server: RawServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-catalog-backup-'))
  file = join(folder, 'catalog.backup')
  settings = await storageSettings('embedded')
  server = await RawServer.start(settings)
  await server.call('upload_spec', { content: PETS })
  await server.call('embedding_status', { wait_ms: 20_000 })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
})

test('a backup is made while a server runs, and read into another directory', async () => {
  expect(await runCommand(['backup', file], settings)).toMatchObject({ code: 0, stderr: '' })
  expect((await stat(file)).size).toBeGreaterThan(1_000)
  const elsewhere = { API_CATALOG_DATA_DIR: await createDataDir('empty') }
  expect(await runCommand(['restore', file], elsewhere)).toMatchObject({ code: 0, stderr: '' })
  const listed = await runCommand(['status', '--json'], elsewhere)
  expect(JSON.parse(listed.stdout).specs).toMatchObject([
    { spec_name: 'pets', badge: 'indexed', embedding_count: 1 },
  ])
})

test('a directory with something in it is not replaced unless --force says so', async () => {
  const taken = await storageSettings('embedded')
  const refused = await runCommand(['restore', file], taken)
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toMatch(/^[^\n]*--force[^\n]*\.\n$/)
  expect(await runCommand(['restore', file, '--force'], taken)).toMatchObject({ code: 0 })
  const listed = await runCommand(['list', '--json'], taken)
  expect(JSON.parse(listed.stdout).catalogs).toMatchObject([{ specs: [{ name: 'pets' }] }])
})

test('a directory that a server works on is not replaced at all', async () => {
  const { code, stderr } = await runCommand(['restore', file, '--force'], settings)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^[^\n]+\.\n$/)
  expect((await server.call('search_operations', { query: 'listPets' })).facts.total).toBe(1)
})

test('a place that is not for a backup is refused with a sentence, and nothing is written', async () => {
  const place = await mkdtemp(join(folder, 'place-'))
  await mkdir(join(place, 'directory'))
  await symlink(file, join(place, 'link'))
  for (const [target, reason] of [
    [join(place, 'directory'), 'is a directory'],
    [join(place, 'link'), 'is a symbolic link'],
    [join(place, 'none', 'catalog.backup'), 'see that its directory is there'],
    [join(settings['API_CATALOG_DATA_DIR']!, 'catalog.backup'), 'is inside the data directory'],
  ] as const) {
    const { code, stdout, stderr } = await runCommand(['backup', target], settings)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\.\n$/)
    expect(stderr).not.toContain('Something went wrong')
    expect(stderr).toContain(reason)
  }
  expect(await readdir(place)).toEqual(['directory', 'link'])
  expect(await readdir(settings['API_CATALOG_DATA_DIR']!)).not.toContain('catalog.backup')
})

test('a data directory that holds no catalog is not backed up, and none is made in it', async () => {
  const mistyped = join(folder, 'mistyped')
  const target = join(folder, 'empty.backup')
  const { code, stderr } = await runCommand(['backup', target], { API_CATALOG_DATA_DIR: mistyped })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^There is no catalog in [^\n]*mistyped[^\n]*--data-dir[^\n]*\.\n$/)
  for (const path of [mistyped, target]) await expect(stat(path)).rejects.toThrow('ENOENT')
})

test('what is no backup, and what is not there, is refused with a sentence', async () => {
  const directory = await createDataDir('empty')
  const noBackup = join(folder, 'notes.txt')
  await writeFile(noBackup, 'These are notes.')
  for (const path of [noBackup, join(folder, 'none')]) {
    const { code, stdout, stderr } = await runCommand(['restore', path], {
      API_CATALOG_DATA_DIR: directory,
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr).not.toContain('Something went wrong')
    expect(stderr).toContain(path)
  }
})

test.runIf(hasPostgres)('Postgres has tools of its own for that', async () => {
  const postgres = await storageSettings('postgres')
  for (const command of ['backup', 'restore']) {
    const { code, stderr } = await runCommand([command, join(folder, 'other')], postgres)
    expect(code).toBe(1)
    expect(stderr).toMatch(/pg_(?:dump|restore)/)
  }
})
