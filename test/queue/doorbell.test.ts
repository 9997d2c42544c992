import { describe, expect, test } from 'vitest'
import { Doorbell, sleep } from '../../src/queue/doorbell.js'

const never = new AbortController().signal

describe('a ring', () => {
  test('wakes the sleeper, each time it sleeps', async () => {
    const bell = new Doorbell()
    for (let n = 0; n < 3; n++) {
      const asleep = bell.sleep(Infinity, bell.rings, never)
      bell.ring()
      await asleep
    }
    expect(bell.rings).toBe(3)
  })

  test('between the look and the sleep is not missed', async () => {
    const bell = new Doorbell()
    const since = bell.rings
    bell.ring()
    await bell.sleep(Infinity, since, never)
  })
})

test('a sleep ends with its time, with its signal, and at once when that has aborted', async () => {
  const bell = new Doorbell()
  await bell.sleep(1, bell.rings, never)
  const stop = new AbortController()
  const asleep = bell.sleep(Infinity, bell.rings, stop.signal)
  stop.abort()
  await asleep
  await bell.sleep(Infinity, bell.rings, stop.signal)
  await sleep(Infinity, stop.signal)
  // Nobody is left to be woken.
  bell.ring()
})
