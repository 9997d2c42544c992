import { App } from '../../app/app.js'
import type { Services } from '../../app/services.js'
import { version } from '../../app/version.js'
import { localPrincipal } from '../../catalog/principal.js'
import { chosenEmbedder, type Config } from '../../config.js'
import { specStatuses, summarize } from '../../embedding/embedding-status.js'
import { InputError, messageOf } from '../../errors.js'
import { commandSettings, type Flags } from '../run-command.js'

interface Check {
  name: string
  state: 'ok' | 'warning' | 'failed'
  /** What was found, and what to do about it where something is wrong. */
  detail: string
}

/** Looks at everything the program needs and says what is wrong; throws when something failed. */
export async function doctor(flags: Flags, { json }: { json?: boolean }): Promise<void> {
  const { config, log } = commandSettings(flags)
  const checks: Check[] = [
    { name: 'program', state: 'ok', detail: `api-catalog-mcp ${version}, Node ${process.version}` },
  ]
  await using app = new App({ config, log, worker: false })
  try {
    const services = await app.services()
    checks.push(await storageCheck(services, config), vectorsCheck(services))
    checks.push(await embedderCheck(services, config), await catalogCheck(services))
  } catch (error) {
    checks.push({ name: 'storage', state: 'failed', detail: messageOf(error) })
  }
  if (json) process.stdout.write(`${JSON.stringify({ checks }, null, 2)}\n`)
  else for (const check of checks) process.stdout.write(line(check))
  const failed = checks.filter(({ state }) => state === 'failed')
  if (failed.length > 0) throw new InputError(`Not well: ${failed.map((c) => c.name).join(', ')}.`)
}

function line({ name, state, detail }: Check): string {
  return `${state.padEnd(9)}${name.padEnd(10)}${detail}\n`
}

async function storageCheck({ db }: Services, config: Config): Promise<Check> {
  const [server] = await db.query<{ version: string; migrations: number }>(
    `select current_setting('server_version') as version,
       (select max(number) from api_catalog.migrations) as migrations`,
  )
  const where = db.kind === 'embedded' ? `embedded in ${config.dataDir}` : 'DATABASE_URL'
  return {
    name: 'storage',
    state: 'ok',
    detail: `Postgres ${server?.version}, ${where}, schema ${server?.migrations}`,
  }
}

function vectorsCheck({ db }: Services): Check {
  return db.hasVectors
    ? { name: 'pgvector', state: 'ok', detail: 'there' }
    : {
        name: 'pgvector',
        state: 'warning',
        detail:
          'not there, so search is by words only: install pgvector on the server and run ' +
          '`create extension vector` in this database as a superuser',
      }
}

async function embedderCheck({ embedder, spaces }: Services, config: Config): Promise<Check> {
  const name = 'embedder'
  if (!embedder) return { name, state: 'ok', detail: 'none: search is by words only' }
  const label = `${chosenEmbedder(config)} ${embedder.model}`
  const answer = await spaces.own(AbortSignal.timeout(10_000)).catch((error: unknown) => ({
    reason: 'provider_error' as const,
    message: messageOf(error),
  }))
  if ('spaceId' in answer) {
    return { name, state: 'ok', detail: `${label}, ${answer.identity.dimensions} dimensions` }
  }
  const state = answer.reason === 'provider_error' ? 'failed' : 'warning'
  return { name, state, detail: `${label}: ${answer.message}` }
}

async function catalogCheck({ db, embedder }: Services): Promise<Check> {
  const statuses = await specStatuses(
    db,
    localPrincipal,
    {},
    { willEmbed: embedder !== null && db.hasVectors },
  )
  const { specs_total, specs_failed, operation_count, embedding_count } = summarize(statuses)
  return {
    name: 'catalog',
    state: specs_failed > 0 ? 'warning' : 'ok',
    detail:
      `${specs_total} specs, ${embedding_count} of ${operation_count} operations embedded` +
      (specs_failed > 0 ? `, ${specs_failed} failed: \`status\` shows why` : ''),
  }
}
