/**
 * The failures we expect. Their messages are sentences that say what to do next, and are shown to
 * users as they are. Anything else that is thrown is a bug and travels up untouched.
 */

/** The caller asked for something that cannot be: a bad value, an unknown name, a broken document. */
export class InputError extends Error {
  override name = 'InputError'
}

/** The caller named something that is not there: a catalog, a spec, a revision. */
export class NotFoundError extends InputError {
  override name = 'NotFoundError'
}

/** What the caller wants to make is there already. */
export class ConflictError extends InputError {
  override name = 'ConflictError'
}

/** The caller may not do this, whatever the input. */
export class ForbiddenError extends InputError {
  override name = 'ForbiddenError'
}

/** A command line or a setting that cannot be understood: exit code 2. */
export class UsageError extends InputError {
  override name = 'UsageError'
}

/** Something we depend on is not there now: the database, the data directory, the provider. */
export class UnavailableError extends Error {
  override name = 'UnavailableError'
}

/** The text of any thrown value, for a log line or a job's `last_error`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The error's code: a SQLSTATE where Postgres sent it, else the system's (`ECONNRESET`). */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** Why a file that somebody named cannot be read, and what to do about it. */
export function readingProblem(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT') return 'there is no such file. Check its path.'
  if (code === 'EISDIR') return 'it is a directory. Name a file in it.'
  if (code === 'EACCES') return 'this user may not read it. Allow it, or copy the file.'
  return messageOf(error)
}
