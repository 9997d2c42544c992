import { setTimeout as delay } from 'node:timers/promises'
import type * as z from 'zod'
import { deleteCatalog } from '../../app/copy-spec.js'
import { embeddingStatus, statusInput } from '../../app/embedding-status.js'
import { deleteSpec } from '../../app/delete-spec.js'
import { getInput, getOperations } from '../../app/get-operation.js'
import { listSpecs } from '../../app/list-specs.js'
import { usePlainErrors } from '../../app/plain-errors.js'
import { searchInput } from '../../app/search-input.js'
import { searchOperations } from '../../app/search-operations.js'
import { specWarnings } from '../../app/spec-warnings.js'
import { localPrincipal } from '../../catalog/principal.js'
import { InputError, UsageError } from '../../errors.js'
import { print, withServices, type Flags } from '../run-command.js'

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
  const input = checked(searchInput, {
    query: words.join(' '),
    max_tokens: TERMINAL_TOKENS,
    path_prefix: pathPrefix,
    ...filters,
  })
  await withServices(flags, {}, async (services) => {
    const answer = await searchOperations(services, localPrincipal, input)
    print(answer, json)
    const { next_cursor: next } = answer.structured
    if (next !== undefined && !json) process.stderr.write(`There is more: --cursor ${next}\n`)
  })
}

/** The options of a command, checked as a tool's input is. */
function checked<T>(schema: z.ZodType<T>, options: object): T {
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
  const input = checked(getInput, { ids, include, expand, max_tokens: maxTokens })
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
  await withServices(flags, {}, async (services) =>
    print(await listSpecs(services, localPrincipal, { catalog }), json),
  )
}

/** A spec, or with a slash at its end a catalog. */
export async function remove(
  flags: Flags,
  name: string,
  { json, force = false }: Json & { force?: boolean },
) {
  await withServices(flags, {}, async (services) =>
    print(
      name.endsWith('/')
        ? await deleteCatalog(services, localPrincipal, { catalog: name.slice(0, -1), force })
        : await deleteSpec(services, localPrincipal, { spec: name }),
      json,
    ),
  )
}

export async function warnings(flags: Flags, spec: string, { json }: Json) {
  await withServices(flags, {}, async (services) =>
    print(await specWarnings(services, localPrincipal, { spec }), json),
  )
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
  const input = checked(statusInput, { ...filters, job_status: jobStatus })
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
