// A child of main.mjs: reads one document in one way in a fresh process, and sends time and memory.
import { load } from 'js-yaml'
import { readFileSync } from 'node:fs'
import { parseSpec } from '../../dist/openapi/parse-spec.js'
import { cpuMs } from './figures.mjs'

const READERS = {
  json: (bytes) => JSON.parse(bytes.toString('utf8')),
  yaml: (bytes) => load(bytes.toString('utf8')),
  ours: (bytes) => parseSpec(bytes),
}

const [reader, path] = process.argv.slice(2)
const bytes = readFileSync(path)
const started = process.cpuUsage()
READERS[reader](bytes)
process.send({ ms: cpuMs(started), peakKb: process.resourceUsage().maxRSS })
