import type * as z from 'zod'
import type { Services } from '../../app/services.js'
import type { Principal } from '../../catalog/principal.js'

/** The names in a path: `catalog` and `spec` of `/catalogs/{catalog}/specs/{spec}`. */
type NameIn<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NameIn<Rest>
  : never

/** The bytes of an API document, or JSON of this schema. */
export type BodyKind = 'document' | z.ZodObject

type BodyOf<B extends BodyKind> = B extends z.ZodObject ? z.infer<B> : Uint8Array

/** What a route is asked, read and checked. */
export interface ApiCall<P extends string, Q extends z.ZodObject, B extends BodyKind> {
  services: Services
  principal: Principal
  names: Record<NameIn<P>, string>
  query: z.infer<Q>
  body: BodyOf<B>
  /** Which of these media types the caller likes best: the first one where any is as good. */
  preferred: (types: readonly [string, ...string[]]) => string
  /** Nobody waits for the answer any more, or a server that stops need not finish it. */
  signal: AbortSignal
}

/** A route's answer: facts, sent as JSON, a document, sent as it is, or what went wrong beyond the request. */
export type ApiAnswer =
  | { status?: 200 | 201 | 202; facts: object; location?: string }
  | { problem: 422 | 502; detail: string }
  | { document: Uint8Array; type: string; headers: Record<string, string> }

/** How a kind of answer is described. */
export interface AnswerDescription {
  description: string
  /** What the schema is called among the schemas of all routes. */
  name: string
  schema: z.ZodType
  /** It says where what was made is found. */
  hasLocation?: boolean
}

/**
 * One method of one address. Requests are read, checked and answered by it, and `/openapi.json` is
 * written from it, so neither says what the other does not.
 */
export interface Route<
  P extends string = string,
  Q extends z.ZodObject = z.ZodObject,
  B extends BodyKind = BodyKind,
> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** As OpenAPI writes it. */
  path: P
  operationId: string
  summary: string
  description: string
  tag: Tag
  query?: Q
  body?: B
  answers: { [Status in 200 | 201 | 202]?: AnswerDescription }
  /** Answered with documents too, where they are asked for. */
  hasDocument?: boolean
  /** Problems of its own, beside those that all routes have. */
  problems?: Readonly<Partial<Record<409 | 422 | 502, string>>>
  run(call: ApiCall<P, Q, B>): Promise<ApiAnswer>
}

/** What routes are grouped by, with what is said of the group. */
export const TAGS = {
  specs: 'API specs of a catalog: upload, read, refresh, copy, delete, compare revisions.',
  embedding: 'How far specs are embedded, and the jobs that do it.',
  search: 'Find operations and read how they are called.',
} as const

type Tag = keyof typeof TAGS

/** Keeps a route's types while it is put in a list with others. */
export function defineRoute<
  P extends string,
  Q extends z.ZodObject = z.ZodObject,
  B extends BodyKind = BodyKind,
>(route: Route<P, Q, B>): Route {
  return route
}
