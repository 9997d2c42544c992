// Benchmarks over HTTP: `node bench/http.mjs PART DATABASE_URL` (after `npm run build`). PART:
// latency, replicas, or all. The database server is used for databases that are made and dropped.
import { latency } from './http/latency.mjs'
import { replicas } from './http/replicas.mjs'

const PARTS = { latency, replicas }

const [part = '', database] = process.argv.slice(2)
const chosen = part === 'all' ? Object.values(PARTS) : [PARTS[part]]
if (!database || chosen.includes(undefined)) {
  throw new Error(`usage: node bench/http.mjs all|${Object.keys(PARTS).join('|')} DATABASE_URL`)
}
for (const run of chosen) await run(database)
