import { uploadInput, uploadInputFor, uploadOutput, uploadSpec } from '../../app/upload-spec.js'
import { defineTool } from '../tool.js'

export const uploadSpecTool = defineTool({
  name: 'upload_spec',
  title: 'Upload an API spec',
  description:
    'Add an OpenAPI document to the catalog, or a new revision of one. Searchable when it returns; ' +
    'embedding goes on in the background. Returns the spec name, operation count, what changed and warnings.',
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  input: uploadInput,
  inputFor: uploadInputFor,
  output: uploadOutput,
  run: (services, principal, input, { signal }) =>
    uploadSpec(services, principal, input, { signal }),
})
