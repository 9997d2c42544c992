// How honest answers are where nothing fits: the questions of each set asked of every other set's
// specs, where no operation answers them, beside each set's own questions.
//
//     npm run build && node bench/retrieval/no-answer.mjs SET SET…
//
// A SET is a folder with queries.jsonl and specs/, as `eval` takes them; a question with a scope is
// asked within it. A table in Markdown on stdout: *sure* is an answer whose first hit is exact or
// strong, *says so* one that says that nothing fits well, as no hit of its first page is either.
// DATABASE_URL takes the place of the embedded database.
import { basename, join } from 'node:path'
import { pagedAnswer } from '../../dist/app/paged-answer.js'
import { localPrincipal } from '../../dist/catalog/principal.js'
import { operationRows } from '../../dist/catalog/operation-rows.js'
import { corpusDocuments } from '../../dist/cli/eval/corpus.js'
import { loadCorpus } from '../../dist/cli/eval/load-corpus.js'
import { readQuestions } from '../../dist/cli/eval/questions.js'
import { scoreRanking } from '../../dist/cli/eval/score.js'
import { inScratch } from '../../dist/cli/eval/scratch.js'
import { untilEmbedded } from '../../dist/cli/eval/until-embedded.js'
import { searchOperations } from '../../dist/search/search-operations.js'
import { figure, table } from './statistics.mjs'

const PAGE = 8
/** A busy machine takes its time. */
const SETTINGS = {
  embedder: 'bundled',
  'query-timeout-ms': '20000',
  'parse-timeout-ms': '200000',
}
const RANKINGS = ['hybrid', 'lexical']

const sets = process.argv.slice(2)
if (sets.length < 2) throw new Error('node bench/retrieval/no-answer.mjs SET SET…')

const questionsOf = new Map(
  await Promise.all(
    sets.map(async (set) => [set, await readQuestions(join(set, 'queries.jsonl'))]),
  ),
)
const answers = []
for (const asked of sets) {
  await inScratch(SETTINGS, { worker: true }, (services) => askAll(services, asked))
}
for (const ranking of RANKINGS) console.log(report(ranking).join('\n'), '\n')

/** Asks the questions of all sets of one set's specs. */
async function askAll(services, asked) {
  const documents = await corpusDocuments({ specs: join(asked, 'specs') })
  const { specOf } = await loadCorpus(services, documents, { blank: [] })
  await untilEmbedded(services)
  const fileOf = new Map([...specOf].map(([file, spec]) => [spec, file]))
  for (const [set, questions] of questionsOf) {
    for (const { query, gold, scope } of questions) {
      const isOwn = set === asked
      const specs =
        isOwn && scope !== undefined
          ? [...specOf].filter(([file]) => file.startsWith(scope)).map(([, name]) => name)
          : undefined
      for (const ranking of RANKINGS) {
        const answer = await searchOperations(services.db, localPrincipal, services.queries, {
          query,
          specs,
          ranking,
        })
        const { hits } = await pagedAnswer(services.db, answer)
        const [first] = await operationRows(
          services.db,
          hits.slice(0, 1).map(({ op }) => op),
        )
        const isRight =
          isOwn && first !== undefined
            ? scoreRanking([{ ...first, spec: fileOf.get(first.spec) }], gold)['hit@1'] === 1
            : false
        const isSure = hits.length > 0 && hits[0].match !== 'weak'
        const saysSo = hits.slice(0, PAGE).every(({ fits }) => !fits)
        answers.push({ ranking, asked, isOwn, isRight, isSure, saysSo })
      }
    }
  }
}

function report(ranking) {
  const rows = [...sets, null].map((set) => {
    const of = answers.filter((one) => one.ranking === ranking && (set ?? one.asked) === one.asked)
    const own = of.filter(({ isOwn }) => isOwn)
    const foreign = of.filter(({ isOwn }) => !isOwn)
    return [
      set === null ? '**all**' : basename(set),
      `${own.length} / ${foreign.length}`,
      share(
        own.filter(({ isRight }) => isRight),
        'isSure',
      ),
      share(own, 'isSure'),
      share(foreign, 'isSure'),
      share(foreign, 'saysSo'),
    ]
  })
  const heading = [
    `${ranking}, asked of`,
    'own / other questions',
    'right first hits: sure',
    'own: sure',
    'others (false confidence): sure',
    'others: says so',
  ]
  return table(heading, rows)
}

function share(some, what) {
  return some.length === 0 ? '–' : figure(some.filter((one) => one[what]).length / some.length)
}
