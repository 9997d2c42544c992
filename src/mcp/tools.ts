import type { Principal, Scope } from '../catalog/principal.js'
import type { Tool } from './tool.js'
import { compareRevisionsTool } from './tools/compare-revisions.js'
import { deleteSpecTool } from './tools/delete-spec.js'
import { embeddingStatusTool } from './tools/embedding-status.js'
import { getOperationTool } from './tools/get-operation.js'
import { listSpecsTool } from './tools/list-specs.js'
import { reembedSpecTool } from './tools/reembed-spec.js'
import { searchOperationsTool } from './tools/search-operations.js'
import { uploadSpecTool } from './tools/upload-spec.js'

/** In the order of use; the list is the same whatever the catalog holds. */
const tools = [
  searchOperationsTool,
  getOperationTool,
  listSpecsTool,
  uploadSpecTool,
  compareRevisionsTool,
  embeddingStatusTool,
  reembedSpecTool,
  deleteSpecTool,
]

/** The tools that a caller may use: one who may only read is not shown the others. */
export function toolsFor({ scope }: Principal): Tool[] {
  return tools.filter((tool) => scope === 'write' || scopeNeeded(tool) === 'read')
}

/** The scope that a tool asks for; undefined for a tool that there is not. */
export function scopeOfTool(name: string): Scope | undefined {
  const found = tools.find((tool) => tool.name === name)
  return found && scopeNeeded(found)
}

function scopeNeeded({ annotations }: Tool): Scope {
  return annotations.readOnlyHint ? 'read' : 'write'
}
