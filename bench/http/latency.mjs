// How long does a search over HTTP take, and what of it is not the search? The SDK's handler with a
// tool that does nothing, on the same HTTP layer, is asked in turns with it.
import { closedLoop, percentile, percentiles } from './load.mjs'
import { startNoOp, startServer, untilReady } from './processes.mjs'
import { ERAS, toolCall } from './requests.mjs'
import { fill, untilEmbedded } from './catalog.mjs'
import { QUESTIONS } from './specs.mjs'
import { withPostgres } from '../queue/catalog.mjs'

const SPECS = 5
const FOR_MS = 4_000
const CONNECTIONS = [1, 32, 200]

export async function latency(database) {
  await withPostgres(database, async (url) => {
    const server = await startServer(url)
    const noOp = await startNoOp()
    try {
      await untilReady(server)
      console.log(`idle after the start: ${inMb(server.cost())}`)
      await fill(server.url, SPECS)
      await untilEmbedded(server.url)
      console.log(`after ${SPECS} specs of 1,000 operations, embedded: ${inMb(server.cost())}`)
      for (const era of ERAS) for (const n of CONNECTIONS) await compare(server, noOp, era, n)
    } finally {
      await server.stop()
      await noOp.stop()
    }
  })
}

async function compare(server, noOp, era, connections) {
  const searches = QUESTIONS.map((query) => toolCall(era, 'search_operations', { query }))
  const nothing = [toolCall(era, 'no_op', { query: QUESTIONS[0] })]
  // Once before it counts: compiled, and connections of the pool open.
  await closedLoop(server.url, { connections, forMs: 1_000, requests: searches })
  await closedLoop(noOp.url, { connections, forMs: 1_000, requests: nothing })
  const before = server.cost()
  const found = await closedLoop(server.url, { connections, forMs: FOR_MS, requests: searches })
  const after = server.cost()
  const done = await closedLoop(noOp.url, { connections, forMs: FOR_MS, requests: nothing })
  const ratio = percentile(found, 0.5) / percentile(done, 0.5)
  const cpu = ((after.cpu - before.cpu) * 1_000) / found.length
  console.log(
    `${era}, ${connections} connections: search ${percentiles(found)}, ${perSecond(found)}; ` +
      `no-op ${percentiles(done)}, ${perSecond(done)}; ratio of p50 ${ratio.toFixed(1)}; ` +
      `${cpu.toFixed(1)} ms processor a search, ${inMb(after)}`,
  )
}

function perSecond(times) {
  return `${Math.round((times.length * 1_000) / FOR_MS)}/s`
}

function inMb({ rss, peak }) {
  return `${rss} MB, peak ${peak} MB`
}
