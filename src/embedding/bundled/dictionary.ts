import { readWords, WEIGHTS_FILE } from './weights.js'

let loading: Promise<ReadonlySet<string>> | undefined

/**
 * The 34,000 words that the bundled embedder has a vector for, lower case: those of everyday English
 * and of API documents. Read on first use and kept, 3 MB.
 */
export function loadDictionary(): Promise<ReadonlySet<string>> {
  return (loading ??= readWords(WEIGHTS_FILE).then((words) => new Set(words)))
}
