import types from 'pg-types'
import type { Queryable } from './database.js'

/** A value in Postgres's text format, which is all that travels between processes and threads. */
export type TextValue = string | null

/** What one statement gave, before its values are parsed. */
export interface TextResult {
  fields: { name: string; type: number }[]
  rows: TextValue[][]
  /** The tag of the statement that ended last: `SELECT 3`, `COMMIT`. */
  command: string
}

/** Runs SQL on one session. Without values it may be several statements; the last one's rows come. */
export type RunText = (sql: string, values: readonly TextValue[]) => Promise<TextResult>

type Parse = (text: string) => unknown

const textArray = types.getTypeParser(1009 as never) as (text: string) => unknown[]
const timestamp = types.getTypeParser(types.builtins.TIMESTAMPTZ) as Parse

function bytes(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex')
}

function arrayOf(parse: Parse): Parse {
  const parseItem = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(parseItem)
    return item === null ? null : parse(item as string)
  }
  return (text) => textArray(text).map(parseItem)
}

const asText: Parse = (text) => text
const isTrue: Parse = (text) => text === 't'
const json: Parse = (text) => JSON.parse(text) as unknown

/** By the type's number in `pg_type`, which never changes for built-in types; the rest is text. */
const parsers = new Map<number, Parse>([
  ...scalarAndArray(16, 1000, isTrue), // boolean
  ...scalarAndArray(17, 1001, bytes), // bytea
  ...scalarAndArray(20, 1016, Number), // bigint
  ...scalarAndArray(21, 1005, Number), // smallint
  ...scalarAndArray(23, 1007, Number), // integer
  ...scalarAndArray(25, 1009, asText), // text
  ...scalarAndArray(26, 1028, Number), // oid
  ...scalarAndArray(114, 199, json), // json
  ...scalarAndArray(700, 1021, Number), // real
  ...scalarAndArray(701, 1022, Number), // double precision
  ...scalarAndArray(1043, 1015, asText), // varchar
  ...scalarAndArray(1184, 1185, timestamp), // timestamptz
  ...scalarAndArray(1700, 1231, Number), // numeric, which sum(bigint) and avg give
  ...scalarAndArray(2950, 2951, asText), // uuid
  ...scalarAndArray(3802, 3807, json), // jsonb
])

function scalarAndArray(scalar: number, array: number, parse: Parse): [number, Parse][] {
  return [
    [scalar, parse],
    [array, arrayOf(parse)],
  ]
}

/** How a value of the type with this number in `pg_type` is read. */
export function parserOf(type: number): Parse {
  return parsers.get(type) ?? asText
}

/** The rows of a result as objects, keyed by column name. */
export function parseRows<Row extends object>({ fields, rows }: TextResult): Row[] {
  const columns = fields.map(({ name, type }) => ({ name, parse: parserOf(type) }))
  return rows.map((row) => {
    const parsed: Record<string, unknown> = {}
    for (const [at, { name, parse }] of columns.entries()) {
      const text = row[at] ?? null
      parsed[name] = text === null ? null : parse(text)
    }
    return parsed as Row
  })
}

/** The interface that callers see, on top of a session that takes and gives text. */
export function queryableOf(run: RunText): Queryable {
  return {
    query: async <Row extends object>(sql: string, params: readonly unknown[] = []) =>
      parseRows<Row>(await run(sql, params.map(toText))),
  }
}

/**
 * A statement's value as text. An array becomes a Postgres array and an object JSON, so a JSON
 * value that is an array is given as text. Throws TypeError for a function or a symbol.
 */
export function toText(value: unknown): TextValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'object') return objectToText(value)
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`A ${typeof value} is no value for a statement.`)
  }
  return `${value as number | bigint | boolean}`
}

function objectToText(value: object): string {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return '\\x' + Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return `{${value.map(arrayItem).join(',')}}`
  return JSON.stringify(value)
}

function arrayItem(item: unknown): string {
  if (Array.isArray(item) || typeof item === 'number') return String(toText(item))
  const text = toText(item)
  return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
