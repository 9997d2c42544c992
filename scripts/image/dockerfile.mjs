// The Dockerfile as this repository writes it: enough of its grammar to do what it says with npm
// where there is no Docker. Throws for an instruction that it does not know.
import { readFile } from 'node:fs/promises'

/** The stages in their order: `{ name, instructions: [{ word, rest }] }`. */
export async function readStages(file) {
  const stages = []
  for (const { word, rest } of instructionsOf(await readFile(file, 'utf8'))) {
    if (word === 'FROM') {
      const [, name = String(stages.length)] = /\bAS (\S+)$/.exec(rest) ?? []
      stages.push({ name, instructions: [] })
    } else {
      stages.at(-1).instructions.push({ word, rest })
    }
  }
  return stages
}

/** Joins continued lines and leaves comments out. */
function instructionsOf(text) {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => /^(?<word>[A-Z]+) +(?<rest>.+)$/.exec(line).groups)
}

/** `COPY [--from=STAGE] SOURCE… TARGET` */
export function copyOf(rest) {
  const words = rest.split(/ +/)
  const from = words[0].startsWith('--from=') ? words.shift().slice('--from='.length) : null
  return { from, sources: words.slice(0, -1), target: words.at(-1) }
}

/** `KEY=value KEY=value`, as ENV and LABEL have it. */
export function pairsOf(rest) {
  const pairs = rest.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)
  return Object.fromEntries([...pairs].map(([, name, quoted, bare]) => [name, quoted ?? bare]))
}
