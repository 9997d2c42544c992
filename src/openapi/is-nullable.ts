import type { JsonObject } from './json-value.js'

/** Whether null is a value of a schema, in the words of any version. */
export function isNullable(schema: JsonObject): boolean {
  const { type } = schema
  return (
    schema['nullable'] === true ||
    schema['x-nullable'] === true ||
    type === 'null' ||
    (Array.isArray(type) && type.includes('null'))
  )
}
