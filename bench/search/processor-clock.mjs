import { readFile } from 'node:fs/promises'

/**
 * A clock of the time that this program, and a Postgres server on this machine, spent on the
 * processor, in milliseconds: what a search costs however busy the machine is. Null where it cannot
 * be read: it takes Linux.
 */
export async function processorClock(db) {
  const own = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  }
  if (db.kind === 'embedded') return async () => own()
  const clock = async () => {
    const backends = await db.query(
      `select pid from pg_stat_activity where datname = current_database()`,
    )
    const times = await Promise.all(backends.map(({ pid }) => onProcessorMs(pid)))
    return times.reduce((sum, ms) => sum + ms, own())
  }
  return clock().then(
    () => clock,
    () => null,
  )
}

/** The first number of the file is in nanoseconds. */
async function onProcessorMs(pid) {
  const [nanoseconds] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ')
  return Number(nanoseconds) / 1e6
}
