import { readFileSync } from 'node:fs'

/** Groups of words and phrases that API users take for one another: jargon.txt, one group a line. */
export function readJargon(): string[][] {
  return readFileSync(new URL('jargon.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(', '))
}
