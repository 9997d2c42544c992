import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, messages, protocol } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import type { TextResult, TextValue } from '../values.js'
import { describeError, type EngineError } from './engine-error.js'

/**
 * The thread in which the embedded database lives: a statement blocks the thread that runs it.
 * Its first message is the compiled program. When it has answered that, it takes one request at a
 * time, in order, and answers each; notifications come in between.
 */

export interface EngineOptions {
  /** The directory of the database cluster, made where it is missing. */
  directory: string
  /** Makes the cluster from this archive, in the directory, which is there and empty. */
  loadFrom?: string
}

export type EngineRequest =
  | { kind: 'run'; sql: string; values: readonly TextValue[] }
  | { kind: 'dump'; file: string }
  | { kind: 'close' }

export type EngineReply =
  | { kind: 'done'; result?: TextResult }
  /** Broken, the engine can only be ended: its memory may be in any state. */
  | { kind: 'failed'; error: EngineError; isBroken: boolean }
  | { kind: 'notification'; channel: string; payload: string }

/**
 * One session needs little of Postgres's own memory: with 128 MB, its default, a process had 151 MB
 * more, and searches among 88,157 operations took as long (p95 60 and 61 ms; 2 cores, shared). Its
 * log is kept short by `upkeep`; by default up to 1 GB of it would stay.
 */
const SETTINGS = ['shared_buffers=32MB', 'max_wal_size=64MB', 'min_wal_size=32MB']

/** Read only where it is needed: every other start is shorter without it. */
const archive = () => import('./archive.js')

const port = parentPort
if (!port) throw new Error('engine-worker is started by engine.ts')
const reply = (message: EngineReply): void => port.postMessage(message)

const options = workerData as EngineOptions
const database = await openDatabase(options, once(port, 'message')).catch((error: unknown) => {
  reply({ kind: 'failed', error: describeError(error), isBroken: true })
})
if (database) {
  database.onNotification((channel, payload) => reply({ kind: 'notification', channel, payload }))
  reply({ kind: 'done' })
  serve(database)
}

async function openDatabase(
  { directory, loadFrom }: EngineOptions,
  program: Promise<WebAssembly.Module[]>,
): Promise<PGlite> {
  if (loadFrom !== undefined) (await archive()).unpack(loadFrom, directory)
  const [pgliteWasmModule] = await program
  return PGlite.create({
    dataDir: directory,
    pgliteWasmModule,
    extensions: { vector },
    startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])],
  })
}

function serve(database: PGlite): void {
  let last: Promise<EngineReply> = Promise.resolve({ kind: 'done' })
  port?.on('message', (request: EngineRequest) => {
    last = last.then(async (before) => {
      if (before.kind === 'failed' && before.isBroken) return before // asks and answers no more
      const now = await answer(database, request)
      reply(now)
      return now
    })
  })
}

async function answer(database: PGlite, request: EngineRequest): Promise<EngineReply> {
  try {
    return { kind: 'done', ...(await perform(database, request)) }
  } catch (error) {
    const isBroken = request.kind === 'run' && !(error instanceof messages.DatabaseError)
    return { kind: 'failed', error: describeError(error), isBroken }
  }
}

async function perform(database: PGlite, request: EngineRequest): Promise<{ result?: TextResult }> {
  if (request.kind === 'run') return { result: await run(database, request.sql, request.values) }
  if (request.kind === 'dump') {
    // What is in memory only is written; then the files are all there is, until the next request.
    await database.exec('checkpoint')
    await (await archive()).pack(options.directory, request.file)
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
  const answer = await database.execProtocolStream(message)
  // PGlite hides what is thrown inside the engine, a stack overflow for one; the answer is cut then.
  const isWhole = answer.some(({ name }) => name === 'commandComplete' || name === 'emptyQuery')
  if (!isWhole) throw new Error('The embedded database broke down in this statement.')
  return lastResult(answer)
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
