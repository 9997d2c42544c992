import { load, YAMLException } from 'js-yaml'
import { NotBlockYaml } from './yaml-cursor.js'

/**
 * What the library reads between brackets that are closed in their line. In the document a tab in them
 * may be a fault.
 */
export function readFlow(source: string, maxDepth: number): unknown {
  if (source === '[]') return []
  if (source === '{}') return {}
  const isList = source.startsWith('[')
  const isClosed = source.endsWith(isList ? ']' : '}')
  if (!isClosed || source.includes('<<') || source.includes('\t')) throw new NotBlockYaml()
  const value = tryFlow(source, maxDepth)
  if (Array.isArray(value) !== isList) throw new NotBlockYaml()
  return value
}

function tryFlow(source: string, maxDepth: number): unknown {
  try {
    return load(source, { maxDepth, maxAliases: 0 })
  } catch (error) {
    throw error instanceof YAMLException ? new NotBlockYaml() : error
  }
}
