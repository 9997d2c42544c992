// Benchmarks over HTTP: `node bench/http.mjs PART DATABASE_URL [SPEC.json…]` (after `npm run build`).
// PART: latency, replicas, memory (which takes the documents too), or all. Databases are made on that
// server, and dropped.
import { latency } from './http/latency.mjs'
import { memory } from './http/memory.mjs'
import { replicas } from './http/replicas.mjs'

const PARTS = { latency, replicas, memory }

const [part = '', database, ...files] = process.argv.slice(2)
const chosen = part === 'all' ? Object.values(PARTS) : [PARTS[part]]
if (!database || chosen.includes(undefined)) {
  throw new Error(`usage: node bench/http.mjs all|${Object.keys(PARTS).join('|')} DATABASE_URL`)
}
for (const run of chosen) await run(database, ...files)
