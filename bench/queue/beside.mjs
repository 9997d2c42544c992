// How long does a small spec wait behind a large one? 5 operations are uploaded while 10,000 are
// being embedded: from the upload to the first answer by meaning.
import { localPrincipal } from '../../dist/catalog/principal.js'
import { searchOperations } from '../../dist/app/search-operations.js'
import { servicesOn, upload, withDatabase, working } from './catalog.mjs'
import { waitingStub } from './stub-embedder.mjs'

const LARGE = 10_000
const ROUNDS = 5
const BATCH_MS = 50

export async function besideALargeSpec(server) {
  for (const [kind, where] of [
    ['embedded', undefined],
    ['Postgres', server],
  ]) {
    const waits = await withDatabase(where, measured)
    console.log(
      `${kind}: upload of 5 operations to the first hit by meaning, beside ${LARGE}: ` +
        `median ${waits[Math.floor(waits.length / 2)]} ms, longest ${waits.at(-1)} ms ` +
        `(a batch takes ${BATCH_MS} ms)`,
    )
  }
}

async function measured(db) {
  const services = servicesOn(db, waitingStub({ delayMs: BATCH_MS }))
  await upload(services, 'large', LARGE)
  return working(services, async () => {
    await until(async () => (await embeddedOf(services, 'large')) > 0)
    const waits = []
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now()
      await upload(services, `small-${round}`, 5)
      await until(() => isFoundByMeaning(services, `small-${round}`))
      waits.push(Math.round(performance.now() - start))
    }
    if ((await embeddedOf(services, 'large')) === LARGE) throw new Error('the large one was done')
    return waits.toSorted((a, b) => a - b)
  })
}

async function isFoundByMeaning(services, spec) {
  const { structured } = await searchOperations(services, localPrincipal, {
    query: 'read an item',
    ranking: 'semantic',
    spec,
  })
  return structured.ranking === 'semantic' && structured.results.length > 0
}

async function embeddedOf({ db }, name) {
  const [row] = await db.query(
    `select count(e.text_hash) as count
     from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id
     left join api_catalog.embeddings e on e.text_hash = o.text_hash where s.name = $1`,
    [name],
  )
  return row.count
}

async function until(isSo) {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10))
}
