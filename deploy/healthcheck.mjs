// Docker's health check: does the server of this container answer? Over stdio there is nothing to ask.
//   node healthcheck.mjs [PID]      1, the container's first process, unless told otherwise
import { readFile } from 'node:fs/promises'

const LIMIT_MS = 4_000

const [pid = '1'] = process.argv.slice(2)
const commandLine = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
const address = addressIn(commandLine)
if (address) {
  const { host = '127.0.0.1', port } = address
  // Who listens on every address listens on loopback too.
  const name = /^(0\.0\.0\.0|\[::\])$/.test(host) ? '127.0.0.1' : host
  const response = await fetch(`http://${name}:${port}/healthz`, {
    signal: AbortSignal.timeout(LIMIT_MS),
  })
  if (!response.ok) process.exitCode = 1
}

/** The parts of `--http [HOST:]PORT` or `--http=[HOST:]PORT`. */
function addressIn(words) {
  const at = words.findIndex((word) => word === '--http' || word.startsWith('--http='))
  if (at === -1) return undefined
  const value = words[at] === '--http' ? words[at + 1] : words[at].slice('--http='.length)
  return /^(?:(?<host>.+):)?(?<port>\d+)$/.exec(value)?.groups
}
