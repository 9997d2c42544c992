/** An operation as a test writes it; what it leaves out is absent from the document. */
export interface OperationSketch {
  method?: string
  path: string
  operationId?: string
  summary?: string
  description?: string
  tags?: readonly string[]
  deprecated?: boolean
  parameters?: readonly unknown[]
  requestBody?: unknown
  responses?: unknown
}

/** The text of an OpenAPI 3.1 document with these operations. */
export function specDocument(
  title: string | null,
  operations: readonly OperationSketch[],
  more: Record<string, unknown> = {},
): string {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { method = 'get', path, ...operation } of operations) {
    const item = (paths[path] ??= {})
    item[method.toLowerCase()] = { responses: { 200: { description: 'OK' } }, ...operation }
  }
  const info = { ...(title === null ? {} : { title }), version: '1' }
  return JSON.stringify({ openapi: '3.1.0', info, paths, ...more })
}

/** `count` operations, each with a text of its own: `GET /things/0` … */
export function things(count: number, summary = (n: number) => `Read thing ${n}`) {
  return Array.from({ length: count }, (_, n): OperationSketch => ({
    path: `/things/${n}`,
    summary: summary(n),
  }))
}
