import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type { z } from 'zod'

type Convert = StandardSchemaWithJSON['~standard']['jsonSchema']['input']

/** By schema, which all requests share. */
const told = new WeakMap<z.ZodType, StandardSchemaWithJSON>()

/**
 * A tool's schema as clients are told it: without the `additionalProperties: {}` of each open
 * object, which says what JSON Schema means anyway and costs every agent some 170 tokens. It is
 * converted once: over HTTP the SDK asks for it at each call.
 */
export function toldSchema(schema: z.ZodType): StandardSchemaWithJSON {
  const known = told.get(schema)
  if (known) return known
  const standard = schema['~standard'] as StandardSchemaWithJSON['~standard']
  const { input, output } = standard.jsonSchema
  const jsonSchema = { input: once(input), output: once(output) }
  const made = { '~standard': { ...standard, jsonSchema } }
  told.set(schema, made)
  return made
}

/** Converts once for each dialect. */
function once(convert: Convert): Convert {
  const converted = new Map<string, ReturnType<Convert>>()
  return (options) => {
    const { target } = options
    const schema = converted.get(target) ?? withoutOpenness(convert(options))
    converted.set(target, schema)
    return schema
  }
}

function withoutOpenness(schema: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'additionalProperties' && JSON.stringify(value) === '{}' ? undefined : value,
  )
  return JSON.parse(text) as Record<string, unknown>
}
