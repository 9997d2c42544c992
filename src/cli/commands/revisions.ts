import { compareRevisions } from '../../app/compare-revisions.js'
import * as copies from '../../app/copy-spec.js'
import { refreshSpecs } from '../../app/refresh-specs.js'
import { localPrincipal } from '../../catalog/principal.js'
import { InputError, UsageError } from '../../errors.js'
import { print, withServices, type Flags } from '../run-command.js'

interface Json {
  json?: boolean
}

export interface RefreshOptions extends Json {
  all?: boolean
  catalog?: string
  allowPrivateUrls?: boolean
}

/** Fails where a document could not be fetched or taken; the others are refreshed all the same. */
export async function refresh(
  flags: Flags,
  spec: string | undefined,
  { json, all, catalog, allowPrivateUrls }: RefreshOptions,
): Promise<void> {
  if (spec === undefined && !all && catalog === undefined) {
    throw new UsageError('Say which spec, or --all.')
  }
  await withServices(flags, { allowPrivateUrls }, async (services) => {
    const answer = await refreshSpecs(services, localPrincipal, { spec, catalog })
    print(answer, json)
    const failed = answer.structured.specs.filter(({ outcome }) => outcome === 'failed').length
    if (failed > 0) throw new InputError(`${failed} could not be refreshed; they stay as they are.`)
  })
}

/** A person's screen is wider than an agent's budget. */
const TERMINAL_TOKENS = 10_000

export async function diff(
  flags: Flags,
  spec: string,
  [from, to]: readonly (string | undefined)[],
  { json, maxTokens = TERMINAL_TOKENS, cursor }: Json & { maxTokens?: number; cursor?: string },
): Promise<void> {
  if (maxTokens < 100) throw new UsageError('--max-tokens must be at least 100.')
  const input = { spec, from: number(from), to: number(to), max_tokens: maxTokens, cursor }
  await withServices(flags, {}, async (services) => {
    const answer = await compareRevisions(services, localPrincipal, input)
    print(answer, json)
    const { next_cursor: next } = answer.structured
    if (next !== undefined) process.stderr.write(`There is more: --cursor ${next}\n`)
  })
}

export async function revisions(flags: Flags, spec: string, { json }: Json): Promise<void> {
  await withServices(flags, {}, async (services) =>
    print(await copies.revisionsOf(services, localPrincipal, { spec }), json),
  )
}

export async function rollback(
  flags: Flags,
  spec: string,
  revision: string,
  { json }: Json,
): Promise<void> {
  const wanted = number(revision) ?? 0
  await withServices(flags, {}, async (services) =>
    print(await copies.rollBack(services, localPrincipal, { spec, revision: wanted }), json),
  )
}

export async function clone(flags: Flags, from: string, to: string, { json }: Json): Promise<void> {
  await withServices(flags, {}, async (services) =>
    print(await copies.clone(services, localPrincipal, { from, to }), json),
  )
}

function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError(`"${text}" is no revision: they are numbered from 1.`)
}
