import { writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { CHARS_PER_TOKEN } from '../../app/answer.js'
import { pagedAnswer } from '../../app/paged-answer.js'
import { searchPage } from '../../app/search-operations.js'
import type { Services } from '../../app/services.js'
import { operationRows } from '../../catalog/operation-rows.js'
import { localPrincipal } from '../../catalog/principal.js'
import { UsageError } from '../../errors.js'
import { searchOperations, type Question as Asked } from '../../search/search-operations.js'
import type { Flags } from '../run-command.js'
import { corpusDocuments } from './corpus.js'
import { loadCorpus, type LoadedCorpus } from './load-corpus.js'
import { readQuestions, type Question } from './questions.js'
import { warnOfMissingAnswers } from './missing-answers.js'
import { nameMissed, report, type Answered } from './report.js'
import { scoreRanking } from './score.js'
import { inScratch } from './scratch.js'
import { untilEmbedded } from './until-embedded.js'

export interface EvalOptions {
  queries: string
  specs: string
  buried?: string
  exclude?: string
  blankGoldSummaries?: boolean
  ranking: string
  limit: number
  run?: string
  json?: boolean
}

const rankings = z.enum(['auto', 'hybrid', 'lexical', 'semantic'])

/** Asks labelled questions through the real search, in a scratch database, and prints figures. */
export async function evaluate(flags: Flags, options: EvalOptions): Promise<void> {
  const parsed = rankings.safeParse(options.ranking)
  if (!parsed.success) throw new UsageError('--ranking is auto, hybrid, lexical or semantic.')
  const ranking = parsed.data
  const questions = await readQuestions(options.queries)
  const documents = await corpusDocuments(options)
  const worker = ranking !== 'lexical'
  await inScratch(flags, { worker }, async (services) => {
    const blank = options.blankGoldSummaries ? questions : []
    const corpus = await loadCorpus(services, documents, { blank })
    await warnOfMissingAnswers(services.db, questions, corpus)
    if (worker) await untilEmbedded(services)
    const answers: Answered[] = []
    for (const question of questions) {
      answers.push(await ask(services, question, corpus, { limit: options.limit, ranking }))
    }
    if (options.run) await writeRun(options.run, answers)
    const conditions = {
      ranking,
      database: services.db.kind,
      embedder: worker ? (services.embedder?.provider ?? null) : null,
      specs: corpus.specOf.size,
      operations: corpus.operations,
    }
    report(answers, conditions, options.json)
    if (!options.run) nameMissed(answers)
  })
}

/** The ranking is what the search gives, before results that are alike are folded into one. */
async function ask(
  services: Services,
  { id, query, scope, gold }: Question,
  { specOf }: LoadedCorpus,
  { limit, ranking }: { limit: number; ranking: Asked['ranking'] },
): Promise<Answered> {
  const specs =
    scope === undefined
      ? undefined
      : [...specOf].filter(([file]) => file.startsWith(scope)).map(([, name]) => name)
  const started = performance.now()
  const answer = await searchOperations(services.db, localPrincipal, services.queries, {
    query,
    specs,
    ranking,
  })
  const ms = performance.now() - started
  const ops = answer.hits.slice(0, limit).map(({ op }) => op)
  const fileOf = new Map([...specOf].map(([file, name]) => [name, file]))
  const results = (await operationRows(services.db, ops)).map(({ spec, method, path }) => ({
    spec: fileOf.get(spec) ?? spec,
    method,
    path,
  }))
  const paged = await pagedAnswer(services.db, answer)
  const page = await searchPage(services, localPrincipal, paged, { query })
  return {
    id,
    results,
    scores: scoreRanking(results, gold),
    ms,
    pageTokens: (page.markdown.length + (page.next ?? '').length) / CHARS_PER_TOKEN,
    factsTokens: JSON.stringify(page.structured).length / CHARS_PER_TOKEN,
    pageHits: page.structured.results.length,
  }
}

async function writeRun(file: string, answers: readonly Answered[]): Promise<void> {
  const lines = answers.map(({ id, results }) => JSON.stringify({ id, results }))
  await writeFile(file, `${lines.join('\n')}\n`)
}
