import { Client, DatabaseError } from 'pg'
import { InputError, UnavailableError, messageOf } from '../errors.js'

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // the path of a Unix socket
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
])

/** Errors that `pg` makes itself; they carry no code. */
const pgMessages = /connection terminated|timeout expired|timeout exceeded|not queryable/i

/** The error's code: a SQLSTATE where Postgres sent it, else the system's (`ECONNRESET`). */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** Did the connection end, or was it never made, so that another try may pass? */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  if (code === null) return error instanceof Error && pgMessages.test(error.message)
  if (!(error instanceof DatabaseError)) return networkCodes.has(code)
  // 08: connection exceptions; 57P01-57P03: the server ends or is starting; 53300: it is full.
  return code.startsWith('08') || code.startsWith('57P0') || code === '53300'
}

/** Has the server taken so long to let us in that another try would only double the wait? */
export function isTimeout(error: unknown): boolean {
  return isConnectionLost(error) && /timeout/i.test(messageOf(error))
}

/** Was the transaction undone only because of others that ran at the same time? */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

/** The sentence for what kept us from Postgres; other errors are given back as they are. */
export function explainPostgresError(error: unknown, url: string): unknown {
  const { host, port, database, user } = new Client({ connectionString: url })
  const server = host.startsWith('/') ? host : `${host}:${port}`
  switch (codeOf(error) ?? '') {
    case '28P01':
    case '28000':
      return new InputError(
        `Postgres at ${server} refused the user "${user ?? ''}": ` +
          `check user and password in DATABASE_URL. (${messageOf(error)})`,
        { cause: error },
      )
    case '3D000':
      return new InputError(
        `Postgres at ${server} has no database "${database ?? ''}": ` +
          `create it (createdb ${database ?? ''}) or name another in DATABASE_URL.`,
        { cause: error },
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UnavailableError(
        `The host "${host}" was not found: check DATABASE_URL and the network.`,
        { cause: error },
      )
    default:
      return isConnectionLost(error) ? unreachableError(error, server) : error
  }
}

function unreachableError(error: unknown, server: string): UnavailableError {
  return new UnavailableError(
    `Postgres at ${server} does not answer: start it, or check DATABASE_URL. (${reasonOf(error)})`,
    { cause: error },
  )
}

/** An error of several addresses tried has its text in the first of them. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return messageOf(error.errors[0])
  return messageOf(error)
}
