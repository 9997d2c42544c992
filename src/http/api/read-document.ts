import { parseJsonBody } from '../../app/json-body.js'
import { InputError } from '../../errors.js'
import { checkFormParts } from '../form-parts.js'

const ONE_FILE = 'A form must have one field, `file`, with the document as a file.'

/**
 * The document in a request: the whole body, whatever type it says it has, or the file of a form
 * (`multipart/form-data`). Throws InputError where there is none.
 */
export async function readDocument(body: Uint8Array, type: string): Promise<Uint8Array> {
  const isForm = /^multipart\/form-data\b/i.test(type)
  const document = isForm ? await fileOf(body, type) : body
  if (document.length > 0) return document
  throw new InputError('There is no document: send it as the body, or as `file` of a form.')
}

async function fileOf(body: Uint8Array, type: string): Promise<Uint8Array> {
  const fields = [...(await formOf(body, type)).entries()]
  const [name, file] = fields[0] ?? []
  if (fields.length !== 1 || name !== 'file' || !(file instanceof Blob)) {
    throw new InputError(ONE_FILE)
  }
  return new Uint8Array(await file.arrayBuffer())
}

async function formOf(body: Uint8Array, type: string): Promise<FormData> {
  checkFormParts(body, type)
  const headers = { 'content-type': type }
  try {
    return await new Response(body as Uint8Array<ArrayBuffer>, { headers }).formData()
  } catch (error) {
    throw new InputError('The body is not the form that its Content-Type says it is.', {
      cause: error,
    })
  }
}

/** The JSON in a request's body. Throws InputError for anything else. */
export function readJson(body: Uint8Array): unknown {
  try {
    return parseJsonBody(body)
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError('The body must be JSON.', { cause: error })
  }
}
