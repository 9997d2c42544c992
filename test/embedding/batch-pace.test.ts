import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BatchPace } from '../../src/embedding/batch-pace.js'

const SETTINGS = { batchSize: 32, embedConcurrency: 4, unhurriedMs: 750 }
const QUICK_MS = 10

/** `count` full batches that pass. */
function pass(pace: BatchPace, count: number, ms: (texts: number) => number = () => QUICK_MS) {
  for (let n = 0; n < count; n++) pace.passed(pace.batchSize, ms(pace.batchSize))
}

describe('batches', () => {
  test('start with the most there may be, and stay so while they pass', () => {
    const pace = new BatchPace(SETTINGS)
    pass(pace, 100)
    expect(pace).toMatchObject({ batchSize: 32, concurrency: 4 })
  })

  test('are halved down to one text, and never below', () => {
    const pace = new BatchPace(SETTINGS)
    const sizes = Array.from({ length: 7 }, () => {
      pace.failed(pace.batchSize, 'too_long')
      return pace.batchSize
    })
    expect(sizes).toEqual([16, 8, 4, 2, 1, 1, 1])
    expect(pace.concurrency).toBe(4)
  })

  test('that time out are fewer in flight, too; so are calls that are refused', () => {
    const pace = new BatchPace(SETTINGS)
    pace.failed(32, 'timeout')
    expect(pace).toMatchObject({ batchSize: 16, concurrency: 2 })
    pace.refused()
    pace.refused()
    expect(pace).toMatchObject({ batchSize: 16, concurrency: 1 })
  })

  test('grow back to the most after they have passed for a while', () => {
    const pace = new BatchPace(SETTINGS)
    pace.failed(32, 'timeout')
    pass(pace, 7)
    expect(pace.batchSize).toBe(16)
    pass(pace, 1)
    expect(pace).toMatchObject({ batchSize: 20, concurrency: 3 })
    pass(pace, 24)
    expect(pace).toMatchObject({ batchSize: 32, concurrency: 4 })
  })

  test('settle below what fails, and try more ever less often', () => {
    const pace = new BatchPace(SETTINGS)
    const failures: number[] = []
    for (let call = 0; call < 2_000; call++) {
      if (pace.batchSize <= 20) pace.passed(pace.batchSize, QUICK_MS)
      else {
        pace.failed(pace.batchSize, 'timeout')
        failures.push(call)
      }
    }
    const gaps = failures.slice(1).map((call, n) => call - failures[n]!)
    expect(failures.length).toBeLessThan(12)
    expect(gaps.at(-1)).toBeGreaterThan(gaps[0]! * 4)
  })

  test('smaller than full ones, as at the end of a spec, change nothing', () => {
    const pace = new BatchPace(SETTINGS)
    pace.failed(32, 'timeout')
    for (let n = 0; n < 100; n++) pace.passed(3, 10_000)
    expect(pace.batchSize).toBe(16)
  })
})

describe('a question', () => {
  test('waits no longer than it may behind a batch on a slow provider', () => {
    const pace = new BatchPace(SETTINGS)
    const slowCpu = (texts: number) => 50 + 200 * texts
    pass(pace, 2, slowCpu)
    expect(slowCpu(pace.batchSize)).toBeLessThanOrEqual(750)
    pass(pace, 500, slowCpu)
    expect(slowCpu(pace.batchSize)).toBeLessThanOrEqual(750)
    expect(pace.batchSize).toBeGreaterThan(1)
  })

  test('is no reason for small batches where a call takes its time whatever its size', () => {
    const pace = new BatchPace(SETTINGS)
    const sizes: number[] = []
    for (let n = 0; n < 150; n++) {
      sizes.push(pace.batchSize)
      pass(pace, 1, () => 2_000)
    }
    expect(sizes.filter((size) => size < 32)).toHaveLength(1)
  })

  test('lets batches grow again when the provider is quick again, as after it loaded its model', () => {
    const pace = new BatchPace(SETTINGS)
    pace.passed(32, 20_000)
    expect(pace.batchSize).toBe(1)
    pass(pace, 6)
    expect(pace.batchSize).toBe(32)
  })
})

test('whatever happens, sizes and calls are between one and the most', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('passed' as const), ms: fc.integer({ min: 0, max: 400_000 }) }),
    fc.record({ kind: fc.constantFrom('timeout' as const, 'too_long' as const) }),
    fc.record({ kind: fc.constant('refused' as const) }),
  )
  const settings = fc.record({
    batchSize: fc.integer({ min: 1, max: 1_024 }),
    embedConcurrency: fc.integer({ min: 1, max: 32 }),
    unhurriedMs: fc.integer({ min: 5, max: 30_000 }),
  })
  fc.assert(
    fc.property(settings, fc.array(event, { maxLength: 300 }), (settings, events) => {
      const pace = new BatchPace(settings)
      for (const one of events) {
        if (one.kind === 'passed') pace.passed(pace.batchSize, one.ms)
        else if (one.kind === 'refused') pace.refused()
        else pace.failed(pace.batchSize, one.kind)
        expect(Number.isInteger(pace.batchSize)).toBe(true)
        expect(pace.batchSize).toBeGreaterThanOrEqual(1)
        expect(pace.batchSize).toBeLessThanOrEqual(settings.batchSize)
        expect(pace.concurrency).toBeGreaterThanOrEqual(1)
        expect(pace.concurrency).toBeLessThanOrEqual(settings.embedConcurrency)
      }
    }),
  )
})
