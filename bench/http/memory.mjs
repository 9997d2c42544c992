// What the processes of a deployment need: replicas that search and take uploads, and a worker.
import { readFileSync } from 'node:fs'
import { call, summaryOf, upload } from './catalog.mjs'
import { closedLoop } from './load.mjs'
import { startServer, untilReady } from './processes.mjs'
import { ERAS, toolCall } from './requests.mjs'
import { QUESTIONS } from './specs.mjs'
import { withPostgres } from '../queue/catalog.mjs'

const SPECS = 20
const FOR_MS = 10_000

/** `files` are documents to take in besides made-up ones. */
export async function memory(database, ...files) {
  await withPostgres(database, async (url) => {
    const server = await startServer(url, { args: ['--no-worker'] })
    const worker = await startServer(url, { args: ['--worker-only'] })
    const say = (what) => console.log(`${what}: server ${shown(server)}; worker ${shown(worker)}`)
    try {
      await untilReady(server)
      await untilReady(worker)
      say('idle')
      for (const file of files) {
        await call(server.url, 'upload_spec', { content: readFileSync(file, 'utf8') })
        say(`${file} taken in`)
      }
      for (let n = 0; n < SPECS; n++) await upload(server.url, `spec-${n}`)
      while ((await summaryOf(server.url)).isUnfinished) {
        await call(server.url, 'embedding_status', { wait_ms: 5_000 })
      }
      say(`${SPECS} specs of 1,000 operations taken in and embedded`)
      const requests = QUESTIONS.map((query) => toolCall(ERAS[0], 'search_operations', { query }))
      const { times } = await closedLoop(server.url, { connections: 32, forMs: FOR_MS, requests })
      say(`${times.length} searches of 32 callers`)
    } finally {
      await server.stop()
      await worker.stop()
    }
  })
}

function shown({ cost }) {
  const { rss, peak, cpu } = cost()
  return `${rss} MB, peak ${peak} MB, ${cpu.toFixed(1)} s of a processor`
}
