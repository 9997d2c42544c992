// Compares real documents with their next versions, as compare_revisions does.
//   npm run build && node bench/compare.mjs OLDER NEWER [NEXT…]
// Each document is compared with the one before it. Prints time in ms, what differs and what breaks.
import { readFile } from 'node:fs/promises'
import { compareSpecs } from '../dist/openapi/compare/compare-specs.js'
import { parseSpec } from '../dist/openapi/parse-spec.js'

const files = process.argv.slice(2)
if (files.length < 2) {
  console.error('usage: node bench/compare.mjs OLDER NEWER [NEXT…]')
  process.exit(2)
}
let before = null
for (const file of files) {
  const start = performance.now()
  const after = parseSpec(await readFile(file))
  const parsed = performance.now()
  if (before) {
    const { added, removed, changed, unchanged } = compareSpecs(before, after)
    const breaking = changed.filter(({ changes }) => changes.some(({ isBreaking }) => isBreaking))
    console.log(
      `${file}: parsed ${Math.round(parsed - start)}, compared ${Math.round(performance.now() - parsed)} ms; ` +
        `${removed.length} removed, ${changed.length} changed (${breaking.length} break), ` +
        `${added.length} added, ${unchanged} unchanged`,
    )
  }
  before = after
}
