import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { PROGRAM } from '../setup/program.js'
import { environment, storageSettings } from '../setup/server.js'

/** Gives a command a terminal; part of every Debian. */
const SCRIPT = '/usr/bin/script'
const CLEAR = '\u001b[H\u001b[2J'

/** Runs `status --watch` until it has redrawn twice, and interrupts it. Gives what it wrote. */
async function watched(command: string, args: readonly string[], drawing: string): Promise<string> {
  const env = environment(await storageSettings('embedded'))
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  let written = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (written += chunk))
  await vi.waitUntil(() => written.split(drawing).length > 2, { timeout: 40_000, interval: 50 })
  // What Ctrl-C is to a terminal; elsewhere the signal itself.
  child.stdin.write('\u0003')
  if (command !== SCRIPT) child.kill('SIGINT')
  await ended
  return written
}

describe.skipIf(!existsSync(SCRIPT))('status --watch', () => {
  test('clears a terminal each time it redraws', async () => {
    const line = `"${process.execPath}" "${PROGRAM}" status --watch`
    const written = await watched(SCRIPT, ['-qec', line, '/dev/null'], CLEAR)
    expect(written.startsWith(CLEAR)).toBe(true)
    expect(written.split(CLEAR)[1]).toContain('Embedder')
  })

  test('writes nothing of the kind into a pipe', async () => {
    const drawing = 'Embedder'
    const written = await watched(process.execPath, [PROGRAM, 'status', '--watch'], drawing)
    expect(written).not.toContain('\u001b')
  })
})
