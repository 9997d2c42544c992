import { load } from 'js-yaml'
import type { Labelled } from './score.js'

/**
 * A document in JSON without the summaries of `golds`: for questions that are those summaries, which
 * would else find themselves. What is not there is left alone.
 */
export function withoutSummaries(text: string, golds: readonly Labelled[]): string {
  const document = parse(text) as Document
  for (const { method, path } of golds) {
    const operation = document.paths?.[path]?.[method.toLowerCase()]
    if (operation && typeof operation === 'object') operation.summary = ''
  }
  return JSON.stringify(document)
}

interface Document {
  paths?: Record<string, Record<string, { summary?: string } | undefined> | undefined>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return load(text)
  }
}
