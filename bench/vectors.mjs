// How the nearest operations are found fastest: by comparing those in scope, all vectors of the
// space, or those that an index gives. Postgres only, in a database that holds nothing yet:
//   npm run build && node bench/vectors.mjs DATABASE_URL [SIZE…]
// Operations are made of words of many APIs and embedded with the bundled model, so vectors lie as
// crowded as real ones do. Prints milliseconds (p50, p95), recall against comparing, build times.
import { pino } from 'pino'
import { openDatabase } from '../dist/db/open-database.js'
import { createBundledEmbedder } from '../dist/embedding/bundled/create-bundled-embedder.js'
import { keepIndexes } from '../dist/embedding/space-index.js'
import { joinSpace } from '../dist/embedding/swap-space.js'
import { vectorToSql } from '../dist/embedding/vector-to-sql.js'
import { nearest } from '../dist/search/by-meaning.js'
import { readScope } from '../dist/search/scope.js'

const [url, ...sizes] = process.argv.slice(2)
if (!url) throw new Error('node bench/vectors.mjs DATABASE_URL [SIZE…]')
const SIZES = sizes.length > 0 ? sizes.map(Number) : [10_000, 30_000, 80_000]
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
const LONG =
  'find the customer with this email, create an invoice for the order, and send it as a message'

const signal = new AbortController().signal
const log = pino({ level: 'warn' })
const db = await openDatabase({ url, dataDir: '', poolSize: 4, log, programVersion: 'bench' })
const embedder = createBundledEmbedder()
const spaceId = await joinSpace(db, await embedder.space(signal))
const [{ id: catalogId }] = await db.query(
  `insert into api_catalog.catalogs (name) values ('default') returning id`,
)
let made = 0
for (const size of SIZES) {
  await fill(size)
  await measure(size)
}
await db[Symbol.asyncDispose]()

async function fill(size) {
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
       select $1, method, path, path, '{}', '{}', '{}', 'read', false, '', '', '', hash
       from unnest($2::text[], $3::text[], $4::text[]) as row (method, path, hash)`,
      [specId, operations.map((o) => o.method), operations.map((o) => o.path), hashes()],
    )
    await db.query(
      `insert into api_catalog.embeddings (space_id, text_hash, state, vector)
       select $1, hash, 'embedded', vector::vector
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
  const all = await readScope(db, { tenant: 'default' }, {})
  const gets = { ...all, method: 'GET' }
  const texts = Math.ceil(1.3 * LIMIT)
  await keepIndexes(db, 1e9)
  const exact = await time(size, 'scope', QUESTIONS, all, { by: 'scope' })
  await time(size, 'space', QUESTIONS, all, { by: 'space', texts }, exact)
  const exactGets = await time(size, 'scope, GET', QUESTIONS, gets, { by: 'scope' })
  const exactLong = await time(size, 'scope, 3 clauses', [LONG, LONG, LONG], all, { by: 'scope' })
  const started = performance.now()
  await keepIndexes(db, 1)
  console.log(`${size}\tindex built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  await time(size, 'index', QUESTIONS, all, { by: 'index', texts }, exact)
  const narrow = { by: 'index', texts: texts * 2.5 }
  await time(size, 'index, GET', QUESTIONS, gets, narrow, exactGets)
  await time(size, 'index, 3 clauses', [LONG, LONG, LONG], all, { by: 'index', texts }, exactLong)
}

async function time(size, name, questions, scope, way, exact) {
  const found = []
  const times = []
  for (const question of [questions[0], ...questions]) {
    const meaning = { spaceId, parts: await embedder.embedQuery(question, signal) }
    const started = performance.now()
    found.push((await nearest(db, meaning, scope, LIMIT, way)).map(({ op }) => op))
    times.push(performance.now() - started)
  }
  found.shift()
  const [p50, p95] = [0.5, 0.95].map((share) => quantile(times.slice(1), share).toFixed(1))
  const recalls = [10, 200].map((depth) => recall(found, exact ?? found, depth).toFixed(3))
  console.log(
    `${size}\t${name}\tp50 ${p50}\tp95 ${p95}\trecall@10 ${recalls[0]}\t@200 ${recalls[1]}`,
  )
  return found
}

function quantile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]
}

function recall(found, exact, depth) {
  const kept = exact.map((ops, n) => {
    const set = new Set(found[n].slice(0, depth))
    const wanted = ops.slice(0, depth)
    return wanted.filter((op) => set.has(op)).length / wanted.length
  })
  return kept.reduce((sum, one) => sum + one, 0) / kept.length
}
