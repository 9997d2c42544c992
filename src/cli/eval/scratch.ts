import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from '../../app/app.js'
import type { Services } from '../../app/services.js'
import { createScratchDatabase } from '../../db/scratch-database.js'
import { commandSettings, interruption, type Flags } from '../run-command.js'

/**
 * Runs with the program on an empty database that is removed afterwards: in a folder for temporary
 * files, or with DATABASE_URL beside the database that it names, which is left alone.
 */
export async function inScratch<T>(
  flags: Flags,
  { worker }: { worker: boolean },
  run: (services: Services) => Promise<T>,
): Promise<T> {
  const { config, log } = commandSettings(flags)
  await using storage = await scratchStorage(config.databaseUrl)
  const { databaseUrl, dataDir } = storage
  await using app = new App({ config: { ...config, databaseUrl, dataDir }, log, worker })
  return await Promise.race([app.services().then(run), interruption()])
}

async function scratchStorage(databaseUrl: string | null) {
  if (databaseUrl !== null) {
    const database = await createScratchDatabase(databaseUrl)
    return {
      databaseUrl: database.url,
      dataDir: '',
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    }
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'api-catalog-eval-'))
  return {
    databaseUrl: null,
    dataDir,
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }),
  }
}
