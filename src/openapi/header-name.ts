const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** Whether HTTP takes it for a header's name (RFC 9110, 5.6.2). Curl takes `@x` for a file of headers. */
export function isHeaderName(name: string): boolean {
  return TOKEN.test(name)
}
