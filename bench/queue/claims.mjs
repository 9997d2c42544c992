// Claim and complete, jobs a second: our queue, pg-boss and graphile-worker on one Postgres, each
// shape in a fresh process and database, all under the Node that the other two want.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withPostgres } from './catalog.mjs'

/** For each shape; in batches more, so that what is measured is not a program that warms up. */
const JOBS = 6_000
/** In turns, and the best of each counts: on a shared machine the others were held up. */
const ROUNDS = 3
/** So many at once, each asking for so many jobs; our worker has a place for each of these. */
const SHAPES = [
  { workers: 1, batch: 1 },
  { workers: 4, batch: 1 },
  { workers: 16, batch: 1 },
  { workers: 4, batch: 20 },
]
const OURS = ['ours', 'our worker']
const OTHERS = ['pg-boss', 'graphile-worker']
const QUEUES = [...OURS, ...OTHERS]

const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
const contestant = fileURLToPath(new URL('./contestant.mjs', import.meta.url))

export async function claims(server) {
  for (const { workers, batch } of SHAPES) {
    const rates = {}
    for (const queue of Array.from({ length: ROUNDS }, () => QUEUES).flat()) {
      const rate = await withPostgres(server, (url) => rateOf(queue, url, { workers, batch }))
      rates[queue] = Math.max(rates[queue] ?? 0, rate)
    }
    const against = (one) =>
      `${one} is ${OTHERS.map((other) => `${(rates[one] / rates[other]).toFixed(2)} × ${other}`).join(', ')}`
    console.log(
      `${workers} workers, batches of ${batch}: ` +
        QUEUES.map((queue) => `${queue} ${Math.round(rates[queue])}/s`).join(', ') +
        `; ${OURS.map(against).join('; ')}`,
    )
  }
}

async function rateOf(queue, url, { workers, batch }) {
  const args = [contestant, queue, url, workers, batch, JOBS * Math.ceil(batch / 4)].map(String)
  const { stdout } = await promisify(execFile)(node, args)
  return Number(stdout.trim().split('\n').at(-1))
}
