import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { InputError, messageOf, UnavailableError } from '../errors.js'
import type { Logger } from '../log.js'

/** Expected failures are sentences for the caller; anything else is ours and is logged. */
export function sentence(error: unknown, log: Logger): string {
  if (isExpected(error)) return error.message
  log.error({ err: error }, messageOf(error))
  return `Something went wrong inside the server (${messageOf(error)}). Its log on stderr has more.`
}

export function isExpected(error: unknown): error is InputError | UnavailableError {
  return error instanceof InputError || error instanceof UnavailableError
}

/** The answer to a request that failed, where a result cannot say it. */
export function protocolError(error: unknown, log: Logger): ProtocolError {
  if (error instanceof ProtocolError) return error
  const code =
    error instanceof InputError ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  return new ProtocolError(code, sentence(error, log))
}
