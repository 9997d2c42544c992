import { setTimeout as delay } from 'node:timers/promises'
import type * as z from 'zod'
import { localPrincipal } from '../../catalog/principal.js'
import { InputError, UsageError } from '../../errors.js'
import { print, withServices, type Flags } from '../run-command.js'

/*
 * Each command reads what it does, and no more: reading what all of them do took a third of the time
 * in which one was done.
 */

interface Json {
  json?: boolean
}

export interface SearchOptions extends Json {
  catalog?: string
  spec?: string
  method?: string
  tag?: string
  pathPrefix?: string
  effect?: string
  limit?: number
  cursor?: string
  ranking?: string
  explain?: boolean
}

/** A person's screen is wider than an agent's budget. */
const TERMINAL_TOKENS = 4_000

export async function search(flags: Flags, words: readonly string[], options: SearchOptions) {
  const { json, pathPrefix, ...filters } = options
  const { searchInput } = await import('../../app/search-input.js')
  const input = await checked(searchInput, {
    query: words.join(' '),
    max_tokens: TERMINAL_TOKENS,
    path_prefix: pathPrefix,
    ...filters,
  })
  await withServices(flags, {}, async (services) => {
    const { searchOperations } = await import('../../app/search-operations.js')
    const answer = await searchOperations(services, localPrincipal, input)
    print(answer, json)
    const { next_cursor: next } = answer.structured
    if (next !== undefined && !json) process.stderr.write(`There is more: --cursor ${next}\n`)
  })
}

/** The options of a command, checked as a tool's input is. */
async function checked<T>(schema: z.ZodType<T>, options: object): Promise<T> {
  const { usePlainErrors } = await import('../../app/plain-errors.js')
  usePlainErrors()
  const input = schema.safeParse(options)
  if (input.success) return input.data
  const [issue] = input.error.issues
  const option =
    issue?.path[0] === 'ids' ? 'ids' : `--${String(issue?.path[0]).replaceAll('_', '-')}`
  throw new UsageError(`${option} ${issue?.message}. \`--help\` shows what it takes.`)
}

export interface GetOptions extends Json {
  include?: string[]
  expand?: string
  maxTokens?: number
}

export async function get(
  flags: Flags,
  ids: readonly string[],
  { json, include, expand, maxTokens = TERMINAL_TOKENS }: GetOptions,
) {
  const { getInput, getOperations } = await import('../../app/get-operation.js')
  const input = await checked(getInput, { ids, include, expand, max_tokens: maxTokens })
  await withServices(flags, {}, async (services) => {
    const answer = await getOperations(services, localPrincipal, input)
    print(answer, json)
    const { operations, ambiguous } = answer.structured
    if (operations.length > 0) return
    throw new InputError(
      ambiguous.length > 0
        ? 'Say which one, by one of the ids above.'
        : 'No operation was found; `search` finds them by words.',
    )
  })
}

export async function list(flags: Flags, { json, catalog }: Json & { catalog?: string }) {
  await withServices(flags, {}, async (services) => {
    const { listSpecs } = await import('../../app/list-specs.js')
    print(await listSpecs(services, localPrincipal, { catalog }), json)
  })
}

/** A spec, or with a slash at its end a catalog. */
export async function remove(
  flags: Flags,
  name: string,
  { json, force = false }: Json & { force?: boolean },
) {
  await withServices(flags, {}, async (services) => {
    if (name.endsWith('/')) {
      const { deleteCatalog } = await import('../../app/copy-spec.js')
      const catalog = name.slice(0, -1)
      print(await deleteCatalog(services, localPrincipal, { catalog, force }), json)
    } else {
      const { deleteSpec } = await import('../../app/delete-spec.js')
      print(await deleteSpec(services, localPrincipal, { spec: name }), json)
    }
  })
}

export async function warnings(flags: Flags, spec: string, { json }: Json) {
  await withServices(flags, {}, async (services) => {
    const { specWarnings } = await import('../../app/spec-warnings.js')
    print(await specWarnings(services, localPrincipal, { spec }), json)
  })
}

export interface StatusOptions extends Json {
  catalog?: string
  spec?: string
  watch?: boolean
  jobs?: number
  jobStatus?: string
  cursor?: string
}

/** How often `--watch` redraws. */
const REDRAW_MS = 1_000

/** How far specs are embedded; with `--watch` again every second, until it is interrupted. */
export async function status(flags: Flags, { json, watch, jobStatus, ...filters }: StatusOptions) {
  const { embeddingStatus, statusInput } = await import('../../app/embedding-status.js')
  const input = await checked(statusInput, { ...filters, job_status: jobStatus })
  await withServices(flags, {}, async (services) => {
    for (;;) {
      const answer = await embeddingStatus(services, localPrincipal, input)
      if (watch && process.stdout.isTTY) process.stdout.write('\u001b[H\u001b[2J')
      print(answer, json)
      if (!watch) return
      await delay(REDRAW_MS)
    }
  })
}
