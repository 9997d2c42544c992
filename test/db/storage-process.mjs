// A process of the program as far as storage goes: opens the database as it is told, and does what
// its parent (storage-process.ts) asks. It runs the build, as the tests do.
import { openDatabase } from '../../dist/db/open-database.js'
import { createLog } from '../../dist/log.js'

const options = JSON.parse(process.argv[2])
const writing = { goesOn: false }

const actions = {
  query: (db, { sql, params }) => db.query(sql, params),
  transaction: (db, { statements }) =>
    db.transaction(async (tx) => {
      let rows = []
      for (const { sql, params } of statements) rows = await tx.query(sql, params)
      return rows
    }),
  // Begins a transaction, says so, and does not end it.
  hold: (db, { sql }) =>
    db.transaction(async (tx) => {
      await tx.query(sql)
      process.send({ event: 'holding' })
      await new Promise(() => {})
    }),
  // Writes rows (writer, n), one transaction each, until told to stop; gives how many.
  write: async (db, { writer }) => {
    writing.goesOn = true
    let n = 0
    for (; writing.goesOn; n++) {
      await db.transaction(async (tx) => {
        await tx.query('insert into written (writer, n) values ($1, $2)', [writer, n])
        await tx.query('update counter set value = value + 1')
      })
      process.send({ event: 'acknowledged', n })
    }
    return n
  },
  stopWriting: async () => {
    writing.goesOn = false
  },
  listen: async (db, { channel }) => {
    await db.listen(channel, (payload) => process.send({ event: 'notified', payload }))
  },
  // Dies at the end of a commit that notifies this channel, before anybody is told of it.
  dieOn: async (db, { channel }) => {
    await db.listen(channel, () => process.kill(process.pid, 'SIGKILL'))
  },
  close: async (db) => {
    await db[Symbol.asyncDispose]()
    process.disconnect()
  },
}

try {
  const db = await openDatabase({
    poolSize: 2,
    programVersion: '0.0.0-test',
    ...options,
    log: createLog('silent'),
    onRole: (role) => process.send({ event: 'role', role }),
  })
  const answer = async ({ id, action, ...request }) => {
    try {
      const result = await actions[action](db, request)
      if (process.connected) process.send({ event: 'answer', id, result })
    } catch (error) {
      process.send({ event: 'answer', id, error: { name: error.name, message: error.message } })
    }
  }
  process.on('message', (request) => void answer(request))
  process.send({ event: 'open' })
} catch (error) {
  process.send({ event: 'refused', error: { name: error.name, message: error.message } })
  process.disconnect()
}
