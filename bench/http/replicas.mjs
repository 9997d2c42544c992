// Two replicas on one Postgres, each of which embeds: what do callers notice while 20,000 operations
// are taken in, while they are embedded, and when one of the replicas is killed meanwhile?
import { request } from 'undici'
import { call, OPERATIONS_PER_SPEC, reembed, summaryOf, upload } from './catalog.mjs'
import { callers, percentile, percentiles } from './load.mjs'
import { pause, startServer, untilReady } from './processes.mjs'
import { ERAS, resultOf, toolCall } from './requests.mjs'
import { QUESTIONS } from './specs.mjs'
import { withPostgres } from '../queue/catalog.mjs'

/** There before anything is measured, so that searches find something. */
const BASE_SPECS = 2
const SPECS = 20
const TAKEN_IN = SPECS * OPERATIONS_PER_SPEC
const IDLE_MS = 15_000
/** Who searches: each asks a replica, takes in the answer, and asks the other one. */
const CALLERS = 4
const THINKING_MS = 250
const RETRY_MS = 50
const RETRIES = 200
/** Specs that are there when a replica is killed. */
const KILL_AFTER = 7
const AWAY_MS = 3_000

export async function replicas(database) {
  await withPostgres(database, (url) => undisturbed(url))
  await withPostgres(database, (url) => withAKill(url))
}

async function undisturbed(database) {
  const servers = [await startServer(database), await startServer(database)]
  try {
    await warmUp(servers)
    const few = await idle(servers, `with ${BASE_SPECS * OPERATIONS_PER_SPEC} operations`)
    const takenIn = await searching(servers, async () => {
      for (let n = 0; n < SPECS; n++) await upload(servers[n % 2].url, `taken-in-${n}`)
      await untilFinished(servers[0].url)
    })
    report(`while ${TAKEN_IN} operations are taken in and embedded`, takenIn, few)
    const all = await idle(servers, 'with all of them')
    report('… that is', takenIn, all)
    const embedded = await searching(servers, async () => {
      for (let n = 0; n < SPECS; n++) await reembed(servers[n % 2].url, `taken-in-${n}`)
      await untilFinished(servers[0].url)
    })
    report(`while ${TAKEN_IN} operations are embedded`, embedded, all)
    for (const server of servers) console.log(`replica: ${JSON.stringify(server.cost())}`)
    const errors = [takenIn, embedded].flatMap(({ errors }) => errors)
    if (errors.length > 0) throw errors[0]
  } finally {
    for (const server of servers) await server.stop()
  }
}

async function idle(servers, state) {
  const searched = await searching(servers, () => pause(IDLE_MS))
  console.log(`searches, idle ${state}: ${percentiles(searched.times)}, ${shareOf(searched)}`)
  return searched
}

function report(when, busy, idle) {
  const ratio = percentile(busy.times, 0.95) / percentile(idle.times, 0.95)
  console.log(
    `searches ${when}, ${(busy.tookMs / 1_000).toFixed(1)} s: ${percentiles(busy.times)}, ` +
      `${shareOf(busy)}; p95 ${ratio.toFixed(2)} times that of idle`,
  )
}

/** One of two is killed while both take in and embed; callers go to the other one. */
async function withAKill(database) {
  const servers = [await startServer(database), await startServer(database)]
  const [, { port }] = servers
  try {
    await warmUp(servers)
    const urls = servers.map(({ url }) => url)
    const acknowledged = []
    let killing
    const searched = await searching(
      servers,
      async () => {
        for (let n = 0; n < SPECS; n++) {
          const { spec } = await onEither(urls, n, (url) => upload(url, `taken-in-${n}`))
          acknowledged.push(spec)
          if (acknowledged.length === KILL_AFTER) killing = killAndRestart(servers, database, port)
        }
        await killing
        await untilFinished(urls[0])
      },
      (n) => onEither(urls, n, (url) => search(url, n)),
    )
    const { catalogs } = await call(urls[1], 'list_specs', {})
    const there = new Set(catalogs.flatMap(({ specs }) => specs.map(({ name }) => name)))
    const lost = acknowledged.filter((name) => !there.has(name))
    const { operation_count, embedding_count, specs_failed } = await summaryOf(urls[1])
    console.log(
      `a replica killed after ${KILL_AFTER} of ${SPECS} uploads, back after ${AWAY_MS} ms: ` +
        `${acknowledged.length} uploads acknowledged, ${lost.length} lost; ` +
        `${embedding_count} of ${operation_count} operations embedded, ${specs_failed} specs failed; ` +
        `searches that try the other replica: ${percentiles(searched.times)}, ${shareOf(searched)}; ` +
        `all done after ${(searched.tookMs / 1_000).toFixed(1)} s`,
    )
    const expected = (BASE_SPECS + SPECS) * OPERATIONS_PER_SPEC
    if (lost.length > 0 || embedding_count !== expected) throw new Error('something was lost')
    if (searched.errors.length > 0) throw searched.errors[0]
  } finally {
    for (const server of servers) await server.stop()
  }
}

async function killAndRestart(servers, database, port) {
  await servers[1].stop('SIGKILL')
  await pause(AWAY_MS)
  servers[1] = await startServer(database, { port })
}

async function warmUp(servers) {
  for (const server of servers) await untilReady(server)
  for (let n = 0; n < BASE_SPECS; n++) await upload(servers[0].url, `base-${n}`)
  await untilFinished(servers[0].url)
  for (const { url } of servers) for (let n = 0; n < 50; n++) await search(url, n)
}

/** Searches, on each replica in turn, while `work` is done. */
async function searching(servers, work, ask = (n) => search(servers[n % 2].url, n)) {
  const done = new AbortController()
  const begun = performance.now()
  const load = callers({ count: CALLERS, thinkingMs: THINKING_MS, signal: done.signal, ask })
  try {
    await work()
  } finally {
    done.abort()
  }
  return { ...(await load), tookMs: performance.now() - begun }
}

async function search(url, n) {
  const query = QUESTIONS[n % QUESTIONS.length]
  const { path, ...options } = toolCall(ERAS[0], 'search_operations', { query })
  return resultOf(await request(url + path, options))
}

/** Tries one replica and then the other, as a client with both addresses or a balancer does. */
async function onEither(urls, n, attempt) {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt(urls[(n + tried) % urls.length])
    } catch (error) {
      if (tried === RETRIES) throw error
      if (tried > 0) await pause(RETRY_MS)
    }
  }
}

async function untilFinished(url) {
  while ((await summaryOf(url)).isUnfinished) await pause(200)
}

function shareOf({ times, errors }) {
  return `${errors.length} of ${times.length + errors.length} failed`
}
