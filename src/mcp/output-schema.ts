import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type { z } from 'zod'

/**
 * A tool's output schema as clients are told it: without the `additionalProperties: {}` of each
 * open object, which says what JSON Schema means anyway and costs every agent some 170 tokens.
 */
export function toldOutputSchema(schema: z.ZodType): StandardSchemaWithJSON {
  const standard = schema['~standard'] as StandardSchemaWithJSON['~standard']
  return {
    '~standard': {
      ...standard,
      jsonSchema: {
        input: (options) => standard.jsonSchema.input(options),
        output: (options) => withoutOpenness(standard.jsonSchema.output(options)),
      },
    },
  }
}

function withoutOpenness(schema: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'additionalProperties' && JSON.stringify(value) === '{}' ? undefined : value,
  )
  return JSON.parse(text) as Record<string, unknown>
}
