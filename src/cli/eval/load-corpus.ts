import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import type { Services } from '../../app/services.js'
import { uploadSpec } from '../../app/upload-spec.js'
import { slug } from '../../catalog/names.js'
import { localPrincipal } from '../../catalog/principal.js'
import { messageOf } from '../../errors.js'
import { withoutSummaries } from './blank-summaries.js'
import { noDocument, type CorpusDocument } from './corpus.js'
import type { Question } from './questions.js'
import type { Labelled } from './score.js'

/** What was indexed. */
export interface LoadedCorpus {
  /** Names of specs by file. */
  specOf: ReadonlyMap<string, string>
  operations: number
}

/** How many documents between two lines about how far it is. */
const REPORTED = 250

/**
 * Uploads documents one after the other, so that equal scores stand in the same order in every run.
 * Those that cannot be taken are named on stderr. With `blank`, the summaries of the questions'
 * right answers are left out.
 */
export async function loadCorpus(
  services: Services,
  documents: readonly CorpusDocument[],
  { blank }: { blank: readonly Question[] },
): Promise<LoadedCorpus> {
  const blanked = goldsByFile(blank)
  const names = new Set<string>()
  const specOf = new Map<string, string>()
  let operations = 0
  for (const [index, { file, path }] of documents.entries()) {
    if (index > 0 && index % REPORTED === 0) {
      process.stderr.write(`${index}/${documents.length} documents, ${operations} operations\n`)
    }
    try {
      const { structured } = await uploadSpec(
        services,
        localPrincipal,
        { ...(await documentOf(path, blanked.get(file))), name: freeName(file, names) },
        { isChecked: false },
      )
      specOf.set(file, structured.spec)
      operations += structured.operation_count
    } catch (error) {
      process.stderr.write(`${path}: ${messageOf(error)}\n`)
    }
  }
  if (specOf.size === 0) throw noDocument('The corpus')
  return { specOf, operations }
}

function goldsByFile(questions: readonly Question[]): Map<string, Labelled[]> {
  const byFile = new Map<string, Labelled[]>()
  for (const gold of questions.flatMap((question) => question.gold)) {
    byFile.set(gold.spec, [...(byFile.get(gold.spec) ?? []), gold])
  }
  return byFile
}

async function documentOf(path: string, golds: readonly Labelled[] | undefined) {
  if (!golds) return { path: resolve(path) }
  return { content: withoutSummaries(await readFile(path, 'utf8'), golds) }
}

/** A spec is named after its file; names are cut, and then two may be alike. */
function freeName(file: string, taken: Set<string>): string {
  const base = slug(file.slice(0, -extname(file).length)).slice(0, 56) || 'spec'
  let name = base
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`
  taken.add(name)
  return name
}
