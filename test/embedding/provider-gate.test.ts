import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ProviderUnavailable } from '../../src/embedding/embedder.js'
import { ProviderGate } from '../../src/embedding/provider-gate.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'

const never = new AbortController().signal
const operation = {
  method: 'GET',
  path: '/a',
  operationId: null,
  summary: null,
  description: null,
  tags: [],
  parameters: [],
  bodyProperties: [],
}

/** A stub whose calls last until they are let go. */
function heldStub() {
  const stub = new StubEmbedder()
  const calls: string[] = []
  const waiting: (() => void)[] = []
  const hold = (what: string) => {
    calls.push(what)
    return new Promise<void>((resolve) => waiting.push(resolve))
  }
  stub.onBatch = () => hold('batch')
  stub.embedQuery = async (query) => {
    await hold(query)
    return []
  }
  return { stub, calls, letGo: () => waiting.shift()?.() }
}

describe('the provider', () => {
  test('gets as many batches at once as it may, and a question at once besides', async () => {
    const { stub, calls, letGo } = heldStub()
    const gate = new ProviderGate(stub, { calls: 2 })
    const batches = [1, 2, 3].map(() => gate.embedOperations([operation], never))
    const question = gate.embedQuery('where?', never)
    await expect.poll(() => calls).toEqual(['batch', 'batch', 'where?'])
    letGo()
    await expect.poll(() => calls).toEqual(['batch', 'batch', 'where?', 'batch'])
    for (let n = 0; n < 3; n++) letGo()
    await Promise.all([...batches, question])
  })

  test('gets questions that wait before batches that wait', async () => {
    const { stub, calls, letGo } = heldStub()
    const gate = new ProviderGate(stub, { calls: 1 })
    const first = gate.embedQuery('first', never)
    const second = gate.embedQuery('second', never)
    await expect.poll(() => calls.length).toBe(2)
    const batch = gate.embedOperations([operation], never)
    const third = gate.embedQuery('third', never)
    letGo()
    letGo()
    await expect.poll(() => calls).toEqual(['first', 'second', 'third', 'batch'])
    letGo()
    letGo()
    await Promise.all([first, second, third, batch])
  })

  test('never hears of a call whose caller went away while it waited', async () => {
    const { stub, calls, letGo } = heldStub()
    const gate = new ProviderGate(stub, { calls: 1 })
    const first = gate.embedOperations([operation], never)
    await expect.poll(() => calls.length).toBe(1)
    const gone = new AbortController()
    const second = gate.embedOperations([operation], gone.signal)
    gone.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    letGo()
    await first
    expect(calls).toEqual(['batch'])
  })
})

describe('a provider that is down', () => {
  let stub: StubEmbedder
  let gate: ProviderGate

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
    stub = new StubEmbedder()
    gate = new ProviderGate(stub, { calls: 1 })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  const embed = () => gate.embedOperations([operation], never)
  const failure = () => embed().catch((error: unknown) => error)

  test('is asked again after 1, 2, 4, 8, 15 and 15 s, and spared in between', async () => {
    stub.isDown = true
    expect(await failure()).toBeInstanceOf(ProviderUnavailable)
    for (const seconds of [1, 2, 4, 8, 15, 15]) {
      const asked = stub.batches.length
      vi.advanceTimersByTime(seconds * 1_000 - 1)
      expect(await failure()).toMatchObject({ message: 'the stub is down', waitMs: 1 })
      expect(stub.batches).toHaveLength(asked)
      vi.advanceTimersByTime(1)
      await failure()
      expect(stub.batches).toHaveLength(asked + 1)
    }
  })

  test('is told by its state, to jobs, to questions and to who asks for the space', async () => {
    expect(gate.state).toBe('ready')
    stub.isDown = true
    await failure()
    expect(gate.state).toBe('unreachable')
    stub.isDown = false
    await expect(gate.embedQuery('where?', never)).rejects.toThrow('the stub is down')
    await expect(gate.space(never)).rejects.toThrow('the stub is down')
    vi.advanceTimersByTime(1_000)
    await gate.space(never)
    expect(gate.state).toBe('ready')
    await embed()
  })

  test('counts calls that fail together once', async () => {
    stub.isDown = true
    gate = new ProviderGate(stub, { calls: 3 })
    await Promise.all([failure(), failure(), failure()])
    vi.advanceTimersByTime(1_000)
    stub.isDown = false
    await embed()
  })

  test('starts with short waits again only when it has embedded', async () => {
    stub.isDown = true
    await failure()
    vi.advanceTimersByTime(1_000)
    stub.isDown = false
    await gate.space(never)
    stub.isDown = true
    expect(await failure()).toMatchObject({ waitMs: 2_000 })
    vi.advanceTimersByTime(2_000)
    stub.isDown = false
    await embed()
    stub.isDown = true
    expect(await failure()).toMatchObject({ waitMs: 1_000 })
  })

  test('is not what an error of the texts says', async () => {
    stub.refused = /./
    await expect(embed()).rejects.toThrow('refused')
    expect(gate.state).toBe('ready')
    stub.refused = null
    await embed()
  })
})
