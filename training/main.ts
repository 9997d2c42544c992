import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readWeights } from '../src/embedding/bundled/weights.js'
import { buildCorpus, readExclusions, type CorpusSpec } from './corpus.js'
import { directoryIds } from './directory.js'
import { evaluateSets } from './evaluation/evaluate-sets.js'
import { everydaySet, readSets, summariesSet, type LabelledSet } from './evaluation/sets.js'
import { readGlove } from './glove.js'
import { readJargon } from './jargon.js'
import { leaksIn } from './leak-check.js'
import { makeWeights } from './make-weights.js'
import { Random } from './random.js'
import { SETTINGS } from './settings.js'
import { readWordNet } from './wordnet.js'

/**
 * Makes the weights file from nothing but this folder's npm packages: extract, filter, check for
 * leaks, train, quantise, evaluate. `--seed N` and `--out FILE` are for trials; with `--sets DIR`
 * the leak check and the evaluation also see labelled sets.
 */
const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(SETTINGS.seed) },
    out: {
      type: 'string',
      default: fileURLToPath(new URL('../models/operations-256d.bin', import.meta.url)),
    },
    sets: { type: 'string' },
  },
})
const sets = options.sets === undefined ? [] : readSets(options.sets)

const exclusions = readExclusions()
// The choice of data does not depend on the seed, so that seeds differ in training alone.
const corpus = buildCorpus(exclusions, new Random(1))
const { specs, operations, names } = corpus
console.log(`${specs.length} specs, ${operations.length} operations, ${names.length} names`)
writeSpecList(specs)

const leaks = leaksIn(corpus, exclusions, sets)
if (leaks.length > 0) throw new Error(`The training data has leaks:\n${leaks.join('\n')}`)

const started = Date.now()
const data = { corpus, english: readGlove(), senses: readWordNet(), jargon: readJargon() }
const file = makeWeights(data, { ...SETTINGS, seed: Number(options.seed) }, (step, loss) => {
  if (step % 100 !== 0) return
  console.log(
    `step ${step}: loss ${loss.toFixed(3)}, ${Math.round((Date.now() - started) / 1000)} s`,
  )
})
mkdirSync(dirname(options.out), { recursive: true })
// Renamed into place, so that a program that reads it meanwhile sees the old or the new one.
writeFileSync(`${options.out}.new`, file)
renameSync(`${options.out}.new`, options.out)
const weights = readWeights(file)
console.log(`${options.out}: ${file.length} bytes, SHA-256 ${weights.sha256}\n`)
const withSpecs = sets.filter((set) => set.operations.length > 0)
console.log(await evaluateSets(weights, [unseenSet(), everydaySet(), ...withSpecs]))

/** Questions about providers that training never saw, so that every run can be evaluated. */
function unseenSet(): LabelledSet {
  const { providers, fragments } = exclusions
  const ids = directoryIds()
    .filter((id) => providers.has(id.split('/')[0]!))
    .filter((id) => !fragments.some((fragment) => id.includes(fragment)))
  return summariesSet('unseen providers', ids)
}

/** Writes the list of specs that the weights are made of, each with its licence. */
function writeSpecList(specs: readonly CorpusSpec[]): void {
  const lines = specs
    .map(({ id, licence, operationsUsed }) => `${id}\t${licence}\t${operationsUsed}\n`)
    .sort()
  const heading = 'spec\tlicence\toperations used\n'
  writeFileSync(new URL('specs.tsv', import.meta.url), heading + lines.join(''))
}
