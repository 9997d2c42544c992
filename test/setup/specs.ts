/** What a test says of one operation; the rest is made up. */
export interface TestOperation {
  id?: string
  summary?: string
  tags?: string[]
  /** Whatever else belongs to the operation object. */
  more?: object
}

/** An OpenAPI document in JSON, its operations by `METHOD /path`. */
export function openApi(
  title: string,
  operations: Record<string, TestOperation>,
  more: object = {},
): string {
  const paths: Record<string, Record<string, object>> = {}
  for (const [key, operation] of Object.entries(operations)) {
    const [method = '', path = ''] = key.split(' ')
    const item = (paths[path] ??= {})
    item[method.toLowerCase()] = {
      ...(operation.id === undefined ? {} : { operationId: operation.id }),
      ...(operation.summary === undefined ? {} : { summary: operation.summary }),
      ...(operation.tags === undefined ? {} : { tags: operation.tags }),
      responses: { 200: { description: 'as asked' } },
      ...operation.more,
    }
  }
  const info = { title, version: '1.0.0' }
  return JSON.stringify({
    openapi: '3.0.3',
    info,
    servers: [{ url: 'https://api.test' }],
    paths,
    ...more,
  })
}

/** A document of `count` operations with different texts. */
export function manyOperations(title: string, count: number): string {
  const operations: Record<string, TestOperation> = {}
  for (let n = 1; n <= count; n++) {
    operations[`GET /${title}/items-${n}/{id}`] = {
      id: `${title}Item${n}`,
      summary: `Get the item number ${n} of ${title}`,
    }
  }
  return openApi(title, operations)
}
