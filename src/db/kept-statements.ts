import { createHash } from 'node:crypto'
import { codeOf } from '../errors.js'

/**
 * What says that a session does not keep statements: it has none of this name, or has it already,
 * as behind a pooler in transaction mode (PgBouncer before 1.21), where each call may come to another
 * session; or the tables changed under it. All of it is said before anything is done.
 */
const NOT_KEPT = new Set(['26000', '42P05', '0A000'])

/**
 * Statements that are parsed once a connection, by name. Where one turns out not to be
 * kept, none is named any more. A name is made of its text, so that whoever shares a session through
 * a pooler, another version of the program too, never runs another statement under it.
 */
export class KeptStatements {
  readonly #names = new Map<string, string>()
  #areKept = true

  /** Calls `run` with a name for the statement, and without one where none is kept. */
  async run<T>(sql: string, run: (name?: string) => Promise<T>): Promise<T> {
    if (!this.#areKept) return await run()
    try {
      return await run(this.#nameOf(sql))
    } catch (error) {
      if (!NOT_KEPT.has(codeOf(error) ?? '')) throw error
      this.#areKept = false
      return await run()
    }
  }

  #nameOf(sql: string): string {
    let name = this.#names.get(sql)
    if (!name) {
      name = `api_catalog_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`
      this.#names.set(sql, name)
    }
    return name
  }
}
