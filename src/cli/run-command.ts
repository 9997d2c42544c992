import { App } from '../app/app.js'
import type { Services } from '../app/services.js'
import { InputError } from '../errors.js'
import { readConfig, type Config } from '../config.js'
import { createLog, type Logger } from '../log.js'

/** What every command is given: the settings, as flags by name without dashes. */
export type Flags = Readonly<Record<string, string | undefined>>

/** After a command that leaves embedding to others. */
export const WHO_EMBEDS =
  'A running server embeds in the background; without one, `backfill` does.\n'

/** Opens the program for one command, and closes it whatever happens, Ctrl-C too. */
export async function withServices<T>(
  flags: Flags,
  options: { worker?: boolean; allowPrivateUrls?: boolean | undefined },
  run: (services: Services) => Promise<T>,
): Promise<T> {
  const { config, log } = commandSettings(flags)
  await using app = new App({ config, log, worker: false, ...options })
  return await Promise.race([app.services().then(run), interruption()])
}

/** Rejects on SIGINT or SIGTERM: what is embedded is kept, and the rest is given back. */
export function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new InputError('Interrupted; what was done is kept.')))
    }
  })
}

/** Settings for a command: it logs warnings only, unless a level was asked for. */
export function commandSettings(flags: Flags): { config: Config; log: Logger } {
  const asked = flags['log-level'] ?? process.env['API_CATALOG_LOG_LEVEL']
  const config = readConfig(flags)
  return { config, log: createLog(asked ? config.logLevel : 'error') }
}

/** Writes a result to stdout: the facts as JSON, or the text. */
export function print(
  { structured, markdown }: { structured: unknown; markdown: string },
  json: boolean | undefined,
): void {
  process.stdout.write(`${json ? JSON.stringify(structured, null, 2) : markdown}\n`)
}
