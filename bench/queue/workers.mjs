// How many workers are worth it? 1, 2, 4 and 8 of them before a provider that is bound by the cores
// of this machine, and before one elsewhere that is not.
import { servicesOn, untilSettled, upload, withDatabase, working } from './catalog.mjs'
import { cpuPool } from './cpu-pool.mjs'
import { cpuStub, waitingStub } from './stub-embedder.mjs'

const BATCH = 32
const SPECS = 8
const BATCHES_PER_SPEC = 4

export async function workerCounts(server) {
  const pool = cpuPool()
  const providers = {
    [`bound by ${pool.slots} cores`]: () => cpuStub(pool),
    'elsewhere, 50 ms a batch': () => waitingStub(),
  }
  for (const [what, provider] of Object.entries(providers)) {
    let ofOne
    for (const workers of [1, 2, 4, 8]) {
      const rate = await withDatabase(server, (db) => indexed(db, provider(), workers), { workers })
      ofOne ??= rate
      console.log(
        `provider ${what}, workers ${workers}: ${Math.round(rate)} texts/s, ` +
          `${(rate / ofOne).toFixed(2)} × one worker`,
      )
    }
  }
  await pool.close()
}

async function indexed(db, stub, workers) {
  const services = servicesOn(db, stub, { workers })
  for (let n = 0; n < SPECS; n++) await upload(services, `spec-${n}`, BATCH * BATCHES_PER_SPEC)
  return working(services, async () => {
    await untilSettled(db)
    return (SPECS * BATCHES_PER_SPEC * BATCH * 1000) / (performance.now() - stub.firstAt)
  })
}
