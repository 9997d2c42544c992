/** An HTTP response that is a JSON-RPC error, for what no server object gets to see. */
export function answerError(
  { status, code, message, id }: { status: number; code: number; message: string; id?: unknown },
  headers: Record<string, string> = {},
): Response {
  const isId = typeof id === 'string' || typeof id === 'number'
  return Response.json(
    { jsonrpc: '2.0', id: isId ? id : null, error: { code, message } },
    { status, headers },
  )
}
