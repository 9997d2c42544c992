import type { Queryable } from '../../db/database.js'
import type { LoadedCorpus } from './load-corpus.js'
import type { Question } from './questions.js'

/** More of them are a mistake in all, which a few show. */
const MAX_NAMED = 10

/** Names on stderr the right answers that cannot be found: their file is not there, or has no such operation. */
export async function warnOfMissingAnswers(
  db: Queryable,
  questions: readonly Question[],
  { specOf }: LoadedCorpus,
): Promise<void> {
  const golds = questions.flatMap(({ id, gold }) => gold.map((one) => ({ id, ...one })))
  const files = [...new Set(golds.map(({ spec }) => spec))].filter((file) => !specOf.has(file))
  if (files.length > 0) {
    process.stderr.write(`Answers are in files that are not there: ${files.join(', ')}\n`)
  }
  const asked = golds.filter(({ spec }) => specOf.has(spec))
  const known = await knownOperations(db, [...new Set(asked.map(({ spec }) => specOf.get(spec)!))])
  const missing = asked
    .filter(({ spec, method, path }) => !known.has(keyOf(specOf.get(spec)!, method, path)))
    .map(({ id, spec, method, path }) => `${method} ${path} of ${spec} (question ${id})`)
  if (missing.length === 0) return
  const more = missing.length - MAX_NAMED
  const named = [...missing.slice(0, MAX_NAMED), ...(more > 0 ? [`${more} more`] : [])]
  process.stderr.write(`Answers that their document does not have: ${named.join(', ')}\n`)
}

async function knownOperations(db: Queryable, specs: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ spec: string; method: string; path: string }>(
    `select s.name as spec, o.method, o.path
     from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id
     where s.name = any($1)`,
    [specs],
  )
  return new Set(rows.map(({ spec, method, path }) => keyOf(spec, method, path)))
}

function keyOf(spec: string, method: string, path: string): string {
  return [spec, method.toUpperCase(), path].join(' ')
}
