import { readFileSync } from 'node:fs'
import type { OperationText } from '../src/embedding/embedder.js'
import { directoryIds, readDirectorySpec } from './directory.js'
import { describedNamesOf, operationsOf, type DescribedName } from './extract.js'
import { permissiveLicence } from './licence.js'
import { Phrases } from './phrases.js'
import type { Random } from './random.js'

/** What a model may be trained on. */
export interface Corpus {
  specs: CorpusSpec[]
  operations: CorpusOperation[]
  names: CorpusName[]
}

export interface CorpusSpec {
  id: string
  licence: string
  operationsUsed: number
}

export interface CorpusOperation extends OperationText {
  spec: string
}

export interface CorpusName extends DescribedName {
  spec: string
}

/** What no training may see; each part is a file of this folder. */
export interface Exclusions {
  /** Fragments of spec ids. */
  fragments: string[]
  providers: Set<string>
  /** `id\tMETHOD\tpath`. */
  operations: Set<string>
}

/** A spec that shares this much of its (method, path) pairs with an excluded one is its near-copy. */
export const NEAR_COPY = 0.3

/** The largest providers would drown the others; these three describe hundreds of services each. */
const MANY_SERVICES = new Set(['amazonaws.com', 'azure.com', 'googleapis.com'])
const LIMITS = { spec: 400, provider: 500 }
const MANY_SERVICES_LIMITS = { spec: 40, provider: 3000 }

/** Descriptions of names repeat a lot inside one spec; more than this adds little. */
const NAMES_PER_SPEC = 200

export function readExclusions(): Exclusions {
  return {
    fragments: linesOf('exclusions.txt'),
    providers: new Set(linesOf('unseen-providers.txt')),
    operations: new Set(linesOf('excluded-operations.tsv')),
  }
}

/** The operations and described names of every spec that is permissively licensed and not excluded. */
export function buildCorpus(exclusions: Exclusions, random: Random): Corpus {
  const ids = directoryIds()
  const excludedIds = new Set(ids.filter((id) => isExcluded(id, exclusions)))
  const forbidden = forbiddenTexts(excludedIds, exclusions)
  const corpus: Corpus = { specs: [], operations: [], names: [] }
  const perProvider = new Map<string, number>()
  const seenTexts = new Set<string>()
  const seenNames = new Set<string>()

  for (const id of random.shuffled(ids.filter((id) => !excludedIds.has(id)))) {
    const spec = readDirectorySpec(id)
    const licence = permissiveLicence(spec)
    if (!licence) continue
    const operations = operationsOf(spec.document)
    if (isNearCopy(operations, forbidden.paths)) continue
    const limits = MANY_SERVICES.has(spec.provider) ? MANY_SERVICES_LIMITS : LIMITS
    const before = perProvider.get(spec.provider) ?? 0
    const used = random
      .shuffled(operations)
      .filter((operation) => !forbidden.texts.has(textKey(operation)))
      .filter((operation) => !forbidden.questions.firstIn(prose(operation)))
      .filter((operation) => isNew(seenTexts, prose(operation) || pathKey(operation)))
      .slice(0, Math.min(limits.spec, limits.provider - before))
    perProvider.set(spec.provider, before + used.length)
    for (const operation of used) corpus.operations.push({ ...operation, spec: id })
    corpus.specs.push({ id, licence, operationsUsed: used.length })
    const names = describedNamesOf(spec.document)
      .filter(({ name, description }) => isNew(seenNames, `${name}\n${description}`))
      .filter(({ description }) => !forbidden.questions.firstIn(description))
    for (const name of random.shuffled(names).slice(0, NAMES_PER_SPEC)) {
      corpus.names.push({ ...name, spec: id })
    }
  }
  return corpus
}

/** The operations that are excluded one by one, whatever their spec. */
export function excludedOperations(exclusions: Exclusions): OperationText[] {
  const ids = new Set([...exclusions.operations].map((line) => line.split('\t')[0]!))
  return [...ids].flatMap((id) =>
    operationsOf(readDirectorySpec(id).document).filter(({ method, path }) =>
      exclusions.operations.has(`${id}\t${method}\t${path}`),
    ),
  )
}

interface Forbidden {
  /** Keys of the excluded operations, single ones and those of excluded specs. */
  texts: Set<string>
  /** (method, path) pairs of each excluded spec. */
  paths: Set<string>[]
  /** The single ones' summaries, which are questions of an evaluation set. */
  questions: Phrases
}

function forbiddenTexts(excludedIds: ReadonlySet<string>, exclusions: Exclusions): Forbidden {
  const perSpec = [...excludedIds].map((id) => operationsOf(readDirectorySpec(id).document))
  const single = excludedOperations(exclusions)
  return {
    texts: new Set([...perSpec.flat(), ...single].map(textKey)),
    paths: perSpec.map((operations) => new Set(operations.map(pathKey))),
    questions: new Phrases(single.map(({ summary }) => summary ?? '')),
  }
}

export function isExcluded(id: string, { fragments, providers }: Exclusions): boolean {
  return providers.has(id.split('/')[0]!) || fragments.some((fragment) => id.includes(fragment))
}

function isNearCopy(operations: OperationText[], excluded: ReadonlySet<string>[]): boolean {
  const keys = operations.map(pathKey)
  return excluded.some(
    (paths) => keys.filter((key) => paths.has(key)).length >= NEAR_COPY * Math.max(1, keys.length),
  )
}

/** Parameter names do not count: `/users/{id}` and `/users/{user_id}` are the same. */
export function pathKey(operation: OperationText): string {
  return `${operation.method} ${operation.path.replace(/\{[^}]*\}/g, '{}')}`
}

/** Operations of the same summary are the same question's answers; without one, of the same path. */
function textKey(operation: OperationText): string {
  return operation.summary?.toLowerCase() ?? pathKey(operation)
}

export function prose({ summary, description }: OperationText): string {
  return [summary, description].filter(Boolean).join('\n')
}

function isNew(seen: Set<string>, key: string): boolean {
  const isNew = !seen.has(key)
  seen.add(key)
  return isNew
}

function linesOf(file: string): string[] {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}
