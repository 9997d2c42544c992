import { codeOf, messageOf } from '../../errors.js'

/** An error as it travels, with the fields that Postgres sent, if it did. */
export interface EngineError {
  message: string
  /** The system's, where it was not Postgres that failed: `EACCES`. */
  code?: string
  fields: Record<string, string> | null
}

/** What callers may look at, named as `pg` names it. */
const fieldNames = [
  'severity',
  'code',
  'detail',
  'hint',
  'position',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
]

export function describeError(error: unknown): EngineError {
  const message = messageOf(error)
  if (!(error instanceof Error)) return { message, fields: null }
  if (!('severity' in error)) {
    const code = codeOf(error)
    return { message, fields: null, ...(code !== null && { code }) }
  }
  const given = error as Error & Record<string, unknown>
  const fields = fieldNames.flatMap((name) => {
    const value = given[name]
    return typeof value === 'string' ? [[name, value]] : []
  })
  return { message, fields: Object.fromEntries(fields) as Record<string, string> }
}
