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
import { CHARS_PER_TOKEN, inline, prose, type Answer } from './answer.js'
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
      security: z.array(z.string()),
      contract: z.string(),
      curl: z.string(),
      truncated: z.boolean(),
    }),
  ),
  not_found: z.array(z.string()),
  ambiguous: z.array(z.looseObject({ asked: z.string(), candidates: z.array(z.string()) })),
  /** Asked for and found, without room in `max_tokens`. */
  left_out: z.array(z.string()).optional(),
})

type Got = z.infer<typeof getOutput>
type Operation = Got['operations'][number]

const DEFAULT_MAX_TOKENS = 1_500
/** Room for headings, ids that were not found and the closing line. */
const FRAME_CHARS = 400
/** What a contract and its curl need at least: of more than fit, the last are left out. */
const MIN_CONTRACT_CHARS = 400
const SHOWN_CANDIDATES = 10
/** Of 17,000 real operations none needed more. */
const MAX_ROUNDS = 12

/** How to call up to five operations, named by any form of id; the budget is shared by them. */
export async function getOperations(
  { db }: Services,
  principal: Principal,
  input: z.infer<typeof getInput>,
): Promise<Answer<Got>> {
  const asked = [...new Set(input.ids)]
  const found = await Promise.all(asked.map((id) => findOperations(db, principal, id)))
  const notFound = asked.filter((_, index) => found[index]?.length === 0)
  const ambiguous = asked.flatMap((id, index) => {
    const refs = found[index] ?? []
    return refs.length > 1 ? [{ asked: id, candidates: candidates(refs) }] : []
  })
  const named = found.flatMap((some) => (some.length === 1 ? some : []))
  const distinct = [...new Map(named.map((ref) => [ref.op, ref])).values()]
  const budget = (input.max_tokens ?? DEFAULT_MAX_TOKENS) * CHARS_PER_TOKEN - FRAME_CHARS
  const refs = distinct.slice(0, Math.max(1, Math.floor(budget / MIN_CONTRACT_CHARS)))
  const maxChars = Math.floor(budget / Math.max(1, refs.length))
  const operations: Operation[] = []
  for (const { op } of refs) {
    const operation = await readOperation(db, op, input, maxChars)
    if (operation) operations.push(operation)
  }
  const left = distinct.slice(refs.length).map(({ id }) => id)
  const structured = {
    operations,
    not_found: notFound,
    ambiguous,
    ...(left.length > 0 ? { left_out: left } : {}),
  }
  const next = notFound.length > 0 ? 'Next: `search_operations` with what you want to do.' : ''
  return { structured, markdown: describe(structured), ...(next ? { next } : {}) }
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
  const { id, catalog, spec, method, path, summary, effect } = row
  const { security, contract, curl, truncated } = await rendered(db, loaded, row, {
    maxChars: maxChars - id.length,
    ...(include ? { include } : {}),
    ...(expand ? { expand } : {}),
  })
  return { id, catalog, spec, method, path, summary, effect, security, contract, curl, truncated }
}

/** Renders, reads what turned out to be needed, and renders again until nothing more is. */
async function rendered(
  db: Services['db'],
  { specId, definition }: LoadedOperation,
  { method, path }: OperationRow,
  options: RenderOptions,
): Promise<RenderedOperation> {
  const components = new Map<string, unknown>()
  const asked = new Set<string>()
  let wanted = refsOf(definition)
  for (let round = 1; ; round++) {
    for (const [pointer, value] of await loadComponents(db, specId, wanted)) {
      components.set(pointer, value)
    }
    const result = renderOperation({ ...definition, method, path }, components, options)
    for (const pointer of wanted) asked.add(pointer)
    wanted = result.missing.filter((pointer) => !asked.has(pointer))
    if (wanted.length === 0 || round === MAX_ROUNDS) return result
  }
}

function candidates(refs: readonly OperationRef[]): string[] {
  return refs.slice(0, SHOWN_CANDIDATES).map(({ id }) => id)
}

function describe({ operations, not_found, ambiguous, left_out }: Got): string {
  const parts = operations.map((operation) =>
    [
      `## \`${inline(operation.id, 300)}\` (${operation.effect})`,
      ...(operation.security.length > 0
        ? [`Security: ${operation.security.map((one) => prose(one)).join('; ')}`]
        : []),
      fenced('ts', operation.contract),
      ...(operation.curl ? [fenced('sh', operation.curl)] : []),
    ].join('\n'),
  )
  for (const { asked, candidates: ids } of ambiguous) {
    parts.push(
      `\`${inline(asked)}\` fits several operations; ask for one of: ` +
        ids.map((id) => `\`${inline(id, 200)}\``).join(', '),
    )
  }
  if (left_out) {
    parts.push(
      `No room for ${left_out.map((id) => `\`${inline(id)}\``).join(', ')}: ask for fewer at ` +
        'once, or with a larger `max_tokens`.',
    )
  }
  if (not_found.length > 0) {
    parts.push(
      `Not found: ${not_found.map((id) => `\`${inline(id)}\``).join(', ')}. ` +
        'A search for what you want to do finds them.',
    )
  }
  return parts.join('\n\n')
}

/** A code block that its content cannot end. */
function fenced(language: string, code: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${code}\n${fence}`
}
