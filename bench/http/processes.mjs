// Servers as processes of their own, and what they cost.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const NO_OP = fileURLToPath(new URL('no-op-server.mjs', import.meta.url))
/** Clock ticks of /proc in a second: fixed on Linux. */
const TICKS = 100

/** `serve` over HTTP on this database. `port` 0 is one that is free. */
export function startServer(url, { port = 0, args = [] } = {}) {
  return started([PROGRAM, 'serve', '--http', String(port), ...args], { DATABASE_URL: url })
}

export function startNoOp() {
  return started([NO_OP], {})
}

async function started(args, settings) {
  const { PATH, HOME, NODE_EXTRA_CA_CERTS } = process.env
  const child = spawn(process.execPath, args, {
    env: { PATH, HOME, NODE_EXTRA_CA_CERTS, API_CATALOG_LOG_LEVEL: 'info', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let said = ''
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        if (said.length < 100_000) said += chunk
        const [, found] = /listening on (http:[^\s"]+)/.exec(said) ?? []
        if (found !== undefined) resolve(found)
      })
    }
    exited.then(() => reject(new Error(said)), reject)
  })
  return {
    url,
    port: Number(new URL(url).port),
    cost: () => costOf(child.pid),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await exited
    },
  }
}

/** Memory now and at its most, in MB, and processor seconds until now. */
function costOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const [, now] = /VmRSS:\s+(\d+) kB/.exec(status)
  const [, most] = /VmHWM:\s+(\d+) kB/.exec(status)
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS
  return { rss: Math.round(now / 1024), peak: Math.round(most / 1024), cpu }
}

/** Waits until the server has its database open. */
export async function untilReady({ url }) {
  while (
    !(await fetch(`${url}/readyz`).then(
      (r) => r.ok,
      () => false,
    ))
  )
    await pause(50)
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
