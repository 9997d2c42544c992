import { vi } from 'vitest'
import { runCli } from '../../src/cli/cli.js'
import type { Settings } from './server.js'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs a command line in this process, at a tenth of what a process of its own costs. For what is
 * about the command and not about its process; one at a time.
 */
export async function runHere(
  args: readonly string[],
  settings: Settings = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name] += String(chunk)
      return true
    }),
  )
  // A command listens for them until its process ends.
  const listening = SIGNALS.map((signal) => process.listeners(signal))
  try {
    return { code: await runCli(args), ...written }
  } finally {
    for (const spy of spies) spy.mockRestore()
    vi.unstubAllEnvs()
    for (const [n, signal] of SIGNALS.entries()) {
      const added = process.listeners(signal).filter((one) => !listening[n]?.includes(one))
      for (const listener of added) process.removeListener(signal, listener)
    }
  }
}
