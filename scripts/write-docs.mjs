// Writes the parts of the docs that are made from the code: `npm run docs` (after a build).
import { readFile, writeFile } from 'node:fs/promises'
import { settingsTable } from '../dist/config.js'

const README = new URL('../README.md', import.meta.url)
const text = await readFile(README, 'utf8')
const between = /(<!-- settings:[^\n]*-->\n)[\s\S]*(<!-- \/settings -->)/
await writeFile(
  README,
  text.replace(between, (_, start, end) => `${start}${settingsTable()}\n${end}`),
)
