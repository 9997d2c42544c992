import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import * as z from 'zod'
import { CHARS_PER_TOKEN } from '../../app/answer.js'
import { App } from '../../app/app.js'
import { searchOperations as searchPage } from '../../app/search-operations.js'
import type { Services } from '../../app/services.js'
import { uploadSpec } from '../../app/upload-spec.js'
import { slug } from '../../catalog/names.js'
import { operationRows } from '../../catalog/operation-rows.js'
import { localPrincipal } from '../../catalog/principal.js'
import { InputError, messageOf, UsageError } from '../../errors.js'
import { searchOperations } from '../../search/search-operations.js'
import { commandSettings, type Flags } from '../run-command.js'
import { waitUntilEmbedded } from '../wait-until-embedded.js'
import { meanScores, scoreRanking, type Labelled, type Scores } from './score.js'

export interface EvalOptions {
  queries: string
  specs: string
  ranking: string
  limit: number
  run?: string
  json?: boolean
}

const labelled = z.object({ spec: z.string(), method: z.string(), path: z.string() })
const questionLine = z.object({
  id: z.string(),
  query: z.string(),
  gold: z.array(labelled).min(1),
  /** Asked of the specs whose file name starts with this. */
  scope: z.string().optional(),
})
type Question = z.infer<typeof questionLine>

interface Answered {
  id: string
  results: Labelled[]
  scores: Scores
  ms: number
  pageTokens: number
}

/** Asks labelled questions through the real search, in a scratch database, and prints figures. */
export async function evaluate(flags: Flags, options: EvalOptions): Promise<void> {
  const ranking = z.enum(['auto', 'hybrid', 'lexical', 'semantic']).safeParse(options.ranking)
  if (!ranking.success) throw new UsageError('--ranking is auto, hybrid, lexical or semantic.')
  const questions = await readQuestions(options.queries)
  const scratch = await mkdtemp(join(tmpdir(), 'api-catalog-eval-'))
  try {
    const { config, log } = commandSettings(flags)
    await using app = new App({
      config: { ...config, databaseUrl: null, dataDir: scratch },
      log,
      worker: ranking.data !== 'lexical',
    })
    const services = await app.services()
    const files = await uploadAll(services, options.specs)
    warnOfMissingSpecs(questions, files)
    if (ranking.data !== 'lexical') await waitUntilEmbedded(services)
    const answers: Answered[] = []
    for (const question of questions) {
      answers.push(
        await ask(services, question, { files, limit: options.limit, ranking: ranking.data }),
      )
    }
    if (options.run) await writeRun(options.run, answers)
    report(answers, { ranking: ranking.data, specs: files.size }, options.json)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function readQuestions(file: string): Promise<Question[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(`${file} cannot be read: ${messageOf(error)}`, { cause: error })
  })
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) throw new InputError(`${file} has no questions in it.`)
  return lines.map((line, index) => {
    try {
      return questionLine.parse(JSON.parse(line))
    } catch (error) {
      throw new InputError(
        `Line ${index + 1} of ${file} is no question: it takes {"id", "query", "gold": [{"spec", "method", "path"}]}.`,
        { cause: error },
      )
    }
  })
}

/** Gives spec names by file: the path under the folder, `/` written `__`. */
async function uploadAll(services: Services, folder: string): Promise<Map<string, string>> {
  const paths = await glob('**/*.{json,yaml,yml}', { cwd: folder })
  const files = new Map<string, string>()
  for (const path of paths.toSorted()) {
    const file = path.replaceAll('/', '__')
    const name = `${slug(file).slice(0, 50)}-${files.size + 1}`
    try {
      const { structured } = await uploadSpec(
        services,
        localPrincipal,
        { path: resolve(folder, path), name },
        { isChecked: false },
      )
      files.set(file, structured.spec)
    } catch (error) {
      process.stderr.write(`${path}: ${messageOf(error)}\n`)
    }
  }
  if (files.size === 0) throw new InputError(`${folder} has no OpenAPI document in it.`)
  return files
}

function warnOfMissingSpecs(questions: readonly Question[], files: Map<string, string>): void {
  const wanted = new Set(questions.flatMap(({ gold }) => gold.map(({ spec }) => spec)))
  const missing = [...wanted].filter((file) => !files.has(file))
  if (missing.length > 0) {
    process.stderr.write(`Answers are in files that are not there: ${missing.join(', ')}\n`)
  }
}

async function ask(
  services: Services,
  question: Question,
  asked: {
    files: Map<string, string>
    limit: number
    ranking: 'auto' | 'hybrid' | 'lexical' | 'semantic'
  },
): Promise<Answered> {
  const { files, limit, ranking } = asked
  const { query, scope } = question
  const specs =
    scope === undefined
      ? undefined
      : [...files].filter(([file]) => file.startsWith(scope)).map(([, name]) => name)
  const started = performance.now()
  const answer = await searchOperations(services.db, localPrincipal, services.queries, {
    query,
    specs,
    ranking,
  })
  const ms = performance.now() - started
  const rows = await operationRows(
    services.db,
    answer.hits.slice(0, limit).map(({ op }) => op),
  )
  const fileOf = new Map([...files].map(([file, name]) => [name, file]))
  const results = rows.map(({ spec, method, path }) => ({
    spec: fileOf.get(spec) ?? spec,
    method,
    path,
  }))
  const page = await searchPage(services, localPrincipal, { query, ranking })
  return {
    id: question.id,
    results,
    scores: scoreRanking(results, question.gold),
    ms,
    pageTokens: (page.markdown.length + (page.next ?? '').length) / CHARS_PER_TOKEN,
  }
}

async function writeRun(file: string, answers: readonly Answered[]): Promise<void> {
  const lines = answers.map(({ id, results }) => JSON.stringify({ id, results }))
  await writeFile(file, `${lines.join('\n')}\n`)
}

function report(
  answers: readonly Answered[],
  { ranking, specs }: { ranking: string; specs: number },
  json: boolean | undefined,
): void {
  const figures = {
    ranking,
    queries: answers.length,
    specs,
    ...meanScores(answers.map(({ scores }) => scores)),
    latency_ms: percentiles(answers.map(({ ms }) => ms)),
    page_tokens: percentiles(answers.map(({ pageTokens }) => pageTokens)),
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
    return
  }
  for (const [name, value] of Object.entries(figures)) {
    const text = typeof value === 'object' ? `p50 ${value.p50}, p95 ${value.p95}` : rounded(value)
    process.stdout.write(`${name.padEnd(12)}${text}\n`)
  }
}

function percentiles(values: readonly number[]): { p50: number; p95: number } {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1))
  return { p50: at(0.5), p95: at(0.95) }
}

function rounded(value: string | number): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : String(value)
}
