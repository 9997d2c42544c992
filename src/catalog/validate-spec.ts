import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import PQueue from 'p-queue'
import type { Database, Queryable } from '../db/database.js'
import { messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import type { SpecWarning } from '../openapi/parsed-spec.js'
import type { UploadLimits } from './prepared-spec.js'
import { MAX_STORED_WARNINGS } from './upload-spec.js'

/** One stored revision. */
export interface RevisionId {
  specId: number
  revision: number
}

/** A thread that has nothing to do gives its memory back after this. */
const MAX_REST_MS = 5_000

/**
 * Checks documents that are stored and searchable already against the schema of their OpenAPI
 * version, one after the other in a thread of their own, within the limits of parsing. What is
 * found joins the revision's warnings; nothing else ever depends on it.
 */
export class SpecValidator implements AsyncDisposable {
  readonly #db: Database
  readonly #limits: UploadLimits
  readonly #log: Logger
  readonly #queue = new PQueue({ concurrency: 1 })
  readonly #stop = new AbortController()
  #worker: Worker | null = null
  #isBusy = false
  readonly #rest = setTimeout(() => this.#isBusy || void this.#endThread(), MAX_REST_MS).unref()

  constructor(db: Database, limits: UploadLimits, log: Logger) {
    this.#db = db
    this.#limits = limits
    this.#log = log
  }

  /** Has a revision checked in the background. */
  add(revision: RevisionId): void {
    this.validate(revision).catch((error: unknown) => {
      if (this.#stop.signal.aborted) return
      this.#log.warn({ err: error, ...revision }, `not checked: ${messageOf(error)}`)
    })
  }

  /** Checks a revision unless it was before; when it returns, its warnings are complete. */
  async validate({ specId, revision }: RevisionId): Promise<void> {
    await this.#queue.add(async () => {
      this.#stop.signal.throwIfAborted()
      const content = await uncheckedContent(this.#db, { specId, revision })
      if (content === null) return
      const warnings = await this.#warningsOf(content)
      await storeWarnings(this.#db, { specId, revision }, warnings)
    })
  }

  /** Settles when nothing is waiting to be checked. */
  async idle(): Promise<void> {
    await this.#queue.onIdle()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the program stops'))
    this.#queue.clear()
    await this.#endThread()
    await this.#queue.onIdle()
  }

  async #warningsOf(content: Uint8Array): Promise<SpecWarning[]> {
    const { parseTimeoutMs, parseMemoryMb, maxBytes, maxOperations, maxDepth, maxAliases } =
      this.#limits
    const worker = (this.#worker ??= new Worker(new URL('./validate-worker.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: parseMemoryMb },
    }))
    worker.ref()
    this.#isBusy = true
    const limits = { maxBytes, maxOperations, maxDepth, maxAliases, parseMemoryMb }
    const timeout = AbortSignal.timeout(parseTimeoutMs)
    const signal = AbortSignal.any([timeout, this.#stop.signal])
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    worker.postMessage({ content, limits })
    const settled = new AbortController()
    const exit = once(worker, 'exit', { signal: settled.signal }).then(() => {
      throw new Error('the checking thread ended without an answer')
    })
    try {
      const answered = once(worker, 'message', { signal })
      const [warnings] = (await Promise.race([answered, exit])) as [SpecWarning[]]
      worker.unref()
      return warnings
    } catch (error) {
      await this.#endThread()
      this.#stop.signal.throwIfAborted()
      const reason = timeout.aborted
        ? `took longer than ${parseTimeoutMs / 1000} s (API_CATALOG_PARSE_TIMEOUT_MS)`
        : `failed: ${messageOf(error)}`
      const message = `Checking it against the schema of its version ${reason}.`
      return [{ code: 'SCHEMA_UNCHECKED', pointer: '', message }]
    } finally {
      exit.catch(() => {})
      settled.abort()
      this.#isBusy = false
      this.#rest.refresh()
    }
  }

  async #endThread(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }
}

async function uncheckedContent(
  db: Queryable,
  { specId, revision }: RevisionId,
): Promise<Uint8Array | null> {
  const [row] = await db.query<{ content: Uint8Array }>(
    `select content from api_catalog.revisions
     where spec_id = $1 and revision = $2 and validated_at is null`,
    [specId, revision],
  )
  return row?.content ?? null
}

/** Another process may have checked it meanwhile: its warnings are not added twice. */
async function storeWarnings(
  db: Queryable,
  { specId, revision }: RevisionId,
  warnings: readonly SpecWarning[],
): Promise<void> {
  const kept = JSON.stringify(warnings.slice(0, MAX_STORED_WARNINGS))
  await db.query(
    `update api_catalog.revisions set
       validated_at = now(), warnings = warnings || $3::jsonb, warning_count = warning_count + $4
     where spec_id = $1 and revision = $2 and validated_at is null`,
    [specId, revision, kept, warnings.length],
  )
}

/** The warnings of a spec's current revision as they are stored, and how many there were. */
export async function storedWarnings(
  db: Queryable,
  specId: number,
): Promise<{ revision: number; warnings: SpecWarning[]; warningCount: number }> {
  const [row] = await db.query<{
    revision: number
    warnings: SpecWarning[]
    warning_count: number
  }>(
    `select r.revision, r.warnings, r.warning_count from api_catalog.revisions r
     join api_catalog.specs s on s.id = r.spec_id and s.revision = r.revision
     where s.id = $1`,
    [specId],
  )
  return {
    revision: row?.revision ?? 0,
    warnings: row?.warnings ?? [],
    warningCount: row?.warning_count ?? 0,
  }
}
