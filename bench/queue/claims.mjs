// Claim and complete, jobs a second: our queue, pg-boss and graphile-worker on one Postgres, each
// shape in a fresh process and database, all under the Node that the other two want.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withPostgres } from './catalog.mjs'

const JOBS = 1_000
/** In turns, and the best of each counts: on a shared machine the others were held up. */
const ROUNDS = 3
/** Ours claims one job at a time in every shape: a batch is of texts there, not of jobs. */
const SHAPES = [
  { workers: 1, batch: 1 },
  { workers: 4, batch: 1 },
  { workers: 16, batch: 1 },
  { workers: 4, batch: 20 },
]
const QUEUES = ['ours', 'pg-boss', 'graphile-worker']

const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
const contestant = fileURLToPath(new URL('./contestant.mjs', import.meta.url))

export async function claims(server) {
  for (const { workers, batch } of SHAPES) {
    const rates = {}
    for (const queue of Array.from({ length: ROUNDS }, () => QUEUES).flat()) {
      const rate = await withPostgres(server, (url) => rateOf(queue, url, { workers, batch }))
      rates[queue] = Math.max(rates[queue] ?? 0, rate)
    }
    const against = (other) => `${(rates.ours / rates[other]).toFixed(2)} × ${other}`
    console.log(
      `${workers} workers, batches of ${batch}: ` +
        QUEUES.map((queue) => `${queue} ${Math.round(rates[queue])}/s`).join(', ') +
        `; ours is ${against('pg-boss')}, ${against('graphile-worker')}`,
    )
  }
}

async function rateOf(queue, url, { workers, batch }) {
  const args = [contestant, queue, url, workers, batch, JOBS].map(String)
  const { stdout } = await promisify(execFile)(node, args)
  return Number(stdout.trim().split('\n').at(-1))
}
