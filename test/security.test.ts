import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const page = await readFile(new URL('../docs/security.md', import.meta.url), 'utf8')
/** `file`: the name of a test in it. */
const rows = [...page.matchAll(/^\| .* \| `([\w/-]+)`: (.+) \|$/gm)].map(([, file, name]) => ({
  file: file!,
  name: name!,
}))

test('the page of attacks has its rows', () => {
  expect(rows.length).toBeGreaterThan(45)
})

test.each(rows)('$file has a test of the name $name', async ({ file, name }) => {
  const source = await readFile(new URL(`${file}.test.ts`, import.meta.url), 'utf8')
  const quoted = ["'", '"', '`'].map((mark) => `${mark}${name}${mark}`)
  expect(quoted.some((text) => source.includes(text))).toBe(true)
})
