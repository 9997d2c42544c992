// A child of main.mjs: reads every document of a directory twice, with JSON.parse and with the
// parser, and sends what it found.
import { readFileSync } from 'node:fs'
import { parseSpec } from '../../dist/openapi/parse-spec.js'
import { countOperations, documentsIn } from './corpus.mjs'
import { cpuMs } from './figures.mjs'

const found = { accepted: 0, counted: 0, operations: 0, warnings: 0, failures: [] }
const ms = { plain: 0, ours: 0 }

function timed(side, work) {
  const started = process.cpuUsage()
  const result = work()
  ms[side] += cpuMs(started)
  return result
}

for (const { name, path } of documentsIn(process.argv[2])) {
  const bytes = readFileSync(path)
  const expected = countOperations(timed('plain', () => JSON.parse(bytes.toString('utf8'))))
  found.counted += expected
  try {
    const { operations, warnings } = timed('ours', () => parseSpec(bytes))
    found.accepted++
    found.operations += operations.length
    found.warnings += warnings.length
    if (operations.length !== expected) {
      found.failures.push(`${name}: ${operations.length} operations of ${expected}`)
    }
  } catch (error) {
    found.failures.push(`${name}: ${error.message}`)
  }
}
process.send({ ...found, ms, peakKb: process.resourceUsage().maxRSS })
