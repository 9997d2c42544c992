import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { vi } from 'vitest'

/** Where Debian puts it. */
const PROGRAM = '/usr/sbin/pgbouncer'
export const hasPgBouncer = existsSync(PROGRAM)
if (!hasPgBouncer) {
  process.stderr.write('No PgBouncer: its tests are skipped. Debian has the package `pgbouncer`.\n')
}

/** A PgBouncer in transaction mode before the server of a database URL, and the URL through it. */
export async function startPgBouncer(url: string): Promise<AsyncDisposable & { url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'api-catalog-pgbouncer-'))
  const port = await freePort()
  const config = join(folder, 'pgbouncer.ini')
  await writeFile(config, settings(new URL(url), port))
  // It will not run as root, and whoever it becomes has to read this.
  await chmod(folder, 0o755)
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn(PROGRAM, [...user, '-q', config], { stdio: 'ignore' })
  const ended = once(child, 'close')
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String(port)
  await vi.waitFor(() => answers(through.href), { timeout: 10_000, interval: 50 })
  return {
    url: through.href,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGINT')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

/** Few sessions for many clients, so that each call may come to another one. */
function settings({ hostname, port, username, password }: URL, ownPort: number): string {
  const secret = password === '' ? '' : ` password=${decodeURIComponent(password)}`
  return `
[databases]
* = host=${hostname} port=${port || 5432} user=${decodeURIComponent(username)}${secret}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_round_robin = 1
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function answers(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  await client.end()
}
