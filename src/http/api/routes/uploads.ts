import * as z from 'zod'
import { clone, copyOutput } from '../../../app/copy-spec.js'
import { refreshed, refreshSpecs } from '../../../app/refresh-specs.js'
import {
  uploadInput,
  uploadOutput,
  uploadSpec,
  type UploadResult,
} from '../../../app/upload-spec.js'
import { checkedName } from '../../../catalog/names.js'
import { defineRoute, type AnswerDescription, type ApiAnswer } from '../route.js'
import { CATALOG, SPEC, specAddress } from './addresses.js'

const REFUSED = 'What was sent cannot be taken: no API document, a limit passed, no valid name.'

const created: AnswerDescription = {
  description: 'A new spec, searchable now; embedding goes on in the background.',
  name: 'Uploaded',
  schema: uploadOutput,
  hasLocation: true,
}

const revised: AnswerDescription = {
  description: 'A new revision of the spec, or the spec unchanged: `outcome` says which.',
  name: 'Uploaded',
  schema: uploadOutput,
}

const putSpec = defineRoute({
  method: 'PUT',
  path: SPEC,
  operationId: 'putSpec',
  summary: 'Upload an OpenAPI document as this spec',
  description:
    'Adds the document under this name, or makes it the next revision of the spec that has the ' +
    'name, whatever its title. JSON, YAML or a zip, as the body or as `file` of a form. The ' +
    'catalog is made if there is none. Searchable when it returns.',
  tag: 'specs',
  body: 'document',
  answers: { 201: created, 200: revised },
  problems: { 422: REFUSED },
  run: async ({ services, principal, names: { catalog, spec: name }, body, signal }) => {
    const input = { content: body, catalog, name }
    const options = { signal, isNameFixed: true }
    return uploaded((await uploadSpec(services, principal, input, options)).structured)
  },
})

const { content, url, name } = uploadInput.shape

const addSpec = defineRoute({
  method: 'POST',
  path: `${CATALOG}/specs`,
  operationId: 'addSpec',
  summary: 'Upload an OpenAPI document by text or URL, and let it be named',
  description:
    'As the tool upload_spec: the document as text or the URL to fetch it from. Without a name it ' +
    "is named after its title. A name that another API has gets `-2`: the answer's `spec` and " +
    '`Location` say under which name it is. URLs only where the server is told to fetch them.',
  tag: 'specs',
  body: z
    .strictObject({ content, url, name })
    .refine(
      ({ content, url }) => (content === undefined) !== (url === undefined),
      'must have `content` (the document) or `url`, one of them',
    ),
  answers: { 201: created, 200: revised },
  problems: { 422: REFUSED },
  run: async ({ services, principal, names: { catalog }, body, signal }) => {
    const { structured } = await uploadSpec(services, principal, { ...body, catalog }, { signal })
    return uploaded(structured)
  },
})

function uploaded(result: UploadResult): ApiAnswer {
  return result.outcome === 'created'
    ? { status: 201, facts: result, location: specAddress(result) }
    : { facts: result }
}

const refreshSpec = defineRoute({
  method: 'POST',
  path: `${SPEC}/refresh`,
  operationId: 'refreshSpec',
  summary: 'Refresh a spec from its URL',
  description:
    'Asks the URL that the spec came from whether its document changed, and makes a new revision ' +
    'if so. Only for specs that came from a URL.',
  tag: 'specs',
  answers: {
    200: { description: 'The URL was asked.', name: 'Refreshed', schema: refreshed },
  },
  problems: { 502: 'The URL gave no document that can be taken; the spec is as it was.' },
  run: async ({ services, principal, names, signal }) => {
    const { structured } = await refreshSpecs(services, principal, names, signal)
    const [result] = structured.specs
    if (result?.error) return { problem: 502, detail: result.error }
    return { facts: result ?? {} }
  },
})

const cloneSpec = defineRoute({
  method: 'POST',
  path: `${SPEC}/clone`,
  operationId: 'cloneSpec',
  summary: 'Clone a spec into another catalog or name',
  description:
    "Copies the spec's current revision. What is not said stays the same: the catalog or the name. " +
    'Vectors are shared, so nothing is embedded again.',
  tag: 'specs',
  body: z
    .strictObject({
      catalog: z.string().optional().describe('of the copy; default: the same'),
      spec: z.string().optional().describe('name of the copy; default: the same'),
    })
    .refine(
      ({ catalog, spec }) => catalog !== undefined || spec !== undefined,
      'must say where the copy goes: `catalog`, `spec` (its name), or both',
    ),
  answers: {
    201: { description: 'The copy.', name: 'Cloned', schema: copyOutput, hasLocation: true },
  },
  problems: { 409: 'There is a spec of that name already.' },
  run: async ({ services, principal, names, body }) => {
    const copy = { ...names, ...body }
    const from = `${names.catalog}/${names.spec}`
    const { structured } = await clone(services, principal, {
      from,
      to: `${checkedName('catalog', copy.catalog)}/${checkedName('spec', copy.spec)}`,
    })
    return { status: 201, facts: structured.specs[0] ?? {}, location: specAddress(copy) }
  },
})

export const uploadRoutes = [putSpec, addSpec, refreshSpec, cloneSpec]
