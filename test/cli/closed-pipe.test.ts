import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { PROGRAM } from '../setup/program.js'
import { environment, runCommand, storageSettings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

test('a command whose reader has read enough does its work all the same, and says nothing', async () => {
  const settings = await storageSettings('embedded')
  const child = spawn(process.execPath, [PROGRAM, 'upload', '-'], { env: environment(settings) })
  child.stdout.destroy()
  child.stdin.end(openApi('Pets', { 'GET /pets': { id: 'listPets' } }))
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect({ said, code }).toEqual({ said: '', code: 0 })
  expect((await runCommand(['list'], settings)).stdout).toContain('pets')
})
