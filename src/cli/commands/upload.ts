import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { shownSource } from '../../app/answer.js'
import type { Services } from '../../app/services.js'
import { specWarnings } from '../../app/spec-warnings.js'
import { absolutePath, uploadSpec } from '../../app/upload-spec.js'
import { parseHeader } from '../../catalog/fetch/request-headers.js'
import { qualifiedSpec } from '../../catalog/names.js'
import { listBundle } from '../../catalog/prepare-spec.js'
import type { UploadLimits } from '../../catalog/prepared-spec.js'
import { localPrincipal } from '../../catalog/principal.js'
import { InputError, UnavailableError } from '../../errors.js'
import { joinUpTo } from '../../openapi/short-names.js'
import { tooManyBytes } from '../../openapi/spec-error.js'
import { commandSettings, WHO_EMBEDS, withServices, type Flags } from '../run-command.js'
import { spaceToFill } from '../space-to-fill.js'
import { waitUntilEmbedded } from '../wait-until-embedded.js'

export interface UploadOptions {
  catalog?: string | undefined
  name?: string | undefined
  wait?: boolean | undefined
  /** `Name: value`, for URLs. */
  header?: readonly string[] | undefined
  allowPrivateUrls?: boolean | undefined
  json?: boolean | undefined
}

interface Source {
  document: ({ path: string } | { content: Uint8Array } | { url: string }) & { entry?: string }
  label: string
  /** Found in a folder, not asked for by name: it may well be something else than a spec. */
  isFound: boolean
}

/** Uploads every document given; one that cannot be taken does not stop the others. */
export async function upload(
  flags: Flags,
  inputs: readonly string[],
  options: UploadOptions,
): Promise<void> {
  const { config } = commandSettings(flags)
  const sources: Source[] = []
  let unreadable = 0
  for (const input of inputs) {
    try {
      sources.push(...(await sourcesOf(input, config)))
    } catch (error) {
      if (!(error instanceof InputError) || inputs.length === 1) throw error
      report(input, error.message, options)
      unreadable++
    }
  }
  if (options.name !== undefined && sources.length !== 1) {
    throw new InputError(`--name names one document, and these are ${sources.length}.`)
  }
  const { wait = false, allowPrivateUrls } = options
  await withServices(flags, { worker: wait, allowPrivateUrls }, async (services) => {
    const outcomes: Outcome[] = []
    for (const source of sources) outcomes.push(await uploadOne(services, source, options))
    const taken = outcomes.filter((outcome) => typeof outcome === 'object')
    warnOfMergedTitles(taken)
    await reportChecks(services, taken)
    const [only] = taken.length === 1 ? taken : []
    if (options.wait && taken.length > 0) {
      await spaceToFill(services)
      const scope = { catalog: options.catalog, spec: only?.spec }
      const { summary } = await waitUntilEmbedded(services, scope)
      const { embedding_count: embedded, operation_count: all } = summary
      if (!options.json) process.stdout.write(`${embedded} of ${all} operations are embedded.\n`)
    } else if (!options.json && taken.some(({ isWaiting }) => isWaiting)) {
      process.stdout.write(WHO_EMBEDS)
    }
    const failed = unreadable + outcomes.filter((outcome) => outcome === 'failed').length
    if (failed > 0) {
      const all = unreadable + sources.length
      throw new InputError(`${failed} of ${all} documents could not be taken.`)
    }
    if (taken.length === 0) {
      throw new InputError(`There is no OpenAPI document in ${inputs.join(', ')}.`)
    }
  })
}

interface Taken {
  catalog: string
  spec: string
  label: string
  /** It was made another revision of what another document of this command became. */
  isRevision: boolean
  /** There is something to embed. */
  isWaiting: boolean
}

type Outcome = Taken | 'failed' | 'skipped'

/** Documents of one title are revisions of one spec; in one command that is hardly meant. */
function warnOfMergedTitles(taken: readonly Taken[]): void {
  const files = new Map<string, string>()
  for (const { spec, label, isRevision } of taken) {
    const earlier = files.get(spec)
    if (earlier !== undefined && isRevision) {
      process.stderr.write(
        `${label} has the title of ${earlier} and became the next revision of ${spec}; ` +
          'to keep both, upload each with a --name of its own.\n',
      )
    }
    files.set(spec, label)
  }
}

/** What the check against its version's schema found, which goes on while documents are read. */
async function reportChecks(services: Services, taken: readonly Taken[]): Promise<void> {
  await services.validator.idle()
  for (const { catalog, spec } of taken) {
    const { structured } = await specWarnings(services, localPrincipal, { catalog, spec })
    const count = structured.warnings.filter(({ code }) => code === 'SCHEMA_INVALID').length
    if (count === 0) continue
    const name = qualifiedSpec(catalog, spec)
    const places = count === 1 ? '1 place is' : `${count} places are`
    process.stderr.write(
      `${name}: ${places} not as the schema of its OpenAPI version says; ` +
        `\`warnings ${name}\` shows them.\n`,
    )
  }
}

async function uploadOne(
  services: Services,
  { document, label, isFound }: Source,
  { catalog, name, json, header }: UploadOptions,
): Promise<Outcome> {
  const headers = header ? { headers: header.map(parseHeader) } : {}
  try {
    const { structured, markdown } = await uploadSpec(
      services,
      localPrincipal,
      {
        ...document,
        ...headers,
        ...(catalog === undefined ? {} : { catalog }),
        ...(name ? { name } : {}),
      },
      { allWarnings: true },
    )
    process.stdout.write(json ? `${JSON.stringify(structured)}\n` : `${markdown}\n\n`)
    const { catalog: place, spec, outcome, job } = structured
    return {
      catalog: place,
      spec,
      label,
      isRevision: outcome === 'revised',
      isWaiting: job !== null,
    }
  } catch (error) {
    if (!(error instanceof InputError || error instanceof UnavailableError)) throw error
    if (isFound && error.message.startsWith('NOT_OPENAPI')) {
      process.stderr.write(`${label}: skipped, ${error.message}\n`)
      return 'skipped'
    }
    report(label, error.message, { json })
    return 'failed'
  }
}

function report(source: string, error: string, { json }: UploadOptions): void {
  if (json) process.stdout.write(`${JSON.stringify({ source, error })}\n`)
  process.stderr.write(`${source}: ${error}\n`)
}

/** A URL, a file, the documents of a directory or zip, those a pattern names, or `-` for standard input. */
async function sourcesOf(input: string, limits: UploadLimits): Promise<Source[]> {
  if (input === '-') {
    return documentsOf({ content: await readStdin(limits) }, 'standard input', limits)
  }
  if (/^https?:\/\//i.test(input)) {
    return [{ document: { url: input }, label: shownSource(input), isFound: false }]
  }
  const path = absolutePath(input)
  const kind = await stat(path).catch(() => null)
  if (kind === null && /[*?[{]/.test(input)) return filesLike(input)
  return kind?.isDirectory() || isZipName(input)
    ? documentsOf({ path }, input, limits)
    : [{ document: { path }, label: input, isFound: false }]
}

function isZipName(path: string): boolean {
  return /\.zip$/i.test(path)
}

/** Of the names of files that are no documents. */
const SHOWN_CHARS = 400

/** Every API document of a bundle; what is none is read where one refers to it. */
async function documentsOf(
  document: { path: string } | { content: Uint8Array },
  label: string,
  limits: UploadLimits,
): Promise<Source[]> {
  const listing = await listBundle(document, limits)
  if (listing === null) return [{ document, label, isFound: false }]
  const { roots, others } = listing
  const named = joinUpTo(others, SHOWN_CHARS)
  if (roots.length === 0) {
    const held =
      others.length === 0
        ? ''
        : ` What there is has no \`openapi\` field: ${named}. Uploaded alone, each says what it is.`
    throw new InputError(`${label} has no API document in JSON or YAML in it or below.${held}`)
  }
  if (others.length > 0) {
    process.stderr.write(
      `${label}: ${others.length} more JSON or YAML ${others.length === 1 ? 'file' : 'files'} without an ` +
        `\`openapi\` or \`swagger\` field, read where a document refers to them: ${named}\n`,
    )
  }
  return roots.map((entry) => ({
    document: { ...document, entry },
    label: join(label, entry),
    isFound: true,
  }))
}

async function filesLike(pattern: string): Promise<Source[]> {
  const names = await glob(pattern, { ignore: ['**/node_modules/**'] })
  if (names.length === 0) throw new InputError(`No file is named like ${pattern}.`)
  return names.toSorted().map((name) => ({
    document: { path: resolve(name) },
    label: name,
    isFound: true,
  }))
}

/** To its end, which may not come. */
async function readStdin(limits: UploadLimits): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limits.maxBytes) throw tooManyBytes('standard input', size, limits)
  }
  return Buffer.concat(chunks)
}
