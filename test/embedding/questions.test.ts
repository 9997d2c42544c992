import { afterEach, expect, test, vi } from 'vitest'
import { Questions } from '../../src/embedding/questions.js'

afterEach(() => {
  vi.useRealTimers()
})

/** Whether the wait of a batch is over, once all that was due has run. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  return Promise.race([waiting.then(() => true), Promise.resolve().then(() => false)])
}

test('a batch does not wait where nobody asks', async () => {
  const questions = new Questions()
  const before = questions.begin()
  before[Symbol.dispose]()
  await questions.letEnd()
})

test('a batch waits until the last question under way is answered', async () => {
  vi.useFakeTimers()
  const questions = new Questions()
  const [first, second] = [questions.begin(), questions.begin()]
  const waiting = questions.letEnd()
  first[Symbol.dispose]()
  expect(await isOver(waiting)).toBe(false)
  second[Symbol.dispose]()
  await waiting
  expect(vi.getTimerCount()).toBe(0)
})

test('a batch goes on beside questions that do not end', async () => {
  vi.useFakeTimers()
  const questions = new Questions()
  using _endless = questions.begin()
  const waiting = questions.letEnd()
  expect(await isOver(waiting)).toBe(false)
  await vi.advanceTimersByTimeAsync(1_000)
  await waiting
})
