import type { Metrics } from '../metrics/create-metrics.js'
import type { Database } from './database.js'

/** The database, with the time of every statement and transaction observed. */
export function measuredDatabase(db: Database, { databaseSeconds }: Metrics): Database {
  const measured = async <T>(of: 'statement' | 'transaction', call: Promise<T>): Promise<T> => {
    const end = databaseSeconds.startTimer({ of })
    try {
      return await call
    } finally {
      end()
    }
  }
  return {
    kind: db.kind,
    get hasVectors() {
      return db.hasVectors
    },
    query: (sql, params, how) => measured('statement', db.query(sql, params, how)),
    transaction: (work) => measured('transaction', db.transaction(work)),
    listen: (channel, onMessage) => db.listen(channel, onMessage),
    ...(db.backup && { backup: (file: string) => db.backup!(file) }),
    ...(db.connections && { connections: () => db.connections!() }),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}
