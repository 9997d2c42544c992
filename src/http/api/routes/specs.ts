import * as z from 'zod'
import { deleteOutput, deleteSpec } from '../../../app/delete-spec.js'
import { listedSpec, listOutput, listSpecs } from '../../../app/list-specs.js'
import { showOutput, showSpec, specDocument } from '../../../app/show-spec.js'
import { DEFAULT_CATALOG } from '../../../catalog/names.js'
import { InputError } from '../../../errors.js'
import { defineRoute, type ApiAnswer } from '../route.js'
import { API, CATALOG, SPEC, specAddress } from './addresses.js'

const listCatalogs = defineRoute({
  method: 'GET',
  path: `${API}/catalogs`,
  operationId: 'listCatalogs',
  summary: 'List all catalogs and their specs',
  description: 'Every catalog with its specs: title, version, revision, operations, badge, source.',
  tag: 'specs',
  answers: { 200: { description: 'What there is.', name: 'Catalogs', schema: listOutput } },
  run: async ({ services, principal }) => {
    const { structured } = await listSpecs(services, principal, {})
    return { facts: structured }
  },
})

const specsOutput = z.looseObject({ catalog: z.string(), specs: z.array(listedSpec) })

const listCatalogSpecs = defineRoute({
  method: 'GET',
  path: `${CATALOG}/specs`,
  operationId: 'listSpecs',
  summary: 'List the specs of a catalog',
  description: 'The specs of one catalog by name: title, version, revision, operations, badge.',
  tag: 'specs',
  answers: { 200: { description: 'The specs.', name: 'Specs', schema: specsOutput } },
  run: async ({ services, principal, names: { catalog } }) => {
    const { structured } = await listSpecs(services, principal, { catalog })
    return { facts: { catalog, specs: structured.catalogs[0]?.specs ?? [] } }
  },
})

const showQuery = z.strictObject({
  format: z
    .enum(['facts', 'document'])
    .optional()
    .describe('document: the API document as it was uploaded, JSON or YAML'),
  revision: z.int().min(1).optional().describe('of the document; default: the current one'),
})

/** What whoever wants the document may ask for by `Accept`. */
const DOCUMENT_TYPES = [
  'application/vnd.oai.openapi+json',
  'application/vnd.oai.openapi',
  'application/openapi+json',
  'application/openapi+yaml',
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
]

const getSpec = defineRoute({
  method: 'GET',
  path: SPEC,
  operationId: 'getSpec',
  summary: 'Get a spec, or download its document',
  description:
    'A spec as it is listed, with how far it is embedded. With `format=document`, or an `Accept` ' +
    'that prefers YAML or OpenAPI, the document itself as it was uploaded; an older one with ' +
    '`revision`.',
  tag: 'specs',
  query: showQuery,
  hasDocument: true,
  answers: { 200: { description: 'The spec.', name: 'Spec', schema: showOutput } },
  run: async ({ services, principal, names, query: { format, revision }, preferred }) => {
    const isLiked = preferred(['application/json', ...DOCUMENT_TYPES]) !== 'application/json'
    if (format === 'document' || (format === undefined && isLiked)) {
      const found = await specDocument(services, principal, { ...names, revision })
      return documentAnswer(names, found)
    }
    if (revision !== undefined) {
      throw new InputError('`revision` is one of the document: ask with `format=document`.')
    }
    return { facts: await showSpec(services, principal, names) }
  },
})

const removeSpec = defineRoute({
  method: 'DELETE',
  path: SPEC,
  operationId: 'deleteSpec',
  summary: 'Delete a spec',
  description: 'Removes a spec with its operations and all its revisions.',
  tag: 'specs',
  answers: { 200: { description: 'It is gone.', name: 'Deleted', schema: deleteOutput } },
  run: async ({ services, principal, names }) => {
    const { structured } = await deleteSpec(services, principal, names)
    return { facts: structured }
  },
})

export const specRoutes = [listCatalogs, listCatalogSpecs, getSpec, removeSpec]

/** Saved rather than shown: the text is somebody else's. */
function documentAnswer(
  names: { catalog: string; spec: string },
  { content, revision }: { content: Uint8Array; revision: number },
): ApiAnswer {
  const isJson = /^[\uFEFF\s]*[{[]/.test(Buffer.from(content.subarray(0, 200)).toString())
  const { catalog, spec } = names
  const name = catalog === DEFAULT_CATALOG ? spec : `${catalog}.${spec}`
  return {
    document: content,
    type: isJson ? 'application/json' : 'application/yaml',
    headers: {
      'content-location': `${specAddress(names)}?format=document&revision=${revision}`,
      'content-disposition': `attachment; filename="${name}.${isJson ? 'json' : 'yaml'}"`,
    },
  }
}
