import { readFile, writeFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, messages, protocol } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import type { TextResult, TextValue } from '../values.js'
import { describeError, type EngineError } from './engine-error.js'

/**
 * The thread in which the embedded database lives: a statement blocks the thread that runs it.
 * It takes one request at a time, in order, and answers each; notifications come in between.
 */

export interface EngineOptions {
  /** The directory of the database cluster, made where it is missing. */
  directory: string
  /** Makes the directory from this file, which `dump` wrote. */
  loadFrom?: string
}

export type EngineRequest =
  | { kind: 'run'; sql: string; values: readonly TextValue[] }
  | { kind: 'dump'; file: string }
  | { kind: 'close' }

export type EngineReply =
  | { kind: 'done'; result?: TextResult }
  | { kind: 'failed'; error: EngineError }
  | { kind: 'notification'; channel: string; payload: string }

const port = parentPort
if (!port) throw new Error('engine-worker is started by engine.ts')
const reply = (message: EngineReply): void => port.postMessage(message)

const options = workerData as EngineOptions
const database = await openDatabase(options).catch((error: unknown) => {
  reply({ kind: 'failed', error: describeError(error) })
  port.close()
})
if (database) {
  database.onNotification((channel, payload) => reply({ kind: 'notification', channel, payload }))
  reply({ kind: 'done' })
  serve(database)
}

async function openDatabase({ directory, loadFrom }: EngineOptions): Promise<PGlite> {
  return PGlite.create({
    dataDir: directory,
    extensions: { vector },
    ...(loadFrom !== undefined && {
      loadDataDir: new Blob([await readFile(loadFrom)], { type: 'application/x-gzip' }),
    }),
  })
}

function serve(database: PGlite): void {
  let last = Promise.resolve()
  port?.on('message', (request: EngineRequest) => {
    last = last.then(async () => reply(await answer(database, request)))
  })
}

async function answer(database: PGlite, request: EngineRequest): Promise<EngineReply> {
  try {
    return { kind: 'done', ...(await perform(database, request)) }
  } catch (error) {
    // Anything but an error that Postgres sent may have left its memory in any state.
    if (!(error instanceof messages.DatabaseError) && request.kind === 'run') port?.close()
    return { kind: 'failed', error: describeError(error) }
  }
}

async function perform(database: PGlite, request: EngineRequest): Promise<{ result?: TextResult }> {
  if (request.kind === 'run') return { result: await run(database, request.sql, request.values) }
  if (request.kind === 'dump') {
    await dump(database, request.file)
  } else {
    await database.close()
    port?.close()
  }
  return {}
}

/** PGlite's own `query` parses, describes and binds in six round trips; all is text here: one. */
async function run(
  database: PGlite,
  sql: string,
  values: readonly TextValue[],
): Promise<TextResult> {
  const { serialize } = protocol
  const message =
    values.length === 0
      ? serialize.query(sql)
      : Buffer.concat([
          serialize.parse({ text: sql }),
          serialize.bind({ values: [...values] }),
          serialize.describe({ type: 'P' }),
          serialize.execute({}),
          serialize.sync(),
        ])
  return lastResult(await database.execProtocolStream(message))
}

function lastResult(backendMessages: readonly { name: string }[]): TextResult {
  let last: TextResult = { fields: [], rows: [], command: '' }
  let current: TextResult = { fields: [], rows: [], command: '' }
  for (const message of backendMessages) {
    if (message instanceof messages.RowDescriptionMessage) {
      current.fields = message.fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }))
    } else if (message instanceof messages.DataRowMessage) {
      current.rows.push(message.fields)
    } else if (message instanceof messages.CommandCompleteMessage) {
      last = { ...current, command: message.text }
      current = { fields: [], rows: [], command: '' }
    }
  }
  return last
}

async function dump(database: PGlite, file: string): Promise<void> {
  await database.exec('checkpoint')
  const archive = await database.dumpDataDir('gzip')
  await writeFile(file, archive.stream(), { mode: 0o600, flush: true })
}
