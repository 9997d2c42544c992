import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { hasPostgres } from '../setup/databases.js'
import { RawServer, type Settings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'
import { BATCH, startStorm, textsSent, untilAllIsDone, writesOf } from './storm.js'

const HOUR_MS = 3_600_000
const SPECS = 12
const OPERATIONS = 2 * BATCH
const preload = new URL('./skewed-clock.mjs', import.meta.url).href

/** What makes a program's clock wrong by `skewMs`. */
function skewed(skewMs: number): Settings {
  return { NODE_OPTIONS: `--import=${preload}`, CLOCK_SKEW_MS: String(skewMs) }
}

async function startSkewed(settings: Settings, skewMs: number): Promise<RawServer> {
  return await RawServer.start({ ...settings, ...skewed(skewMs) })
}

test('the clock is really wrong', async () => {
  const env = { ...process.env, ...skewed(HOUR_MS) }
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'Date.now()'], { env })
  expect(Number(stdout) - Date.now()).toBeGreaterThan(HOUR_MS / 2)
})

describe.skipIf(!hasPostgres)('servers on one Postgres whose clocks differ by hours', () => {
  test('do the same as others: nothing is done twice, taken early or left', async () => {
    await using ollama = await startFakeOllama({ delayMs: 30 })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const servers = await Promise.all(
      [0, HOUR_MS, -HOUR_MS].map((skewMs) => startSkewed(storm.settings, skewMs)),
    )
    await Promise.all(
      Array.from({ length: SPECS }, async (_, n) =>
        servers[n % servers.length]!.call('upload_spec', {
          content: manyOperations(`spec-${n}`, OPERATIONS),
        }),
      ),
    )
    await untilAllIsDone(db)
    expect(textsSent(ollama)).toHaveLength(SPECS * OPERATIONS)
    expect(await writesOf(db)).toEqual({ texts: SPECS * OPERATIONS, fewest: 1, most: 1 })

    // Asked for by one whose clock is ahead, and done by any: everything again, once.
    for (const [n, server] of servers.entries()) {
      const { isError } = await server.call('reembed_spec', { spec: `spec-${n}` })
      expect(isError).toBe(false)
    }
    const again = (SPECS + servers.length) * OPERATIONS
    await vi.waitUntil(() => textsSent(ollama).length >= again, { timeout: 30_000 })
    await untilAllIsDone(db)
    expect(textsSent(ollama)).toHaveLength(again)
    await Promise.all(servers.map((server) => server.close()))
  })

  test('do not take the lease of one that works', async () => {
    await using ollama = await startFakeOllama({ slow: { texts: 1, delayMs: 6_000 } })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const late = await startSkewed(storm.settings, -HOUR_MS)
    await late.call('upload_spec', { content: manyOperations('long', BATCH) })
    await vi.waitUntil(() => textsSent(ollama).length > 0, { timeout: 30_000 })
    const early = await startSkewed(storm.settings, HOUR_MS)
    await untilAllIsDone(db)
    expect(textsSent(ollama)).toHaveLength(BATCH)
    expect(early.log + late.log).not.toContain('lease')
    await Promise.all([early.close(), late.close()])
  })
})
