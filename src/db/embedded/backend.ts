import type { Role } from '../database.js'
import type { RunText } from '../values.js'
import type { OpenTransaction } from './session.js'

/**
 * What stands behind the embedded database at the moment: the engine in this process (owner), or
 * the process that has it (attached). When a backend is gone, all its calls fail with BackendGone
 * and another takes its place.
 */
export interface Backend extends AsyncDisposable {
  readonly role: Role
  /** Runs one statement, outside any transaction. */
  run: RunText
  begin: () => Promise<OpenTransaction>
  /** From now on `onNotification` hears this channel. Once per channel is enough. */
  listen: (channel: string) => Promise<void>
  onNotification: (channel: string, payload: string) => void
  /** Writes a backup to the absolute path `file`. */
  backup: (file: string) => Promise<void>
  /**
   * Settles when this backend serves no more, with the schema number of the program that it made
   * room for, if it did.
   */
  readonly gone: Promise<number | null>
  /** False where pgvector could not be loaded. */
  readonly hasVectors: boolean
}

/** The backend went away before it answered: what was asked is undone, or was a commit. */
export class BackendGone extends Error {
  override name = 'BackendGone'
}
