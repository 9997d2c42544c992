// Search quality on sets of labelled questions, ours beside other rankings in one run:
//
//     npm run build && cd bench/retrieval && npm ci
//     node retrieval.mjs SET… [--buried DIR --exclude FILE] [--blank-gold-summaries] [--misses FILE]
//
// A SET is a folder with queries.jsonl and specs/, as `eval` takes them. Tables in Markdown on stdout.
// With --blank-gold-summaries a set needs no specs/ of its own. Ollama is measured too where it
// answers at OLLAMA_HOST, and DATABASE_URL takes the place of the embedded database.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { localPrincipal } from '../../dist/catalog/principal.js'
import { corpusDocuments } from '../../dist/cli/eval/corpus.js'
import { loadCorpus } from '../../dist/cli/eval/load-corpus.js'
import { readQuestions } from '../../dist/cli/eval/questions.js'
import { scoreRanking } from '../../dist/cli/eval/score.js'
import { inScratch } from '../../dist/cli/eval/scratch.js'
import { untilEmbedded } from '../../dist/cli/eval/until-embedded.js'
import { searchOperations } from '../../dist/search/search-operations.js'
import { fullTextRanking } from './full-text.mjs'
import { cosineAndAllWords, peerRankings } from './peers.mjs'
import { plainBm25f } from './plain-bm25f.mjs'
import { bootstrapInterval, figure, percentile, table } from './statistics.mjs'

const BASELINE = 'BM25F, plain'
const FIGURES = ['hit@1', 'hit@5', 'hit@10', 'recall@5', 'recall@10', 'recall@20', 'nDCG@10']
/** A busy machine takes its time. */
const PATIENCE = { 'query-timeout-ms': '20000', 'parse-timeout-ms': '200000' }
/** Results looked at. */
const DEPTH = 20

const { values: options, positionals: sets } = parseArgs({
  allowPositionals: true,
  options: {
    buried: { type: 'string' },
    exclude: { type: 'string' },
    'blank-gold-summaries': { type: 'boolean', default: false },
    misses: { type: 'string' },
  },
})

const missed = []
for (const set of sets) {
  const answered = new Map()
  for (const embedder of await embedders()) {
    await inScratch({ ...PATIENCE, embedder }, { worker: true }, (services) =>
      measure(services, set, answered, embedder),
    )
  }
  console.log(report(set, answered).join('\n'))
  missed.push(...missesOf(set, answered))
}
if (options.misses) await writeFile(options.misses, `${missed.join('\n')}\n`)

async function embedders() {
  const host = process.env['OLLAMA_HOST'] ?? 'http://127.0.0.1:11434'
  const url = host.includes('://') ? host : `http://${host}`
  const answers = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
  return answers?.ok ? ['bundled', 'ollama'] : ['bundled']
}

async function measure(services, set, answered, embedder) {
  const questions = await readQuestions(join(set, 'queries.jsonl'))
  const specs = join(set, 'specs')
  const folders = { specs: existsSync(specs) ? specs : options.buried, ...options }
  const blank = options['blank-gold-summaries'] ? questions : []
  const corpus = await loadCorpus(services, await corpusDocuments(folders), { blank })
  await untilEmbedded(services)
  const operations = await readOperations(services.db, corpus)
  const isFirst = answered.size === 0
  const rankings = new Map([
    ...(isFirst ? [[BASELINE, plainBm25f(operations)]] : []),
    ...(isFirst ? [['ours, lexical', ours(services, corpus, operations, 'lexical')]] : []),
    [`ours, semantic (${embedder})`, ours(services, corpus, operations, 'semantic')],
    [`ours, hybrid (${embedder})`, ours(services, corpus, operations, 'hybrid')],
    [
      `.6 cosine + .4 all words (${embedder})`,
      cosineAndAllWords(operations, await cosinesOf(services, operations)),
    ],
    ...(isFirst ? await peerRankings(operations) : []),
    ...(isFirst ? [['Postgres ts_rank_cd', await fullTextRanking(services.db, operations)]] : []),
  ])
  for (const [name, ranking] of rankings) {
    answered.set(name, await ask(ranking, questions, operations))
  }
}

/** The operations as they are indexed, numbered. */
async function readOperations(db, { specOf }) {
  const fileOf = new Map([...specOf].map(([file, spec]) => [spec, file]))
  const rows = await db.query(
    `select o.id as op, s.name as spec, o.method, o.path, o.text_hash,
       coalesce(o.operation_id, '') as "operationId", coalesce(o.summary, '') as summary,
       left(coalesce(o.description, ''), 1500) as description,
       array_to_string(o.tags, ' ') as tags, array_to_string(o.parameters, ' ') as parameters
     from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id order by o.id`,
  )
  return rows.map((row, index) => {
    const { method, path, operationId, summary, description, tags, parameters } = row
    const fields = [path, operationId, summary, description, tags, parameters, method]
    return { ...row, index, spec: fileOf.get(row.spec), fields }
  })
}

/** The real search, as the tools call it. */
function ours(services, { specOf }, operations, ranking) {
  const indexOf = new Map(operations.map(({ op, index }) => [op, index]))
  return async (query, _isInScope, scope) => {
    const specs =
      scope === undefined
        ? undefined
        : [...specOf].filter(([file]) => file.startsWith(scope)).map(([, name]) => name)
    const { hits } = await searchOperations(services.db, localPrincipal, services.queries, {
      query,
      specs,
      ranking,
    })
    return hits.slice(0, DEPTH).map(({ op }) => indexOf.get(op))
  }
}

/** Cosines of a question with every operation, by the vectors that ours made; 0 without one. */
async function cosinesOf({ db, embedder }, operations) {
  const rows = await db.query(
    `select text_hash, vector::text as vector from api_catalog.embeddings where vector is not null`,
  )
  const vectors = new Map(rows.map((row) => [row.text_hash, unit(JSON.parse(row.vector))]))
  const ofOperations = operations.map(({ text_hash }) => vectors.get(text_hash))
  return async (query) => {
    const [whole] = await embedder.embedQuery(query, AbortSignal.timeout(20_000))
    if (!whole) return operations.map(() => 0)
    const asked = unit([...whole])
    return ofOperations.map((vector) => (vector ? dot(vector, asked) : 0))
  }
}

function unit(vector) {
  const length = Math.hypot(...vector) || 1
  return Float32Array.from(vector, (value) => value / length)
}

function dot(a, b) {
  let sum = 0
  for (let n = 0; n < a.length; n++) sum += a[n] * b[n]
  return sum
}

async function ask(ranking, questions, operations) {
  const answers = []
  for (const { id, query, gold, scope } of questions) {
    const isInScope = ({ spec }) => scope === undefined || spec.startsWith(scope)
    const started = performance.now()
    const indices = await ranking(query, isInScope, scope)
    const ms = performance.now() - started
    const scores = scoreRanking(
      indices.slice(0, DEPTH).map((index) => operations[index]),
      gold,
    )
    answers.push({ id, query, gold, scores, ms })
  }
  return answers
}

function report(set, answered) {
  const baseline = answered.get(BASELINE)
  const rows = [...answered].map(([name, answers]) => {
    const means = FIGURES.map((name) => figure(mean(answers.map(({ scores }) => scores[name]))))
    const differences = answers.map(
      ({ scores }, n) => scores['nDCG@10'] - baseline[n].scores['nDCG@10'],
    )
    const interval =
      name === BASELINE ? '' : `[${bootstrapInterval(differences).map(figure).join(', ')}]`
    const times = answers.map(({ ms }) => ms)
    return [name, ...means, interval, percentile(times, 95).toFixed(0)]
  })
  const where = options.buried ? ', buried' : ''
  return [
    `### ${nameOf(set)}${where} (${baseline.length} questions)`,
    '',
    ...table(['ranking', ...FIGURES, 'nDCG@10 − plain BM25F, 95 %', 'p95 ms'], rows),
    '',
  ]
}

/** Questions without a right answer among the first ten of the hybrid ranking. */
function missesOf(set, answered) {
  const hybrid = answered.get('ours, hybrid (bundled)')
  const misses = hybrid.filter(({ scores }) => scores['hit@10'] === 0)
  return [
    `## ${nameOf(set)}: ${misses.length} of ${hybrid.length}`,
    '',
    ...misses.map(({ query, gold }) => {
      const wanted = gold.map(({ method, path }) => `\`${method} ${path}\``).slice(0, 3)
      return `- ${query.replaceAll(/[\s`<[]+/g, ' ').slice(0, 160)} — ${wanted.join(', ')}`
    }),
    '',
  ]
}

function nameOf(set) {
  return basename(set.replace(/\/$/, ''))
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
