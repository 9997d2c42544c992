import { Client, DatabaseError } from 'pg'
import { InputError, UnavailableError, codeOf, messageOf } from '../errors.js'

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
const pgMessages =
  /connection terminated|timeout expired|timeout exceeded|read timeout|not queryable/i

/** The connection ended, or was never made: another try may pass. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
}

/** Runs what speaks to Postgres. Only what fails in here can be a lost connection. */
export async function onConnection<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!isConnectionLost(error)) throw error
    throw new ConnectionLost(messageOf(error), { cause: error })
  }
}

function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  if (code === null) return error instanceof Error && pgMessages.test(error.message)
  if (!(error instanceof DatabaseError)) return networkCodes.has(code)
  // 08: connection exceptions; 57P01-57P03: the server ends or is starting; 53300: it is full;
  // 25P03: we were silent for too long in a transaction.
  return code.startsWith('08') || code.startsWith('57P0') || ['53300', '25P03'].includes(code)
}

/**
 * Has the server taken so long that another try would only double the wait? A limit of its own that
 * Postgres tells of, by a code, is another matter.
 */
export function isTimeout(error: ConnectionLost): boolean {
  return codeOf(error.cause) === null && /timeout/i.test(error.message)
}

/** Was the transaction undone only because of others that ran at the same time? */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

/** The sentence for what kept us from Postgres; other errors are given back as they are. */
export function explainPostgresError(error: unknown, url: string): unknown {
  if (!(error instanceof ConnectionLost) && !(error instanceof DatabaseError)) return error
  const cause = error instanceof ConnectionLost ? error.cause : error
  const { host, port, database, user } = new Client({ connectionString: url })
  const server = host.startsWith('/') ? host : `${host}:${port}`
  switch (codeOf(cause) ?? '') {
    case '28P01':
    case '28000':
      return new InputError(
        `Postgres at ${server} refused the user "${user ?? ''}": ` +
          `check user and password in DATABASE_URL. (${messageOf(cause)})`,
        { cause },
      )
    case '3D000':
      return new InputError(
        `Postgres at ${server} has no database "${database ?? ''}": ` +
          `create it (createdb ${database ?? ''}) or name another in DATABASE_URL.`,
        { cause },
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UnavailableError(
        `The host "${host}" was not found: check DATABASE_URL and the network.`,
        { cause },
      )
    default:
      return error instanceof ConnectionLost ? unreachableError(cause, server) : error
  }
}

function unreachableError(cause: unknown, server: string): UnavailableError {
  // When several addresses were tried, the text is in the first of the errors.
  const reason = messageOf(cause instanceof AggregateError ? cause.errors[0] : cause)
  return new UnavailableError(
    `Postgres at ${server} does not answer: start it, or check DATABASE_URL. (${reason})`,
    { cause },
  )
}
