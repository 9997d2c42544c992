// How the nearest operations are found fastest: by comparing those in scope, all vectors of the
// space, or those that an index gives. Postgres only, with made-up operations up to each SIZE:
//   npm run build && node bench/vectors.mjs DATABASE_URL [SIZE…]   # 10000 30000 80000
// Operations are made of words of many APIs and embedded with the bundled model. Many are alike, so
// an operation counts as found where it, or one that is equally near, is. Prints milliseconds (p50,
// p95), that recall against comparing all, and build times. A database that holds operations already,
// made-up ones or real ones that were uploaded and embedded, is measured first as it is.
import { pino } from 'pino'
import { openDatabase } from '../dist/db/open-database.js'
import { createBundledEmbedder } from '../dist/embedding/bundled/create-bundled-embedder.js'
import { keepIndexes } from '../dist/embedding/space-index.js'
import { joinSpace } from '../dist/embedding/swap-space.js'
import { unitVector, vectorToSql } from '../dist/embedding/vector-to-sql.js'
import { nearest, searchByMeaning } from '../dist/search/by-meaning.js'
import { readScope, scopeCondition, scopeParams } from '../dist/search/scope.js'

const [url, ...sizes] = process.argv.slice(2)
if (!url) throw new Error('node bench/vectors.mjs DATABASE_URL [SIZE…]')
const SIZES = sizes.map(Number)
const LIMIT = 400
const SLICE = 2_000
const METHODS = { list: 'GET', get: 'GET', create: 'POST', update: 'PATCH', delete: 'DELETE' }
const VERBS = Object.keys(METHODS)
const THINGS =
  'user team invoice payment order product customer message channel repository branch commit issue comment label webhook event file folder image video playlist song artist album ticket agent queue server cluster node container volume network domain record certificate key token role policy group member project task board card list sprint release build pipeline job log metric alert dashboard report export subscription plan coupon refund charge payout account transfer card balance contact lead deal campaign email template form survey response booking room calendar slot trip flight hotel car driver route stop vehicle sensor device reading location address store shelf item stock shipment label carrier return review rating question answer course lesson student grade'.split(
    ' ',
  )
const APIS =
  'billing shop mail chat cloud music travel school crm helpdesk storage identity maps weather health'.split(
    ' ',
  )
const QUESTIONS = [
  'list all invoices of a customer',
  'create a repository in a team',
  'delete a record of a domain',
  'refund a payment',
  'get the reading of a sensor',
  'add a comment to an issue',
  'which songs are in an album',
  'cancel the subscription of an account',
  'update the role of a member',
  'show the logs of a container',
]
const LONG = [
  'find the customer with this email, create an invoice for the order, and send it as a message',
  'list all repositories of a team, delete those without a branch, then add a comment to an issue',
  'show me which songs are in an album, put them in a playlist, and rate them with a review',
]

const signal = new AbortController().signal
const log = pino({ level: 'warn' })
const db = await openDatabase({ url, dataDir: '', poolSize: 4, log, programVersion: 'bench' })
const embedder = createBundledEmbedder()
const spaceId = await joinSpace(db, await embedder.space(signal))
const [{ id: catalogId }] = await db.query(
  `insert into api_catalog.catalogs (name) values ('default')
   on conflict (tenant, name) do update set name = excluded.name returning id`,
)
let [{ made }] = await db.query(`select count(*) as made from api_catalog.operations`)
if (made > 0) await measure(made)
for (const size of SIZES.filter((one) => one > made)) {
  await fill(size)
  await measure(size)
}
await db[Symbol.asyncDispose]()

async function fill(size) {
  await keepIndexes(db, 1e9)
  for (; made < size; made += SLICE) {
    const operations = Array.from({ length: SLICE }, (_, n) => operation(made + n))
    const vectors = await embedder.embedOperations(operations, signal)
    const [{ id: specId }] = await db.query(
      `insert into api_catalog.specs (catalog_id, name, revision, operation_count)
       values ($1, $2, 1, $3) returning id`,
      [catalogId, `spec-${made}`, SLICE],
    )
    await db.query(
      `insert into api_catalog.operations
         (spec_id, method, path, path_shape, tags, parameters, body_properties, effect,
          is_deprecated, signature, definition, definition_hash, text_hash)
       select $1, method, path, path, array[tag], '{}', '{}', 'read', false, '', '', '', hash
       from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as row (method, path, tag, hash)`,
      [
        specId,
        operations.map((o) => o.method),
        operations.map((o) => o.path),
        operations.map((o) => o.tags[0]),
        hashes(),
      ],
    )
    await db.query(
      `insert into api_catalog.embeddings (space_id, text_hash, state, vector)
       select $1, hash, 'embedded', ${unitVector('vector')}
       from unnest($2::text[], $3::text[]) as row (hash, vector)`,
      [spaceId, hashes(), vectors.map((vector) => vectorToSql(vector))],
    )
  }
  await db.query(`update api_catalog.catalogs set operation_count = $1`, [made])
  await db.query('vacuum analyze api_catalog.embeddings')
  await db.query('vacuum analyze api_catalog.operations')
}

/** As long as real ones. */
function hashes() {
  return Array.from({ length: SLICE }, (_, n) => String(made + n).padStart(64, '0'))
}

function operation(n) {
  const verb = VERBS[n % VERBS.length]
  const [a, b, c] = [n * 7, Math.floor(n / 5) * 3 + 1, Math.floor(n / 83) + 2].map(
    (place) => THINGS[place % THINGS.length],
  )
  const api = APIS[Math.floor(n / 1_000) % APIS.length]
  return {
    method: METHODS[verb],
    path: `/${api}/${a}s/{${a}_id}/${b}s`,
    operationId: `${verb}${a}${b}`,
    summary: `${verb} the ${b}s of a ${a}`,
    description: `${verb} ${b}s by ${c} in ${api}, with the ${THINGS[(n % 97) % THINGS.length]}.`,
    tags: [a],
    parameters: [`${a}_id`, `${c}_id`],
    bodyProperties: verb === 'create' ? [b, c, 'name'] : [],
  }
}

async function measure(size) {
  const texts = Math.ceil(1.3 * LIMIT)
  const scopes = {
    everything: {},
    GET: { method: 'GET' },
    DELETE: { method: 'DELETE' },
    'ten large specs': { specs: await names('specs', 'name order by max(operation_count)') },
    'a tag': { tag: (await names('operations, unnest(tags) name', 'name order by count(*)'))[0] },
  }
  const measured = []
  for (const [name, filter] of Object.entries(scopes)) {
    const scope = await readScope(db, { tenant: 'default' }, filter)
    const exact = await time(
      size,
      `${name}: comparing the scope`,
      QUESTIONS,
      by(scope, { by: 'scope' }),
    )
    measured.push({ name, scope, exact, embedded: await countIn(scope) })
  }
  const [all] = measured
  await time(
    size,
    'everything: comparing the space',
    QUESTIONS,
    by(all.scope, { by: 'space', texts }),
    all.exact,
  )
  const exactLong = await time(
    size,
    '3 clauses: comparing the scope',
    LONG,
    by(all.scope, { by: 'scope' }),
  )
  const started = performance.now()
  await keepIndexes(db, 1)
  console.log(`${size}\tindex built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  for (const { name, scope, exact, embedded } of measured) {
    const way = { by: 'index', texts: Math.ceil((4 * texts * size) / embedded) }
    await time(size, `${name}: by the index`, QUESTIONS, by(scope, way), exact)
    await time(size, `${name}: as it is asked`, QUESTIONS, asked(scope, embedded), exact)
  }
  await time(
    size,
    '3 clauses: by the index',
    LONG,
    by(all.scope, { by: 'index', texts }),
    exactLong,
  )
  await time(size, '3 clauses: as it is asked', LONG, asked(all.scope, size), exactLong)
}

async function names(from, grouped) {
  const rows = await db.query(
    `select name from api_catalog.${from} group by ${grouped} desc, name limit 10`,
  )
  return rows.map(({ name }) => name)
}

function by(scope, way) {
  return (meaning) => nearest(db, meaning, scope, LIMIT, way)
}

/** The whole of it, with as many operations that were found by words as there usually are. */
function asked(scope, embedded) {
  const also = Array.from({ length: 100 }, (_, n) => n * 7 + 1)
  return async (meaning) => {
    const found = await searchByMeaning(db, meaning, scope, {
      limit: LIMIT,
      also: Promise.resolve(also),
      embedded,
    })
    for (const op of also) found.delete(op)
    return [...found].map(([op, similarity]) => ({ op, similarity }))
  }
}

async function countIn(scope) {
  const rows = await db.query(
    `select count(*) as n from api_catalog.operations o
     join api_catalog.specs s on s.id = o.spec_id where ${scopeCondition(1)}`,
    scopeParams(scope),
  )
  return rows[0].n
}

async function time(size, name, questions, find, exact) {
  const found = []
  const times = []
  for (const question of [questions[0], ...questions, ...questions, ...questions]) {
    const meaning = { spaceId, parts: await embedder.embedQuery(question, signal) }
    const started = performance.now()
    found.push(await find(meaning))
    times.push(performance.now() - started)
  }
  const [p50, p95] = [0.5, 0.95].map((share) => quantile(times.slice(1), share).toFixed(1))
  const first = found.slice(1, 1 + questions.length)
  const depths = [10, LIMIT].map((depth) => recall(first, exact ?? first, depth).toFixed(3))
  console.log(
    `${size}\t${name}\tp50 ${p50}\tp95 ${p95}\trecall@10 ${depths[0]}\t@${LIMIT} ${depths[1]}`,
  )
  return first
}

function quantile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]
}

/** Of the nearest `depth`, how many were found, or others that are as near as the last of these. */
function recall(found, exact, depth) {
  const kept = exact.map((ops, n) => {
    const wanted = ops.slice(0, depth)
    const farthest = wanted.at(-1).similarity - 1e-6
    const near = found[n].filter(({ similarity }) => similarity >= farthest)
    return Math.min(near.length, wanted.length) / wanted.length
  })
  return kept.reduce((sum, one) => sum + one, 0) / kept.length
}
