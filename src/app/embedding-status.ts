import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { splitSpecName } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import { checkCatalog, findSpec } from '../catalog/specs.js'
import {
  listJobs,
  nextSpace,
  setAside,
  specStatuses,
  summarize,
  type Scope,
  type SpecStatus,
} from '../embedding/embedding-status.js'
import { activeSpace } from '../embedding/spaces.js'
import { InputError } from '../errors.js'
import type { Answer } from './answer.js'
import { inputText } from './input-text.js'
import { printStatus } from './print-status.js'
import { willEmbed, type Services } from './services.js'

export const statusInput = z.strictObject({
  catalog: inputText().optional(),
  spec: inputText().optional(),
  wait_ms: z.int().min(0).max(20_000).optional().describe('wait until all is embedded'),
  jobs: z.int().min(1).max(500).optional().describe('show the newest n jobs'),
  job_status: z.enum(['pending', 'running', 'succeeded', 'failed']).optional(),
  cursor: z.string().optional(),
})

const count = z.number()
const time = z.string().nullable()
const text = z.string().nullable()

export const statusOutput = z.looseObject({
  embedder: z.looseObject({
    provider: z.string(),
    model: text,
    dimensions: count.nullable(),
    state: z.string(),
  }),
  summary: z.looseObject({
    specs_total: count,
    specs_indexed: count,
    specs_pending: count,
    specs_running: count,
    specs_failed: count,
    operation_count: count,
    embedding_count: count,
    without_vector_count: count,
  }),
  specs: z.array(
    z.looseObject({
      catalog: z.string(),
      spec_name: z.string(),
      badge: z.string(),
      operation_count: count,
      embedding_count: count,
      without_vector_count: count,
      missing_count: count,
      embedded_so_far: count.nullable(),
      job_status: text,
      job_attempts: count.nullable(),
      job_last_error: text,
      job_updated_at: time,
      next_run_at: time,
      eta_seconds: count.nullable(),
    }),
  ),
  active_space: z
    .looseObject({ provider: z.string(), model: z.string() })
    .optional()
    .describe('where it is not the embedder’s'),
  next_space: z
    .looseObject({ provider: z.string(), model: z.string(), embedding_count: count })
    .optional()
    .describe('while the catalog is changed over to another model'),
  set_aside: z.array(z.looseObject({ id: z.string(), error: z.string(), tries: count })),
  jobs: z
    .array(
      z.looseObject({
        id: count,
        catalog: z.string(),
        spec_name: z.string(),
        kind: z.string(),
        status: z.string(),
        attempts: count,
        last_error: text,
        worker_id: text,
        created_at: time,
        started_at: time,
        completed_at: time,
        next_run_at: time,
      }),
    )
    .optional(),
  next_cursor: z.string().optional(),
})

export type Status = z.infer<typeof statusOutput>

/** While waiting, the state is read this often. */
const WAIT_STEP_MS = 200
/** Reading a large catalog takes its time, and whoever waits must not keep the worker from work. */
const WAIT_SHARE = 4
export interface StatusOptions {
  signal?: AbortSignal
  /** Called while it waits. */
  onProgress?: (specs: SpecStatus[]) => void
  /** The space that is asked of, instead of the active one. */
  spaceId?: number
}

/**
 * How far the specs in scope are embedded. With `wait_ms` it answers when none in scope is waiting
 * or running, or when the time is over.
 */
export async function embeddingStatus(
  services: Services,
  principal: Principal,
  input: z.infer<typeof statusInput>,
  { signal, onProgress, spaceId }: StatusOptions = {},
): Promise<Answer<Status>> {
  const scope = await readScope(services, principal, input)
  const read = () =>
    specStatuses(services.db, principal, scope, { willEmbed: willEmbed(services), spaceId })
  const until = performance.now() + (input.wait_ms ?? 0)
  let asked = performance.now()
  let specs = await read()
  while (!isSettled(specs) && performance.now() < until) {
    onProgress?.(specs)
    const pause = Math.max(WAIT_STEP_MS, WAIT_SHARE * (performance.now() - asked))
    await delay(Math.min(pause, until - performance.now()), undefined, { signal })
    asked = performance.now()
    specs = await read()
  }
  const structured: Status = {
    embedder: await describeEmbedder(services),
    summary: { ...summarize(specs) },
    specs: specs.map(statusFacts),
    ...(await describeSpaces(services, principal, scope)),
    set_aside: (await setAside(services.db, principal, scope)).map((item) => ({ ...item })),
    ...(await jobsPage(services, principal, scope, input)),
  }
  return { structured, markdown: printStatus(structured) }
}

/** The state of a spec by its contract names. */
export function statusFacts(spec: SpecStatus): Status['specs'][number] {
  return {
    ...spec,
    job_updated_at: iso(spec.job_updated_at),
    next_run_at: iso(spec.next_run_at),
  }
}

/** Is nothing waiting or running any more? */
export function isSettled(specs: readonly SpecStatus[]): boolean {
  const { specs_pending, specs_running } = summarize(specs)
  return specs_pending === 0 && specs_running === 0
}

/** What is asked of. Throws NotFoundError for a catalog or a spec that is not there. */
export async function readScope(
  { db }: Services,
  principal: Principal,
  input: Pick<z.infer<typeof statusInput>, 'catalog' | 'spec'>,
): Promise<Scope> {
  if (input.spec === undefined) {
    await checkCatalog(db, principal, input.catalog)
    return { catalog: input.catalog }
  }
  const scope = splitSpecName(input.spec, input.catalog)
  await findSpec(db, principal, scope.spec, scope.catalog)
  return scope
}

async function describeEmbedder({ embedder, spaces, db }: Services): Promise<Status['embedder']> {
  if (!embedder || !db.hasVectors) {
    return { provider: 'none', model: null, dimensions: null, state: 'none' }
  }
  const { provider, model } = embedder
  const own = await spaces.own(AbortSignal.timeout(2_000)).catch(() => undefined)
  const dimensions = own && 'spaceId' in own ? own.identity.dimensions : null
  return { provider, model, dimensions, state: embedder.state }
}

/** The active space where it is another model's, and the next one while there is a swap. */
async function describeSpaces(
  { db, embedder }: Services,
  principal: Principal,
  scope: Scope,
): Promise<Pick<Status, 'active_space' | 'next_space'>> {
  const active = await activeSpace(db)
  const next = await nextSpace(db, principal, scope)
  const isOther =
    active && (active.provider !== embedder?.provider || active.model !== embedder.model)
  return {
    ...(isOther ? { active_space: { provider: active.provider, model: active.model } } : {}),
    ...(next ? { next_space: { ...next } } : {}),
  }
}

/** The jobs that are asked for, newest first; nothing where none are. */
export async function jobsPage(
  { db }: Services,
  principal: Principal,
  scope: Scope,
  input: Pick<z.infer<typeof statusInput>, 'jobs' | 'job_status' | 'cursor'>,
): Promise<Pick<Status, 'jobs' | 'next_cursor'>> {
  if (input.jobs === undefined && input.job_status === undefined && !input.cursor) return {}
  const limit = input.jobs ?? 50
  const before = input.cursor === undefined ? undefined : Number(input.cursor)
  if (before !== undefined && !Number.isSafeInteger(before)) {
    throw new InputError('That `cursor` is not one of embedding_status; leave it out to start.')
  }
  const jobs = await listJobs(db, principal, {
    ...scope,
    status: input.job_status,
    before,
    limit: limit + 1,
  })
  const page = jobs.slice(0, limit)
  const last = page.at(-1)
  return {
    jobs: page.map((job) => ({
      ...job,
      created_at: iso(job.created_at),
      started_at: iso(job.started_at),
      completed_at: iso(job.completed_at),
      next_run_at: iso(job.next_run_at),
      lease_expires_at: iso(job.lease_expires_at),
    })),
    ...(jobs.length > limit && last ? { next_cursor: String(last.id) } : {}),
  }
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null
}
