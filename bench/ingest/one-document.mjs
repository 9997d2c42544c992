// A child of main.mjs: reads one document in one way in a fresh process, and then again and again
// for some time. Sends the time of the first reading and its memory, and that of the last ones, when
// all is compiled.
import { load } from 'js-yaml'
import { readFileSync } from 'node:fs'
import { parseSpec } from '../../dist/openapi/parse-spec.js'
import { cpuMs, quantile } from './figures.mjs'

const READERS = {
  json: (bytes) => JSON.parse(bytes.toString('utf8')),
  yaml: (bytes) => load(bytes.toString('utf8')),
  ours: (bytes) => parseSpec(bytes),
}

const LAST = 5

const [reader, path, againMs] = process.argv.slice(2)
const bytes = readFileSync(path)

function timed() {
  const started = process.cpuUsage()
  READERS[reader](bytes)
  return cpuMs(started)
}

const coldMs = timed()
const peakKb = process.resourceUsage().maxRSS
const end = performance.now() + Number(againMs)
const others = []
while (performance.now() < end) others.push(timed())
process.send({ coldMs, warmMs: quantile(others.slice(-LAST), 0.5), peakKb })
