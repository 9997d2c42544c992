import { expect, test } from 'vitest'
import { createBundledEmbedder } from '../../src/embedding/bundled/create-bundled-embedder.js'

test('embedding in this process lets the timers run that renew leases', async () => {
  await using embedder = createBundledEmbedder()
  const operations = Array.from({ length: 2_000 }, (_, n) => ({
    method: 'GET',
    path: `/users/{id}/tickets/${n}`,
    operationId: `listTickets${n}`,
    summary: `List the tickets of a user, page ${n}`,
    description: 'Gives the tickets that a user has opened, newest first.',
    tags: ['tickets'],
    parameters: ['id', 'page'],
    bodyProperties: [],
  }))
  const { signal } = new AbortController()
  await embedder.embedOperations(operations.slice(0, 1), signal)
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  await embedder.embedOperations(operations, signal)
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(10)
})
