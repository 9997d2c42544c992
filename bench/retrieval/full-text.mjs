/** Results asked for: more than any figure looks at. */
const DEPTH = 50

/**
 * Postgres' own full-text search as it is usually used: `ts_rank_cd`, normalised by the logarithm of
 * the length, any word counts. In the same database as ours.
 */
export async function fullTextRanking(db, operations) {
  await db.query('drop table if exists public.bench_texts')
  await db.query(
    'create table public.bench_texts (index integer primary key, spec text, words tsvector)',
  )
  for (let at = 0; at < operations.length; at += 1_000) {
    const slice = operations.slice(at, at + 1_000)
    await db.query(
      `insert into public.bench_texts
       select index, spec, to_tsvector('english', text)
       from unnest($1::integer[], $2::text[], $3::text[]) as row (index, spec, text)`,
      [
        slice.map(({ index }) => index),
        slice.map(({ spec }) => spec),
        slice.map(({ fields }) => fields.join(' ').replaceAll(/[^\p{L}\p{N}]+/gu, ' ')),
      ],
    )
  }
  await db.query('create index on public.bench_texts using gin (words)')
  return async (query, isInScope) => {
    const rows = await db.query(
      `with asked as (
         select replace(plainto_tsquery('english', $1)::text, ' & ', ' | ')::tsquery as query)
       select index from public.bench_texts, asked
       where words @@ query order by ts_rank_cd(words, query, 1) desc, index`,
      [query],
    )
    return rows
      .map(({ index }) => index)
      .filter((index) => isInScope(operations[index]))
      .slice(0, DEPTH)
  }
}
