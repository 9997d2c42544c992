import { InputError } from '../../errors.js'
import type { HttpRequest } from '../http-env.js'

const ONE_FILE = 'A form must have one field, `file`, with the document as a file.'

/**
 * The document in a request: the whole body, whatever type it says it has, or the file of a form
 * (`multipart/form-data`). Throws InputError where there is none.
 */
export async function readDocument(c: HttpRequest): Promise<Uint8Array> {
  const type = c.req.header('content-type') ?? ''
  const isForm = /^multipart\/form-data\b/i.test(type)
  const content = isForm ? await fileOf(c) : await c.req.arrayBuffer()
  if (content.byteLength === 0) {
    throw new InputError('There is no document: send it as the body, or as `file` of a form.')
  }
  return new Uint8Array(content)
}

async function fileOf(c: HttpRequest): Promise<ArrayBuffer> {
  const form = await c.req.formData().catch((error: unknown) => {
    throw new InputError('The body is not the form that its Content-Type says it is.', {
      cause: error,
    })
  })
  const fields = [...form.entries()]
  const [field] = fields
  if (field === undefined || fields.length > 1) throw new InputError(ONE_FILE)
  const [name, file] = field
  if (name !== 'file' || typeof file === 'string') throw new InputError(ONE_FILE)
  return file.arrayBuffer()
}

/** The JSON in a request's body. Throws InputError for anything else. */
export async function readJson(c: HttpRequest): Promise<unknown> {
  try {
    return await c.req.json()
  } catch (error) {
    throw new InputError('The body must be JSON.', { cause: error })
  }
}
