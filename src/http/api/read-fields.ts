import * as z from 'zod'
import { quoted } from '../../catalog/names.js'
import { InputError } from '../../errors.js'

/**
 * Makes a reader of query strings for a schema, which says what is a number, a list, true or false.
 * The reader throws InputError naming every parameter that is wrong.
 */
export function queryReader<S extends z.ZodObject>(
  schema: S,
): (params: URLSearchParams) => z.infer<S> {
  const types = typesOf(schema)
  return (params) => {
    const given = Object.fromEntries(
      [...new Set(params.keys())].map((name) => {
        const values = params.getAll(name)
        if (types.get(name) === 'array') return [name, values]
        if (values.length > 1) throw new InputError(`\`${quoted(name)}\` is given more than once.`)
        return [name, typed(values[0] ?? '', types.get(name))]
      }),
    )
    return checked(schema, given, 'parameter')
  }
}

/** What fits the schema. Throws InputError naming every field that does not. */
export function checked<S extends z.ZodObject>(
  schema: S,
  value: unknown,
  noun: 'parameter' | 'field',
): z.infer<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const wrongs = result.error.issues.map((issue) => wrong(issue, noun, Object.keys(schema.shape)))
  const said = `${wrongs.join('; ')}.`
  throw new InputError(said.charAt(0).toUpperCase() + said.slice(1))
}

function typesOf(schema: z.ZodObject): Map<string, string | undefined> {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' })
  return new Map(
    Object.entries(properties).map(([name, property]) => [
      name,
      (property as { type?: string }).type,
    ]),
  )
}

/** What is not of its type is left as it is, for the schema to say so. */
function typed(text: string, type: string | undefined): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  return text
}

function wrong(
  issue: z.core.$ZodIssue,
  noun: 'parameter' | 'field',
  known: readonly string[],
): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => `"${quoted(key)}"`).join(', ')
    if (issue.keys.some((key) => key === 'openapi' || key === 'swagger')) {
      return (
        'the body is an API document itself: send it with PUT to …/specs/{name}, ' +
        'or with POST as text in `content`'
      )
    }
    const those = known.length > 0 ? ` (there are ${known.join(', ')})` : ''
    return `there is no ${noun} ${names}${those}`
  }
  const name = issue.path.join('.')
  return name === '' ? `the body ${issue.message}` : `\`${name}\` ${issue.message}`
}
