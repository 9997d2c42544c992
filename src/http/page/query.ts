import type { MiddlewareHandler } from 'hono'
import * as z from 'zod'
import { checkedName } from '../../catalog/names.js'
import { InputError } from '../../errors.js'
import { checkFormParts } from '../form-parts.js'
import type { HttpEnv, HttpRequest } from '../http-env.js'
import { limitBody } from '../limit-body.js'

/** The query of an address. Fields of a form that were left empty are as if they were not there. */
export function queryOf<T extends z.ZodType>(c: HttpRequest, schema: T): z.infer<T> {
  return checked(schema, given(c.req.query()))
}

/** The fields of a form that was sent, without those that were left empty, and files. */
export async function formOf<T extends z.ZodType>(c: HttpRequest, schema: T): Promise<z.infer<T>> {
  return checked(schema, given(await fieldsOf(c)))
}

/** Refuses forms of more bytes, with a sentence. */
export function formLimit(maxBytes: number): MiddlewareHandler<HttpEnv> {
  return limitBody({
    maxSize: maxBytes,
    onError: () => {
      const size =
        maxBytes < MEGABYTE ? `${maxBytes / 1024} KB` : `${Math.floor(maxBytes / MEGABYTE)} MB`
      throw new InputError(`That is more than the ${size} that are taken here.`)
    },
  })
}

const MEGABYTE = 1024 ** 2

async function fieldsOf(c: HttpRequest): Promise<Record<string, unknown>> {
  checkFormParts(new Uint8Array(await c.req.arrayBuffer()), c.req.header('content-type') ?? '')
  try {
    return await c.req.parseBody()
  } catch (error) {
    throw new InputError('That is no form that can be read; send it again.', { cause: error })
  }
}

/** A page's number, from 1; the first for anything else. */
export const pageNumber = z.coerce.number().int().min(1).max(1_000_000).catch(1)

/** The spec that an address names. Throws InputError for what can be none. */
export function namedSpec(c: HttpRequest): { catalog: string; spec: string } {
  return {
    catalog: checkedName('catalog', c.req.param('catalog') ?? ''),
    spec: checkedName('spec', c.req.param('spec') ?? ''),
  }
}

function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}

function checked<T extends z.ZodType>(schema: T, values: Record<string, unknown>): z.infer<T> {
  const result = schema.safeParse(values)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new InputError(`\`${issue?.path.join('.')}\` ${issue?.message}.`)
}
