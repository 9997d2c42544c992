import * as z from 'zod'
import {
  compareRevisions as compare,
  type RevisionComparison,
} from '../catalog/compare-revisions.js'
import { operationRef, qualifiedSpec, splitSpecName } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import type { Change } from '../openapi/compare/rules.js'
import { InputError } from '../errors.js'
import { CHARS_PER_TOKEN, counted, inline, prose, type Answer } from './answer.js'
import { inputText } from './input-text.js'
import type { Services } from './services.js'

export const compareInput = z.strictObject({
  spec: inputText(),
  catalog: inputText().optional().describe('default: "default"'),
  from: z.number().int().min(1).optional().describe('a revision; default: the one before `to`'),
  to: z.number().int().min(1).optional().describe('default: the current one'),
  cursor: inputText().optional(),
  max_tokens: z.number().int().min(100).max(20_000).optional().describe('default 1500'),
})

export const compareOutput = z.looseObject({
  from: z.number(),
  to: z.number(),
  removed: z.array(z.string()),
  changed: z.array(
    z.looseObject({
      id: z.string(),
      what: z.string(),
      breaking: z.boolean(),
    }),
  ),
  added: z.array(z.string()),
  breaking_count: z.number(),
  next_cursor: z.string().optional(),
})

export type CompareResult = z.infer<typeof compareOutput>

const DEFAULT_MAX_TOKENS = 1_500
/** Changes told of one operation; the rest are counted. */
const SHOWN_CHANGES = 12

/** One operation that differs, as it is told: what breaks first. */
interface Entry {
  kind: 'removed' | 'changed' | 'added'
  id: string
  isBreaking: boolean
  changes: readonly Change[]
}

/**
 * What changed between two revisions of a spec, what breaks clients first, as much as fits. Throws
 * InputError for a revision that is not kept.
 */
export async function compareRevisions(
  services: Services,
  principal: Principal,
  input: z.infer<typeof compareInput>,
  signal?: AbortSignal,
): Promise<Answer<CompareResult>> {
  const named = splitSpecName(input.spec, input.catalog)
  const place = readCursor(input.cursor)
  const compared = await compare(
    services.db,
    principal,
    { ...named, from: place?.from ?? input.from, to: place?.to ?? input.to },
    services.config,
    signal,
  )
  const entries = entriesOf(compared)
  const offset = Math.min(place?.offset ?? 0, entries.length)
  const maxChars = (input.max_tokens ?? DEFAULT_MAX_TOKENS) * CHARS_PER_TOKEN
  const page = pageOf(compared, entries, offset, maxChars)
  const shown = entries.slice(offset, page.end)
  const ids = (kind: Entry['kind']) => shown.filter((one) => one.kind === kind).map(({ id }) => id)
  return {
    markdown: page.markdown,
    ...(page.next ? { next: page.next } : {}),
    structured: {
      catalog: named.catalog,
      spec: named.spec,
      from: compared.from,
      to: compared.to,
      counts: countsOf(compared),
      everywhere: compared.everywhere.slice(0, SHOWN_CHANGES).map((change) => ({
        ...changeResult(change),
        operations: change.operations,
      })),
      removed: ids('removed'),
      changed: shown
        .filter(({ kind }) => kind === 'changed')
        .map(({ id, changes, isBreaking }) => ({
          id,
          what: whatChanged(changes),
          breaking: isBreaking,
        })),
      added: ids('added'),
      breaking_count: breakingCount(compared, entries),
      ...(page.end < entries.length ? { next_cursor: cursorAt(compared, page.end) } : {}),
    },
  }
}

function entriesOf(compared: RevisionComparison): Entry[] {
  const { removed, changed, added } = compared
  const entries: Entry[] = [
    ...removed.map((one) => ({
      kind: 'removed' as const,
      id: operationRef(compared, one),
      isBreaking: true,
      changes: [],
    })),
    ...changed.map((one) => ({
      kind: 'changed' as const,
      id: operationRef(compared, one),
      isBreaking: one.changes.some(({ isBreaking }) => isBreaking),
      changes: one.changes,
    })),
    ...added.map((one) => ({
      kind: 'added' as const,
      id: operationRef(compared, one),
      isBreaking: false,
      changes: [],
    })),
  ]
  return entries.toSorted((a, b) => Number(b.isBreaking) - Number(a.isBreaking))
}

/** Two revisions never change, so a place among their differences is the same for ever. */
function cursorAt({ from, to }: RevisionComparison, offset: number): string {
  return `${from}.${to}.${offset}`
}

function readCursor(
  cursor: string | undefined,
): { from: number; to: number; offset: number } | null {
  if (cursor === undefined) return null
  const [, from, to, offset] = /^(\d{1,9})\.(\d{1,9})\.(\d{1,6})$/.exec(cursor) ?? []
  if (offset !== undefined) return { from: Number(from), to: Number(to), offset: Number(offset) }
  throw new InputError('That `cursor` is not one of compare_revisions; leave it out to start.')
}

function pageOf(
  compared: RevisionComparison,
  entries: readonly Entry[],
  offset: number,
  maxChars: number,
): { markdown: string; next: string; end: number } {
  const head = headline(compared, entries)
  const lines = [...head]
  let end = offset
  for (let chars = head.join('\n').length + CLOSING_CHARS; end < entries.length; end++) {
    const text = entryText(entries[end] as Entry)
    chars += text.length + 1
    if (chars > maxChars && end > offset) break
    lines.push(text)
  }
  const rest = entries.length - end
  if (rest > 0) lines.push(`… ${counted(rest, 'more operation')}.`)
  const next =
    rest > 0
      ? `More: \`cursor: "${cursorAt(compared, end)}"\`.`
      : entries.length > 0
        ? 'Next: `get_operation` shows an operation as it is now.'
        : ''
  return { markdown: lines.join('\n').slice(0, Math.max(maxChars, 200)), next, end }
}

/** Room kept for the closing line. */
const CLOSING_CHARS = 100

function headline(compared: RevisionComparison, entries: readonly Entry[]): string[] {
  const { from, to, catalog, spec, everywhere } = compared
  const { added, removed, changed, unchanged } = countsOf(compared)
  const breaking = breakingCount(compared, entries)
  return [
    `**${qualifiedSpec(catalog, spec)}** revision ${from} → ${to}: ${removed} removed, ` +
      `${changed} changed, ${added} added, ${unchanged} unchanged; ` +
      (breaking === 0 ? 'nothing breaks clients.' : `${counted(breaking, 'breaking change')}.`),
    ...everywhere
      .slice(0, SHOWN_CHANGES)
      .map(
        (change) =>
          `- ${counted(change.operations, 'operation')}: ${mark(change)}${sentenceOf(change)}`,
      ),
    '',
  ]
}

function entryText({ kind, id, changes, isBreaking }: Entry): string {
  const name = `\`${inline(id, 300)}\``
  if (kind === 'removed') return `- ${BREAKING}removed: ${name}`
  if (kind === 'added') return `- added: ${name}`
  const shown = changes.slice(0, SHOWN_CHANGES)
  const rest = changes.length - shown.length
  return [
    `- ${isBreaking ? BREAKING : ''}changed: ${name}`,
    ...shown.map((change) => `  - ${mark(change)}${sentenceOf(change)}`),
    ...(rest > 0 ? [`  - … ${rest} more`] : []),
  ].join('\n')
}

const BREAKING = '**breaking** '

function mark({ isBreaking }: Change): string {
  return isBreaking ? BREAKING : ''
}

/** `request property removed: body.owner (string → integer)`. */
function sentenceOf({ rule, where, detail }: Change): string {
  const place = where === '' ? '' : `: \`${inline(where, 160)}\``
  return `${rule.replaceAll('-', ' ')}${place}${detail === '' ? '' : ` (${prose(detail, 160)})`}`
}

function whatChanged(changes: readonly Change[]): string {
  const shown = changes.slice(0, SHOWN_CHANGES).map(({ rule, where, detail }) => {
    const place = where === '' ? '' : ` ${inline(where, 160)}`
    return `${rule.replaceAll('-', ' ')}${place}${detail === '' ? '' : ` (${inline(detail, 160)})`}`
  })
  const rest = changes.length - shown.length
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join('; ')
}

function changeResult({ rule, where, detail, isBreaking }: Change) {
  return { rule, where: inline(where, 160), detail: inline(detail, 160), breaking: isBreaking }
}

function countsOf({ added, removed, changed, unchanged }: RevisionComparison) {
  return {
    added: added.length,
    removed: removed.length,
    changed: changed.length,
    unchanged,
  }
}

/** Operations that are gone or changed in a way that breaks, and what breaks all at once. */
function breakingCount({ everywhere }: RevisionComparison, entries: readonly Entry[]): number {
  const breaks = [...everywhere, ...entries].filter(({ isBreaking }) => isBreaking)
  return breaks.length
}
