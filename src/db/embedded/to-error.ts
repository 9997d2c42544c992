import { DatabaseError } from 'pg-protocol'
import type { EngineError } from './engine-error.js'

/** The error as `pg` would throw it, so that callers can look at its `code` on both drivers. */
export function toError({ message, code, fields }: EngineError): Error {
  if (!fields) return Object.assign(new Error(message), code !== undefined && { code })
  return Object.assign(new DatabaseError(message, message.length, 'error'), fields)
}
