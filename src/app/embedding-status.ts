import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { qualifiedSpec, splitSpecName } from '../catalog/names.js'
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
import { counted, inline, prose, type Answer } from './answer.js'
import { inputText } from './input-text.js'
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
/** Badges of specs that are not done, the most urgent first. */
const UNDONE = ['failed', 'retrying', 'indexing', 'queued']
/** Specs named in the Markdown; the structured answer has all. */
const SHOWN_SPECS = 20

/** How much of some work is done, of how much, and that in words. */
export interface Progress {
  progress: number
  total: number
  message: string
}

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
  return { structured, markdown: describe(structured) }
}

/** The state of a spec by its contract names. */
export function statusFacts(spec: SpecStatus): Status['specs'][number] {
  return {
    ...spec,
    job_updated_at: iso(spec.job_updated_at),
    next_run_at: iso(spec.next_run_at),
  }
}

/** How far all these specs are together, for whoever waits. */
export function progressOf(specs: readonly SpecStatus[]): Progress {
  const { operation_count: total, specs_running, specs_pending } = summarize(specs)
  const progress = doneIn(specs)
  return {
    progress,
    total,
    message:
      `${progress.toLocaleString('en-US')} of ${counted(total, 'operation')} embedded; ` +
      `${counted(specs_running, 'spec')} running, ${specs_pending} waiting.`,
  }
}

type Done = Pick<
  SpecStatus,
  'operation_count' | 'embedding_count' | 'without_vector_count' | 'embedded_so_far'
> & { badge: string }

/** Operations of these specs that need nothing more. */
export function doneIn(specs: readonly Done[]): number {
  return specs.reduce((sum, spec) => sum + doneOf(spec), 0)
}

/**
 * One that is to be embedded again has a vector for each operation and yet is not done: what its
 * job has written counts.
 */
function doneOf(spec: Done): number {
  const settled = spec.embedding_count + spec.without_vector_count
  const written = spec.embedded_so_far ?? 0
  const isAskedAgain = UNDONE.includes(spec.badge) && settled === spec.operation_count
  return isAskedAgain && written < spec.embedding_count ? written : settled
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

function describe(status: Status): string {
  const { embedder, summary, specs, set_aside, jobs, next_cursor } = status
  const percent = summary.operation_count
    ? Math.floor((100 * summary.embedding_count) / summary.operation_count)
    : 100
  const lines = [
    `${summary.embedding_count.toLocaleString('en-US')} of ` +
      `${counted(summary.operation_count, 'operation')} embedded (${percent} %); ` +
      `${counted(summary.specs_total, 'spec')}: ${summary.specs_indexed} done, ` +
      `${summary.specs_running} running, ${summary.specs_pending} waiting, ` +
      `${summary.specs_failed} failed.`,
    embedder.provider === 'none'
      ? 'No embedder: search is by words.'
      : `Embedder: ${embedder.provider} ${embedder.model ?? ''}, ${embedder.state.replace('_', ' ')}.`,
  ]
  lines.push(...spaceLines(status))
  const notable = specs.toSorted((a, b) => urgency(a.badge) - urgency(b.badge))
  lines.push(...notable.slice(0, SHOWN_SPECS).map(describeSpec))
  if (specs.length > SHOWN_SPECS) lines.push(`- … and ${specs.length - SHOWN_SPECS} more specs`)
  if (set_aside.length > 0) {
    lines.push('', 'Set aside by the embedder; embedding the spec again tries them again:')
    lines.push(
      ...set_aside.slice(0, 10).map(({ id, error }) => `- \`${inline(id)}\`: ${prose(error)}`),
    )
  }
  if (jobs) {
    lines.push('', 'Jobs, newest first:')
    lines.push(
      ...jobs.map(
        (job) =>
          `- ${job.id} \`${qualifiedSpec(job.catalog, job.spec_name)}\` ${job.kind} ${job.status}` +
          (job.attempts ? `, ${counted(job.attempts, 'failure')}` : '') +
          (job.last_error ? `: ${prose(job.last_error)}` : ''),
      ),
    )
    if (next_cursor) lines.push(`More: \`cursor: "${next_cursor}"\`.`)
  }
  return lines.join('\n')
}

function spaceLines({ active_space: active, next_space: next, summary }: Status): string[] {
  const lines = active ? [`Searched with: ${active.provider} ${active.model}.`] : []
  if (!next) return lines
  const count = next.embedding_count.toLocaleString('en-US')
  return [
    ...lines,
    `Changing over to ${next.provider} ${next.model}: ` +
      `${count} of ${counted(summary.operation_count, 'operation')} so far.`,
  ]
}

function describeSpec(spec: Status['specs'][number]): string {
  const embedded = Math.min(spec.embedding_count, doneOf(spec))
  const progress = spec.badge === 'empty' ? '' : ` ${embedded}/${spec.operation_count}`
  const eta = spec.eta_seconds === null ? '' : `, about ${spec.eta_seconds} s to go`
  const error = spec.job_last_error ? `: ${prose(spec.job_last_error)}` : ''
  const name = qualifiedSpec(spec.catalog, spec.spec_name)
  return `- \`${name}\` ${spec.badge.replace('_', ' ')}${progress}${eta}${error}`
}

function urgency(badge: string): number {
  return UNDONE.indexOf(badge) + 1 || 9
}
