import { pino, type Logger } from 'pino'

export type { Logger }

/** One JSON object per event on stderr; stdout belongs to MCP. */
export function createLog(level: string): Logger {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}
