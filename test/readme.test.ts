import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { settingRows, settingsTable } from '../src/config.js'

const read = (file: string) => readFile(new URL(`../${file}`, import.meta.url), 'utf8')

test('the README has the table of settings that the program has', async () => {
  expect(settingRows.length).toBeGreaterThan(15)
  expect(await read('README.md')).toContain(settingsTable())
})

test('the example configuration is valid and starts this package', async () => {
  const { name } = JSON.parse(await read('package.json')) as { name: string }
  const example = JSON.parse(await read('claude_desktop_config.example.json')) as {
    mcpServers: Record<string, { args: string[] }>
  }
  expect(Object.values(example.mcpServers).map(({ args }) => args)).toEqual([['-y', name]])
})
