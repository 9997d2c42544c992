import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import type { Services } from '../../app/services.js'
import { uploadSpec } from '../../app/upload-spec.js'
import { localPrincipal } from '../../catalog/principal.js'
import { InputError, UnavailableError } from '../../errors.js'
import { withServices, type Flags } from '../run-command.js'
import { spaceToFill } from '../space-to-fill.js'
import { waitUntilEmbedded } from '../wait-until-embedded.js'

export interface UploadOptions {
  catalog?: string
  name?: string
  wait?: boolean
  json?: boolean
}

interface Source {
  document: { path: string } | { content: Uint8Array }
  label: string
  /** Found in a folder, not asked for by name: it may well be something else than a spec. */
  isFound: boolean
}

const DOCUMENTS = '**/*.{json,yaml,yml}'

/** Uploads every document given; one that cannot be taken does not stop the others. */
export async function upload(
  flags: Flags,
  inputs: readonly string[],
  options: UploadOptions,
): Promise<void> {
  const sources = (await Promise.all(inputs.map(sourcesOf))).flat()
  if (options.name !== undefined && sources.length !== 1) {
    throw new InputError(`--name names one document, and these are ${sources.length}.`)
  }
  await withServices(flags, { worker: options.wait === true }, async (services) => {
    const outcomes: Outcome[] = []
    for (const source of sources) outcomes.push(await uploadOne(services, source, options))
    const taken = outcomes.filter((outcome) => typeof outcome === 'object')
    warnOfMergedTitles(taken)
    const [only] = taken.length === 1 ? taken : []
    if (options.wait && taken.length > 0) {
      await spaceToFill(services)
      const scope = { catalog: options.catalog, spec: only?.spec }
      const { summary } = await waitUntilEmbedded(services, scope)
      const { embedding_count: embedded, operation_count: all } = summary
      if (!options.json) process.stdout.write(`${embedded} of ${all} operations are embedded.\n`)
    } else if (!options.json && taken.some(({ isWaiting }) => isWaiting)) {
      process.stdout.write(
        'A running server embeds them in the background; without one, `backfill` does.\n',
      )
    }
    const failed = outcomes.filter((outcome) => outcome === 'failed').length
    if (failed > 0) {
      throw new InputError(`${failed} of ${sources.length} documents could not be taken.`)
    }
    if (taken.length === 0) {
      throw new InputError(`There is no OpenAPI document in ${inputs.join(', ')}.`)
    }
  })
}

interface Taken {
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

async function uploadOne(
  services: Services,
  { document, label, isFound }: Source,
  { catalog, name, json }: UploadOptions,
): Promise<Outcome> {
  try {
    const { structured, markdown } = await uploadSpec(
      services,
      localPrincipal,
      { ...document, ...(catalog === undefined ? {} : { catalog }), ...(name ? { name } : {}) },
      { allWarnings: true },
    )
    process.stdout.write(json ? `${JSON.stringify(structured)}\n` : `${markdown}\n\n`)
    const { spec, outcome, job } = structured
    return { spec, label, isRevision: outcome === 'revised', isWaiting: job !== null }
  } catch (error) {
    if (!(error instanceof InputError || error instanceof UnavailableError)) throw error
    const isOther = isFound && error.message.startsWith('NOT_OPENAPI')
    if (json && !isOther) {
      process.stdout.write(`${JSON.stringify({ source: label, error: error.message })}\n`)
    }
    process.stderr.write(`${label}: ${isOther ? 'skipped, ' : ''}${error.message}\n`)
    return isOther ? 'skipped' : 'failed'
  }
}

/** A file, the documents of a directory, those a pattern names, or `-` for standard input. */
async function sourcesOf(input: string): Promise<Source[]> {
  if (input === '-') {
    return [{ document: { content: await readStdin() }, label: 'standard input', isFound: false }]
  }
  const kind = await stat(input).catch(() => null)
  if (kind?.isDirectory()) return filesLike(DOCUMENTS, input)
  if (kind === null && /[*?[{]/.test(input)) return filesLike(input, '.')
  const path = resolve(input)
  return [{ document: { path }, label: input, isFound: false }]
}

async function filesLike(pattern: string, folder: string): Promise<Source[]> {
  const names = await glob(pattern, { cwd: folder, ignore: ['**/node_modules/**'] })
  if (names.length === 0) {
    throw new InputError(
      folder === '.'
        ? `No file is named like ${pattern}.`
        : `${folder} has no .json, .yaml or .yml file in it or below.`,
    )
  }
  return names.toSorted().map((name) => ({
    document: { path: resolve(folder, name) },
    label: join(folder, name),
    isFound: true,
  }))
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
