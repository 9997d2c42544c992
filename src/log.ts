import { pino, type Logger } from 'pino'
import { messageOf, UnavailableError } from './errors.js'

export type { Logger }

/** One JSON object per event on stderr; stdout belongs to MCP. */
export function createLog(level: string): Logger {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** Says that work in the background failed: it will be tried again where something is only away. */
export function complain(log: Logger, who: string, error: unknown): void {
  const level = error instanceof UnavailableError ? 'warn' : 'error'
  log[level]({ err: error }, `${who}: ${messageOf(error)}`)
}
