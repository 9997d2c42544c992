import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { retryDelayMs } from '../../src/queue/retry-delay.js'

const settings = fc.record({
  retryBaseMs: fc.integer({ min: 1, max: 3_600_000 }),
  maxRetries: fc.integer({ min: 0, max: 20 }),
})
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('the waits are 5, 10, 20, 40 and 80 s, and then there is none', () => {
  const settings = { retryBaseMs: 5_000, maxRetries: 5 }
  const waits = [1, 2, 3, 4, 5, 6].map((failures) => retryDelayMs(failures, settings, () => 0.5))
  expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, null])
})

test('a wait doubles with each failure up to an hour and strays from that by 20 % at most', () => {
  fc.assert(
    fc.property(settings, fc.integer({ min: 1, max: 20 }), random, (settings, failures, chance) => {
      const wait = retryDelayMs(failures, settings, () => chance)
      if (failures > settings.maxRetries) {
        expect(wait).toBeNull()
        return
      }
      const plain = Math.min(3_600_000, settings.retryBaseMs * 2 ** (failures - 1))
      expect(wait).toBeGreaterThanOrEqual(plain * 0.8)
      expect(wait).toBeLessThanOrEqual(plain * 1.2)
    }),
  )
})

test('jobs that failed together do not return together', () => {
  const settings = { retryBaseMs: 5_000, maxRetries: 5 }
  const waits = new Set(Array.from({ length: 20 }, () => retryDelayMs(1, settings)))
  expect(waits.size).toBeGreaterThan(10)
})

test('without retries the first failure is the last', () => {
  expect(retryDelayMs(1, { retryBaseMs: 5_000, maxRetries: 0 })).toBeNull()
})
