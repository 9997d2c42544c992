// The queue's benchmarks: `node bench/queue.mjs PART DATABASE_URL` (after `npm run build` and, for
// `claims`, `npm --prefix bench ci`). PART: rate, workers, claims, beside, or all.
import { besideALargeSpec } from './queue/beside.mjs'
import { claims } from './queue/claims.mjs'
import { indexingRate } from './queue/indexing-rate.mjs'
import { workerCounts } from './queue/workers.mjs'

const PARTS = { rate: indexingRate, workers: workerCounts, claims, beside: besideALargeSpec }

const [part = '', server] = process.argv.slice(2)
const chosen = part === 'all' ? Object.values(PARTS) : [PARTS[part]]
if (!server || chosen.includes(undefined)) {
  throw new Error(`usage: node bench/queue.mjs all|${Object.keys(PARTS).join('|')} DATABASE_URL`)
}
for (const run of chosen) await run(server)
