import { expect, test } from 'vitest'
import { HttpProcess } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'

test('serve --http listens on a free port, answers, and ends when it is asked to stop', async () => {
  await using server = await HttpProcess.start(await storageSettings('embedded'))
  expect((await server.ask('/healthz')).status).toBe(200)
  await expect.poll(async () => (await server.ask('/readyz')).status, { timeout: 20_000 }).toBe(200)
  server.signal('SIGTERM')
  expect(await server.exited()).toEqual({ code: 0, signal: null })
})
