import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { uploadFromUrl } from '../catalog/fetch-spec.js'
import type { HeaderTemplate } from '../catalog/fetch/request-headers.js'
import { qualifiedSpec } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import { uploadSpec as upload, type UploadReport } from '../catalog/upload-spec.js'
import { ForbiddenError, InputError } from '../errors.js'
import type { SpecWarning } from '../openapi/parsed-spec.js'
import { counted, inline, prose, quoted, type Answer } from './answer.js'
import { inputText } from './input-text.js'
import { fetchSettings } from './refresh-specs.js'
import { willEmbed, type Services } from './services.js'

export const uploadInput = z.strictObject({
  content: z.string().optional().describe('the document, JSON or YAML'),
  path: z.string().optional().describe('or a file, directory or zip of one API'),
  url: z.string().optional().describe('or an http(s) URL'),
  catalog: inputText().optional().describe('default: "default"'),
  name: z.string().optional().describe('[a-z0-9._-]; else made of the title'),
})

/** By what may be given: the same schema object each time, since it is converted once. */
const inputs = new Map<string, z.ZodType>()

/** What of it a caller may give: from over HTTP no file of this machine is read. */
export function uploadInputFor({ sources }: Principal): z.ZodType {
  const key = sources.join(' ')
  const input = inputs.get(key) ?? inputWith(sources)
  inputs.set(key, input)
  return input
}

function inputWith(sources: Principal['sources']): z.ZodType {
  const kept = Object.entries(uploadInput.shape).filter(
    ([name]) => !isSource(name) || sources.includes(name),
  )
  return z.strictObject(Object.fromEntries(kept))
}

function isSource(name: string): name is Principal['sources'][number] {
  return name === 'path' || name === 'url'
}

export const jobOutput = z.looseObject({ id: z.number(), status: z.string() })

export const uploadOutput = z.looseObject({
  catalog: z.string(),
  spec: z.string(),
  outcome: z.enum(['created', 'revised', 'unchanged']),
  revision: z.number(),
  title: z.string().nullable(),
  version: z.string().nullable(),
  operation_count: z.number(),
  changes: z.looseObject({
    added: z.number(),
    removed: z.number(),
    changed: z.number(),
    unchanged: z.number(),
  }),
  warnings: z.array(z.looseObject({ code: z.string(), pointer: z.string(), message: z.string() })),
  warning_count: z.number(),
  job: jobOutput.nullable(),
  /** Why it has not the name that was asked for. */
  note: z.string().optional(),
})

export type UploadResult = z.infer<typeof uploadOutput>

/** What a tool or a command gives: of an argument of a tool, the rest is for commands. */
type UploadInput = Omit<z.infer<typeof uploadInput>, 'content'> & {
  content?: string | Uint8Array
  /** Which file of a directory or zip it is. */
  entry?: string
  /** What a URL is asked with. Not for agents: they carry no secrets. */
  headers?: readonly HeaderTemplate[]
}

/** Warnings in an answer; where all are given, the text has so many of each code. */
const SHOWN_WARNINGS = 20

export interface UploadOptions {
  signal?: AbortSignal
  /** Gives all warnings, and in the text 20 of a code; else the first 20. */
  allWarnings?: boolean
  /** Has it checked against its version's schema afterwards, in the background. */
  isChecked?: boolean
  /** The name is an address: what is there is revised, whatever its title is. */
  isNameFixed?: boolean
}

/** Takes a document given inline, as a path or as a URL. Throws InputError for anything it cannot take. */
export async function uploadSpec(
  services: Services,
  principal: Principal,
  input: UploadInput,
  { signal, allWarnings = false, isChecked = true, isNameFixed }: UploadOptions = {},
): Promise<Answer<UploadResult>> {
  const given = [input.content, input.path, input.url].filter((way) => way !== undefined)
  if (given.length !== 1) {
    throw new InputError(
      'Give `content` (the document), `path` (a file, a directory or a zip) or `url`, one of them.',
    )
  }
  checkSource(principal, input)
  const report =
    input.url === undefined
      ? await takeDocument(services, principal, input, { signal, isNameFixed })
      : await uploadFromUrl(
          services.db,
          principal,
          { ...input, url: input.url },
          fetchSettings(services, signal),
        )
  if (isChecked) services.validator.add(report)
  const note = nameNote(report)
  const shown = allWarnings ? report.warnings : report.warnings.slice(0, SHOWN_WARNINGS)
  return {
    structured: {
      catalog: report.catalog,
      spec: report.spec,
      outcome: report.outcome,
      revision: report.revision,
      title: report.title,
      version: report.version,
      operation_count: report.operationCount,
      changes: { ...report.changes },
      warnings: shown.map((warning) => ({ ...warning })),
      warning_count: report.warnings.length,
      job: report.job && { ...report.job },
      ...(note === null ? {} : { note }),
    },
    markdown: describe(report, allWarnings ? fewOfEachCode(report.warnings) : shown),
    ...(report.operationCount > 0
      ? {
          next:
            `Next: \`search_operations\` with ` +
            `\`spec: "${qualifiedSpec(report.catalog, report.spec)}"\`.`,
        }
      : {}),
  }
}

function checkSource({ sources }: Principal, input: UploadInput): void {
  if (input.path !== undefined && !sources.includes('path')) {
    throw new ForbiddenError(
      'Files of the server are not read for callers over HTTP: send `content`.',
    )
  }
  if (input.url !== undefined && !sources.includes('url')) {
    throw new ForbiddenError(
      'This server fetches no URLs for callers over HTTP (API_CATALOG_HTTP_URLS turns it on): ' +
        'send `content`.',
    )
  }
}

async function takeDocument(
  services: Services,
  principal: Principal,
  input: Omit<UploadInput, 'url' | 'headers'>,
  { signal, isNameFixed }: Pick<UploadOptions, 'isNameFixed'> & { signal: AbortSignal | undefined },
): Promise<UploadReport> {
  const path = input.path === undefined ? null : absolutePath(input.path)
  return upload(services.db, principal, {
    document: {
      ...(path === null ? { content: input.content ?? '' } : { path }),
      entry: input.entry,
    },
    source: path,
    catalog: input.catalog,
    name: input.name,
    isNameFixed,
    limits: services.config,
    willEmbed: willEmbed(services),
    signal,
  })
}

/** Of a path as callers give it, or of a `file:` URL. Throws InputError where it is empty. */
export function absolutePath(path: string): string {
  if (path.trim() === '') throw new InputError('`path` is empty; give the path of a file.')
  if (isAbsolute(path)) return path
  return /^file:\/\//i.test(path) ? pathOfUrl(path) : resolve(path)
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    throw new InputError(`${url.slice(0, 200)} names no file of this machine; give its path.`, {
      cause: error,
    })
  }
}

/** A name that was asked for is a wish: another API may have it. */
function nameNote({ nameTaken, spec }: UploadReport): string | null {
  if (nameTaken === null) return null
  const { name, title } = nameTaken
  const owner = title === null ? 'an API without a title' : quoted(title, 120)
  return (
    `The name \`${name}\` belongs to ${owner}; this is \`${spec}\`. To make it a revision of ` +
    `\`${name}\`, delete \`${spec}\` and upload it with the same title (\`info.title\`); to put it ` +
    `in the place of \`${name}\`, delete both first.`
  )
}

function fewOfEachCode(warnings: readonly SpecWarning[]): SpecWarning[] {
  const counts = new Map<string, number>()
  return warnings.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1
    counts.set(code, count)
    return count <= SHOWN_WARNINGS
  })
}

/** Definitions are compared as texts, also where they were written anew and say the same. */
const REWRITTEN =
  'Rewritten may be in wording or layout only: `compare_revisions` (command `diff`) tells what changed.'

function describe(report: UploadReport, shown: readonly SpecWarning[]): string {
  const name = qualifiedSpec(report.catalog, report.spec)
  const { added, removed, changed, unchanged } = report.changes
  const what = [report.title, report.version].filter((part) => part !== null).join(' ')
  const lines = [
    `**${name}** ${report.outcome}: revision ${report.revision}, ` +
      `${counted(report.operationCount, 'operation')}${what ? ` of "${prose(what, 120)}"` : ''}.`,
  ]
  const note = nameNote(report)
  if (note !== null) lines.push(note)
  if (report.outcome === 'revised') {
    lines.push(`${added} added, ${removed} removed, ${changed} rewritten, ${unchanged} unchanged.`)
    if (changed > 0) lines.push(REWRITTEN)
    if (removed > 0 && changed + unchanged === 0) {
      lines.push(
        'No operation is left of the revision before. If this is another API: upload it with a ' +
          `name of its own, and roll **${name}** back.`,
      )
    }
  }
  lines.push(
    report.job
      ? 'It is searchable by words now, and by meaning as embedding goes on.'
      : report.operationCount === 0
        ? 'It has no operations, so there is nothing to search.'
        : 'It is searchable now.',
  )
  if (report.warnings.length > 0) {
    lines.push('', `${counted(report.warnings.length, 'warning')}:`)
    for (const warning of shown) lines.push(`- ${warningLine(warning)}`)
    const rest = report.warnings.length - shown.length
    if (rest > 0) {
      lines.push(`- … and ${rest} more: the command \`warnings ${name}\` shows them all`)
    }
  }
  return lines.join('\n')
}

export function warningLine({ code, pointer, message, file, line }: SpecWarning): string {
  const place = [
    file === undefined ? '' : `${file} `,
    pointer || '/',
    line === undefined ? '' : ` (line ${line})`,
  ]
  return `${code} at \`${inline(place.join(''), 160)}\`: ${prose(message, 200)}`
}
