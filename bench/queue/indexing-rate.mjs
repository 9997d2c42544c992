// Does the queue keep up with its embedder? A stub of 50 ms a batch of 32 × 256, one worker.
import { servicesOn, untilSettled, upload, withDatabase, working } from './catalog.mjs'
import { waitingStub } from './stub-embedder.mjs'

const BATCH = 32
const BATCHES = 200

export async function indexingRate(server) {
  for (const [kind, where] of [
    ['embedded', undefined],
    ['Postgres', server],
  ]) {
    const alone = await stubAlone()
    const queued = await withDatabase(where, indexed)
    const share = ((100 * queued) / alone).toFixed(1)
    console.log(
      `${kind}: the stub alone ${Math.round(alone)} texts/s, through the queue ` +
        `${Math.round(queued)} texts/s = ${share} %`,
    )
  }
}

/** Texts per second of the stub, asked again as soon as it has answered. */
async function stubAlone() {
  const stub = waitingStub()
  const texts = Array.from({ length: BATCH }, () => ({}))
  const start = performance.now()
  for (let n = 0; n < BATCHES; n++) await stub.embedOperations(texts)
  return (BATCH * BATCHES * 1000) / (performance.now() - start)
}

/** Texts per second from the first call to the end of the job. */
async function indexed(db) {
  const stub = waitingStub()
  const services = servicesOn(db, stub)
  await upload(services, 'rate', BATCH * BATCHES)
  return working(services, async () => {
    await untilSettled(db)
    return (BATCH * BATCHES * 1000) / (performance.now() - stub.firstAt)
  })
}
