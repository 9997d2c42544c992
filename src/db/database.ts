/**
 * The whole of what the program knows about storage: one SQL dialect, two drivers.
 *
 * SQL is written for the older of both (Postgres 15, pgvector 0.8.0), lower-case, with `$1` values
 * and names qualified by the schema: `api_catalog.specs`. Nothing relies on a session's settings,
 * so a transaction-mode pooler in front of Postgres is fine.
 *
 * Values come back alike from both drivers: `bigint` and `integer` as number, `timestamptz` as
 * Date, `json`/`jsonb` parsed, arrays as arrays, `bytea` as Uint8Array, `vector` as its text.
 */
export interface Queryable {
  /**
   * Runs one statement and gives its rows. Outside a transaction it may be run twice where the
   * embedded database changes its owner in mid-call, so there it must be a read or idempotent.
   */
  query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row[]>
}

export interface Database extends Queryable, AsyncDisposable {
  readonly kind: 'postgres' | 'embedded'

  /**
   * Runs `work` in one transaction, rolled back when it throws. `work` may be run again from its
   * start where the embedded database changed its owner before the commit, so it keeps no state
   * outside; it is never run again after a commit.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>

  /**
   * Calls `onMessage` for each NOTIFY on `channel` until the returned handle is disposed. A hint:
   * a message may be lost while a connection is being made again, so whoever listens polls too.
   * Throws where the database cannot LISTEN (the caller then only polls).
   */
  listen(channel: string, onMessage: (payload: string) => void): Promise<AsyncDisposable>

  /** False where pgvector is neither there nor ours to create: then all search is lexical. */
  readonly hasVectors: boolean
}

/** What this process is to the storage: its owner runs the worker; on Postgres all are owners. */
export type Role = 'owner' | 'attached'
