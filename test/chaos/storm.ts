import { vi } from 'vitest'
import type { Database } from '../../src/db/database.js'
import type { FakeOllama } from '../fakes/ollama-server.js'
import { createPostgres } from '../setup/databases.js'
import { openStorage, type RawServer, type Settings } from '../setup/server.js'

/** Texts of one embedding call, so that a small spec is several batches. */
export const BATCH = 4

/** Short times, so that what follows from a death is seen within seconds. */
const HASTY: Settings = {
  API_CATALOG_BATCH_SIZE: String(BATCH),
  API_CATALOG_LEASE_MS: '2000',
  API_CATALOG_REAP_MS: '200',
  API_CATALOG_POLL_MS: '500',
  API_CATALOG_RECONCILE_MS: '1000',
}

export interface Storm {
  db: Database
  /** For a server on the same Postgres and the same fake Ollama. */
  settings: Settings
}

/** A Postgres database of the test's own, watched: see `writesOf`. */
export async function startStorm(ollama: FakeOllama): Promise<Storm> {
  const settings = { ...HASTY, DATABASE_URL: await createPostgres(), OLLAMA_HOST: ollama.url }
  const db = await openStorage(settings)
  await db.query(`
    create table public.writes (text_hash text not null);
    create function public.note_write() returns trigger language plpgsql as $$
    begin
      insert into public.writes values (new.text_hash);
      return null;
    end $$;
    create trigger note_write after insert or update on api_catalog.embeddings
      for each row execute function public.note_write()`)
  return { db, settings }
}

/** How often each stored text was written, at the least and at the most, and how many there are. */
export async function writesOf(
  db: Database,
): Promise<{ texts: number; fewest: number; most: number }> {
  const [row] = await db.query<{ texts: number; fewest: number; most: number }>(
    `select count(*) as texts, min(times) as fewest, max(times) as most
     from (select count(*) as times from public.writes group by text_hash) each`,
  )
  return row!
}

/** What is not as it should be when all work is done. Empty when it is. */
export async function leftovers(db: Database): Promise<string[]> {
  const [row] = await db.query<Record<string, number>>(
    `select
       (select count(*) from api_catalog.operations o where not exists (
          select from api_catalog.embeddings e
          join api_catalog.embedding_spaces space on space.id = e.space_id and space.is_active
          where e.text_hash = o.text_hash and e.state = 'embedded' and e.vector is not null))
         as "operations without a vector",
       (select count(*) from api_catalog.embeddings e where not exists (
          select from api_catalog.operations o where o.text_hash = e.text_hash))
         as "vectors of nothing",
       (select count(*) from api_catalog.embedding_jobs where status in ('pending', 'running'))
         as "open jobs",
       (select count(*) from api_catalog.embedding_jobs where status = 'failed') as "failed jobs",
       (select count(*) from api_catalog.embedding_jobs where attempts > 0) as "spent attempts",
       (select count(*) from api_catalog.embedding_jobs
        where status <> 'running' and lease_token is not null) as "leases of nobody"`,
  )
  return Object.entries(row!).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
}

/** Waits until there is nothing left to do, and nothing wrong. */
export async function untilAllIsDone(db: Database): Promise<void> {
  await vi.waitFor(
    async () => {
      const left = await leftovers(db)
      if (left.length > 0) throw new Error(`still: ${left.join(', ')}`)
    },
    { timeout: 45_000, interval: 200 },
  )
}

/** The texts of the worker's batches that came to the fake, in order, with repeats. */
export function textsSent(ollama: FakeOllama): string[] {
  return ollama.requests
    .filter(({ path, texts }) => path === '/api/embed' && texts[0] !== 'dimensions')
    .flatMap(({ texts }) => texts)
}

/** Uploads through the server; false when it ended before it had answered. */
export async function isUploaded(server: RawServer, content: string): Promise<boolean> {
  const answer = await server.call('upload_spec', { content }).catch(() => null)
  if (answer?.isError) throw new Error(answer.text)
  return answer !== null
}
