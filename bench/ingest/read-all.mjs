// A child of main.mjs: reads every document of a directory twice, with JSON.parse and with the
// parser, and sends what it found.
import { readFileSync } from 'node:fs'
import { parseSpec } from '../../dist/openapi/parse-spec.js'
import { countOperations, documentsIn } from './corpus.mjs'
import { cpuMs } from './figures.mjs'

const found = { accepted: 0, counted: 0, operations: 0, warnings: 0, failures: [] }
/** Documents of which the time is also told apart: from so many bytes on. */
const LARGE_BYTES = 1_000_000
const all = newSums()
const large = { ...newSums(), count: 0 }

/** Milliseconds of the processor, and by the clock. */
function newSums() {
  return { plain: { cpu: 0, clock: 0 }, ours: { cpu: 0, clock: 0 } }
}

function timed(side, bytes, work) {
  const [started, startedAt] = [process.cpuUsage(), performance.now()]
  const result = work()
  const [cpu, clock] = [cpuMs(started), performance.now() - startedAt]
  for (const sums of bytes.length >= LARGE_BYTES ? [all, large] : [all]) {
    sums[side].cpu += cpu
    sums[side].clock += clock
  }
  return result
}

for (const { name, path } of documentsIn(process.argv[2])) {
  const bytes = readFileSync(path)
  if (bytes.length >= LARGE_BYTES) large.count++
  // Not kept: the parser is not to be measured beside the other's result.
  const expected = countOperations(timed('plain', bytes, () => JSON.parse(bytes.toString('utf8'))))
  found.counted += expected
  try {
    const { operations, warnings } = timed('ours', bytes, () => parseSpec(bytes))
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
process.send({ ...found, all, large, peakKb: process.resourceUsage().maxRSS })
