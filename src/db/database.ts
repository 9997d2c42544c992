/**
 * The whole of what the program knows about storage: one SQL dialect, two drivers.
 *
 * SQL is written for the older of both (Postgres 15, pgvector 0.8.0), lower-case, with `$1` values
 * and names qualified by the schema: `api_catalog.specs`. Nothing relies on a session's settings,
 * so a transaction-mode pooler in front of Postgres is fine.
 *
 * Values come back alike from both drivers: `bigint`, `integer` and `numeric` as number,
 * `timestamptz` as Date, `json`/`jsonb` parsed, arrays as arrays, `bytea` as Uint8Array, `vector`
 * and all other types as their text. As a value, an array is a Postgres array and an object is
 * JSON: a JSON value that is an array is given as text. Errors of Postgres are `pg`'s
 * DatabaseError on both, with its `code`.
 */
export interface Queryable {
  /**
   * Runs one statement and gives its rows; without values it may be several, and the last one's
   * rows come. Outside a transaction it may be run twice where the connection is lost or the
   * embedded database changes its owner in mid-call, so there it must be a read or idempotent.
   */
  query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row[]>
}

export interface Database extends Queryable, AsyncDisposable {
  readonly kind: 'postgres' | 'embedded'

  /**
   * Outside a transaction a statement that is run again and again may be `kept`: Postgres parses
   * it once a connection, and plans it once where that is as good. Its text is the same each time.
   */
  query<Row extends object>(
    sql: string,
    params?: readonly unknown[],
    how?: { kept: boolean },
  ): Promise<Row[]>

  /**
   * Runs `work` in one transaction, rolled back when it throws. `work` may be run again from its
   * start where the connection was lost before the commit, Postgres undid a deadlock, or the
   * embedded database changed its owner, so it keeps no state outside; it is never run again after
   * a commit. Inside, only `tx` is used: the embedded database has one session, and a call to the
   * database itself would wait for the transaction that waits for it.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>

  /**
   * Calls `onMessage` for each NOTIFY on `channel` until the returned handle is disposed. A hint:
   * a message may be lost while a connection is being made again, so whoever listens polls too.
   * Throws where the database cannot LISTEN (the caller then only polls).
   */
  listen(channel: string, onMessage: (payload: string) => void): Promise<AsyncDisposable>

  /** Writes the whole database to an absolute path. A Postgres server has tools of its own. */
  backup?(file: string): Promise<void>

  /** Connections to a Postgres server; the embedded database has none. */
  connections?(): { busy: number; idle: number; waiting: number }

  /** False where pgvector is neither there nor ours to create: then all search is lexical. */
  readonly hasVectors: boolean
}

/** What this process is to the storage: its owner runs the worker; on Postgres all are owners. */
export type Role = 'owner' | 'attached'
