import type { App } from '../../app/app.js'
import { Refresher } from '../../app/refresher.js'
import { readConfig, type Config } from '../../config.js'
import { messageOf } from '../../errors.js'
import { createLog, type Logger } from '../../log.js'
import type { Flags } from '../run-command.js'

/** What is left of a stop ends within this, whatever hangs. */
const STOP_MS = 900

/** What asks for an end. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface ServeOptions {
  worker: boolean
  /** `[HOST:]PORT` to listen on. */
  http?: string
  allowPrivateUrls?: boolean
  /** How often specs from URLs are asked for, in milliseconds; absent: never by itself. */
  refreshEvery?: number
}

/** Settings and log of a process that serves. */
export function settingsOf(flags: Flags): { config: Config; log: Logger } {
  const config = readConfig(flags)
  return { config, log: createLog(config.logLevel) }
}

/** Asks for documents again as often as was said; null where nothing was. */
export function refresherOf(app: App, { refreshEvery }: ServeOptions): Refresher | null {
  return refreshEvery === undefined ? null : new Refresher(() => app.services(), refreshEvery)
}

/** Closes the program; the process ends within a second even where that hangs. */
export async function close(app: App, log: Logger): Promise<void> {
  // Whatever does not close in time is left to the system; leases end by themselves.
  setTimeout(() => process.exit(0), STOP_MS).unref()
  try {
    await app[Symbol.asyncDispose]()
  } catch (error) {
    log.warn({ err: error }, `while stopping: ${messageOf(error)}`)
  }
}
