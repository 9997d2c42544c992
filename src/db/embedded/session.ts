import type { RunText, TextResult, TextValue } from '../values.js'
import { withResolvers } from '../with-resolvers.js'

/** A transaction that has begun. Exactly one of commit and rollback ends it. */
export interface OpenTransaction {
  run: RunText
  commit: () => Promise<void>
  rollback: () => Promise<void>
}

/**
 * Shares one database session among many callers, in the order they came: each has it for one
 * statement, or from `begin` to the end of its transaction.
 */
export class Session {
  readonly #run: RunText
  readonly #queue: ReturnType<typeof withResolvers<Disposable>>[] = []
  #isTaken = false
  #end: Error | null = null

  constructor(run: RunText) {
    this.#run = run
  }

  /** Runs one statement when the session is free. */
  async run(sql: string, values: readonly TextValue[]): Promise<TextResult> {
    using _turn = await this.turn()
    return await this.#run(sql, values)
  }

  /** Begins a transaction when the session is free; nobody else gets it before the end. */
  async begin(): Promise<OpenTransaction> {
    const turn = await this.turn()
    const end = async (sql: string): Promise<TextResult> => {
      using _turn = turn
      return await this.#run(sql, [])
    }
    try {
      await this.#run('begin', [])
    } catch (error) {
      turn[Symbol.dispose]()
      throw error
    }
    return {
      run: this.#run,
      commit: async () => {
        // Postgres answers COMMIT of a transaction in which a statement failed with a rollback.
        const { command } = await end('commit')
        if (command !== 'COMMIT') throw new Error('The transaction had failed and is rolled back.')
      },
      rollback: async () => void (await end('rollback')),
    }
  }

  /** Waits for the session; whoever disposes of what it gives, gives the session back. */
  async turn(): Promise<Disposable> {
    if (this.#end) throw this.#end
    if (!this.#isTaken) return this.#take()
    const waiter = withResolvers<Disposable>()
    this.#queue.push(waiter)
    return await waiter.promise
  }

  /** Sends everybody away who waits or comes. */
  close(reason: Error): void {
    this.#end = reason
    for (const { reject } of this.#queue.splice(0)) reject(reason)
  }

  #take(): Disposable {
    this.#isTaken = true
    let isMine = true
    return {
      [Symbol.dispose]: () => {
        if (!isMine) return
        isMine = false
        this.#isTaken = false
        const next = this.#queue.shift()
        if (next) next.resolve(this.#take())
      },
    }
  }
}
