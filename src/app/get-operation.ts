import * as z from 'zod'
import { findOperations, type OperationRef } from '../catalog/find-operations.js'
import { loadComponents, loadOperation, type LoadedOperation } from '../catalog/load-operation.js'
import { operationRows, type OperationRow } from '../catalog/operation-rows.js'
import type { Principal } from '../catalog/principal.js'
import { refsOf } from '../openapi/find-refs.js'
import {
  renderOperation,
  type RenderedOperation,
  type RenderOptions,
} from '../openapi/render-contract.js'
import { CHARS_PER_TOKEN, type Answer } from './answer.js'
import { contractPage, notesOn } from './contract-page.js'
import { didYouMean } from './did-you-mean.js'
import { inputText } from './input-text.js'
import type { Services } from './services.js'

export const getInput = z.strictObject({
  ids: z.array(inputText()).min(1).max(5),
  include: z.array(z.enum(['errors', 'examples', 'schema', 'curl', 'typescript'])).optional(),
  expand: z.string().optional().describe('a part that was cut, e.g. "body.items.owner"'),
  max_tokens: z.int().min(200).max(20_000).optional().describe('of the text; default 1500'),
})

export const getOutput = z.looseObject({
  operations: z.array(
    z.looseObject({
      id: z.string(),
      catalog: z.string(),
      spec: z.string(),
      method: z.string(),
      path: z.string(),
      summary: z.string().nullable(),
      effect: z.enum(['read', 'write', 'destructive']),
      deprecated: z.boolean().optional(),
      servers: z.array(z.string()),
      security: z.array(z.string()),
      contract: z.string(),
      curl: z.string(),
      truncated: z.boolean(),
    }),
  ),
  not_found: z.array(z.string()),
  ambiguous: z.array(z.looseObject({ asked: z.string(), candidates: z.array(z.string()) })),
  /** What ids that were not found may mean. */
  suggestions: z
    .array(z.looseObject({ asked: z.string(), candidates: z.array(z.string()) }))
    .optional(),
  /** Asked for and found, without room in `max_tokens`. */
  left_out: z.array(z.string()).optional(),
})

export type Got = z.infer<typeof getOutput>
type Operation = Got['operations'][number]

const DEFAULT_MAX_TOKENS = 1_500
/** The closing line, and each operation's heading and code fences without its id. */
const NEXT = 'Next: `search_operations` with what you want to do.'
const HEADING_CHARS = 100
/** An empty line between parts. */
const BETWEEN_CHARS = 2
/** What a contract and its curl need at least: of more than fit, the last are left out. */
const MIN_CONTRACT_CHARS = 400
const SHOWN_CANDIDATES = 10
/** Of 17,000 real operations none needed more. */
const MAX_ROUNDS = 12

/** How to call up to five operations, named by any form of id; the budget is shared by them. */
export async function getOperations(
  services: Services,
  principal: Principal,
  input: z.infer<typeof getInput>,
): Promise<Answer<Got>> {
  const { db } = services
  const asked = [...new Set(input.ids)]
  const found = await Promise.all(asked.map((id) => findOperations(db, principal, id)))
  const notFound = asked.filter((_, index) => found[index]?.length === 0)
  const ambiguous = asked.flatMap((id, index) => {
    const refs = found[index] ?? []
    return refs.length > 1 ? [{ asked: id, candidates: candidates(refs) }] : []
  })
  const named = found.flatMap((some) => (some.length === 1 ? some : []))
  const distinct = [...new Map(named.map((ref) => [ref.op, ref])).values()]
  const budget = (input.max_tokens ?? DEFAULT_MAX_TOKENS) * CHARS_PER_TOKEN - NEXT.length
  const suggestions = await suggestionsFor(services, principal, notFound)
  const suggested = suggestions.length > 0 ? { suggestions } : {}
  const aside = { not_found: notFound, ambiguous, ...suggested }
  const share = budget / asked.length - BETWEEN_CHARS
  const room = budget - notesOn(aside, share).length - BETWEEN_CHARS
  const refs = distinct.slice(0, Math.max(1, Math.floor(room / MIN_CONTRACT_CHARS)))
  const left = distinct.slice(refs.length).map(({ id }) => id)
  const leftOut = left.length > 0 ? { left_out: left } : {}
  const maxChars = (room - notesOn(leftOut, share).length) / Math.max(1, refs.length)
  const operations: Operation[] = []
  for (const { op } of refs) {
    const operation = await readOperation(db, op, input, Math.floor(maxChars))
    if (operation) operations.push(operation)
  }
  const markdown = contractPage(operations, notesOn({ ...aside, ...leftOut }, share))
  return {
    structured: { operations, ...aside, ...leftOut },
    markdown,
    ...(notFound.length > 0 ? { next: NEXT } : {}),
  }
}

async function suggestionsFor(
  services: Services,
  principal: Principal,
  notFound: readonly string[],
): Promise<{ asked: string; candidates: string[] }[]> {
  const all = []
  for (const asked of notFound) {
    all.push({ asked, candidates: await didYouMean(services, principal, asked) })
  }
  return all.filter((one) => one.candidates.length > 0)
}

async function readOperation(
  db: Services['db'],
  op: number,
  { include, expand }: z.infer<typeof getInput>,
  maxChars: number,
): Promise<Operation | null> {
  const [row] = await operationRows(db, [op])
  if (!row) return null
  const loaded = await loadOperation(db, op)
  if (!loaded) return null
  const { id, catalog, spec, method, path, summary, effect, is_deprecated } = row
  const { servers, security, contract, curl, truncated } = await rendered(db, loaded, row, {
    maxChars: maxChars - id.length - HEADING_CHARS,
    include,
    expand: expand || undefined,
  })
  const head = { id, catalog, spec, method, path, summary, effect }
  const deprecated = is_deprecated ? { deprecated: true } : {}
  return { ...head, ...deprecated, servers, security, contract, curl, truncated }
}

/** Renders, reads what turned out to be needed, and renders again until nothing more is. */
async function rendered(
  db: Services['db'],
  { specId, definition, documentUrl }: LoadedOperation,
  { method, path }: OperationRow,
  options: RenderOptions,
): Promise<RenderedOperation> {
  const named = { ...definition, method, path, documentUrl }
  const components = new Map<string, unknown>()
  const asked = new Set<string>()
  let wanted = refsOf(definition)
  for (let round = 1; ; round++) {
    for (const [pointer, value] of await loadComponents(db, specId, wanted)) {
      components.set(pointer, value)
    }
    const result = renderOperation(named, components, options)
    for (const pointer of wanted) asked.add(pointer)
    wanted = result.missing.filter((pointer) => !asked.has(pointer))
    if (wanted.length === 0 || round === MAX_ROUNDS) return result
  }
}

function candidates(refs: readonly OperationRef[]): string[] {
  return refs.slice(0, SHOWN_CANDIDATES).map(({ id }) => id)
}
