import { plainQuestionWords, plainWords, stem } from '../catalog/words/words.js'
import type { Queryable } from '../db/database.js'
import type { Scope } from './scope.js'

/** A word in the names of more than this share of the specs names none of them ("google", "api"). */
const MAX_SHARE = 0.01
/** A word that more operations of other specs have ("orders") is mostly what is asked for. */
const MAX_SHARE_ELSEWHERE = 0.01
/** Of names like `api.github.com` and `github-v3-rest-api`, what any may have. */
const GENERIC = /^(?:v?\d+|api|rest|web|www|com|org|net|io|swagger|openapi)$/

/** A spec that a question names. */
export interface NamedSpec {
  id: number
  catalog: string
  name: string
  operationCount: number
}

/** What a question says of where to look. */
export interface NamedSpecs {
  /** Specs to prefer; none where the question is asked of given specs, or there is but one. */
  ids: number[]
  /** The words of the question that are in names of few specs of the scope. */
  words: string[]
  /** The one spec that is called so beyond doubt. */
  surely: NamedSpec | null
  /** The question says nothing but the name of that one. */
  isAll: boolean
}

interface Candidate extends NamedSpec {
  title: string | null
  nameWords: string[]
  total: number
}

/** The specs that a question names: those with a word of it in their name or title that few others have. */
export async function namedSpecs(db: Queryable, query: string, scope: Scope): Promise<NamedSpecs> {
  const words = [...new Set(plainQuestionWords(query))]
  const found = words.length === 0 ? [] : await specsCalled(db, words, scope)
  const total = found[0]?.total ?? 0
  const most = Math.max(1, MAX_SHARE * total)
  const telling = words.filter((word) => {
    const count = found.filter(({ nameWords }) => nameWords.includes(word)).length
    return count > 0 && count <= most
  })
  const specs = found.filter(
    ({ id, nameWords }) =>
      (scope.specIds === null || scope.specIds.includes(id)) &&
      telling.some((word) => nameWords.includes(word)),
  )
  const surely = await surelyNamed(db, words, specs, scope)
  return {
    ids: total > 1 && scope.specIds === null ? specs.map(({ id }) => id) : [],
    words: specs.length > 0 ? telling : [],
    surely,
    isAll: surely !== null && words.every((word) => surely.nameWords.includes(word)),
  }
}

async function specsCalled(
  db: Queryable,
  words: readonly string[],
  { catalogIds }: Scope,
): Promise<Candidate[]> {
  return db.query<Candidate>(
    `select s.id, c.name as catalog, s.name, s.title, s.operation_count as "operationCount",
       s.name_words as "nameWords",
       (select count(*) from api_catalog.specs where catalog_id = any($1)) as total
     from api_catalog.specs s join api_catalog.catalogs c on c.id = s.catalog_id
     where s.catalog_id = any($1) and s.name_words && $2::text[]
     order by s.id`,
    [catalogIds, words],
  )
}

/** The only spec whose name or title begins with a word of the question that hardly any operation elsewhere has. */
async function surelyNamed(
  db: Queryable,
  words: readonly string[],
  specs: readonly Candidate[],
  scope: Scope,
): Promise<Candidate | null> {
  const called = specs.flatMap((spec) => {
    const heads = new Set([spec.name, spec.title ?? ''].flatMap((name) => headOf(name) ?? []))
    const word = words.find((one) => heads.has(one))
    return word === undefined ? [] : [{ spec, word }]
  })
  const [only] = called
  if (!only || called.length > 1) return null
  const elsewhere = scope.operationCount - only.spec.operationCount
  const others = await countElsewhere(db, only.word, only.spec, scope)
  return others <= MAX_SHARE_ELSEWHERE * elsewhere ? only.spec : null
}

/** Its first word that not any API may have in its name. */
function headOf(name: string): string | undefined {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  return words.find((word) => plainWords(word).length > 0 && !GENERIC.test(word))
}

/** Operations of other specs that have the word. */
async function countElsewhere(
  db: Queryable,
  word: string,
  { id }: NamedSpec,
  { catalogIds }: Scope,
): Promise<number> {
  const [row] = await db.query<{ others: number }>(
    `select (coalesce((select sum(df) from api_catalog.catalog_terms
         where catalog_id = any($1) and term = $2), 0)
       - (select count(*) from api_catalog.terms
          where catalog_id = any($1) and term = $2 and spec_id = $3))::integer as others`,
    [catalogIds, stem(word), id],
  )
  return row?.others ?? 0
}
