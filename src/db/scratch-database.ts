import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { messageOf, UnavailableError } from '../errors.js'

/** An empty database on the server of another one, gone when it is disposed. */
export interface ScratchDatabase extends AsyncDisposable {
  url: string
}

/** Throws UnavailableError where the server cannot be reached or lets this user make none. */
export async function createScratchDatabase(serverUrl: string): Promise<ScratchDatabase> {
  const name = `api_catalog_scratch_${randomBytes(6).toString('hex')}`
  try {
    await onServer(serverUrl, `create database ${name}`)
  } catch (error) {
    throw new UnavailableError(
      `DATABASE_URL gave no scratch database: ${messageOf(error)}. Without DATABASE_URL an embedded one is used.`,
      { cause: error },
    )
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => onServer(serverUrl, `drop database ${name} with (force)`),
  }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
