import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SharedReads } from '../../src/http/page/shared-reads.js'

/** Reads that end when they are let go, each giving its number. */
function reads() {
  const begun: ((error?: Error) => void)[] = []
  const read = () =>
    new Promise<number>((resolve, reject) => {
      const number = begun.length + 1
      begun.push((error) => (error ? reject(error) : resolve(number)))
    })
  return { begun, read, end: (error?: Error) => begun.at(-1)!(error) }
}

const never = new AbortController().signal

test('who asks while a read is under way shares it', async () => {
  const { begun, read, end } = reads()
  const shared = new SharedReads<number>(never)
  const both = [shared.latest('a', read), shared.latest('a', read)]
  end()
  expect(await Promise.all(both)).toEqual([1, 1])
  expect(begun).toHaveLength(1)
})

test('who was told of a change gets what is read from then on, after a rest', async () => {
  const { begun, read, end } = reads()
  const shared = new SharedReads<number>(never)
  const first = shared.latest('a', read)
  const fresh = [shared.fresh('a', read), shared.fresh('a', read)]
  await delay(1) // as a read takes
  end()
  expect(await first).toBe(1)
  expect(begun).toHaveLength(1)
  await expect.poll(() => begun.length).toBe(2)
  end()
  expect(await Promise.all(fresh)).toEqual([2, 2])
})

test('a server that stops does not rest', async () => {
  const stopping = new AbortController()
  const { begun, read, end } = reads()
  const shared = new SharedReads<number>(stopping.signal)
  const first = shared.latest('a', read)
  await delay(200) // as a read takes; the rest would be longer than the test waits
  end()
  await first
  const fresh = shared.fresh('a', read)
  stopping.abort()
  await expect.poll(() => begun.length, { timeout: 500 }).toBe(2)
  end()
  expect(await fresh).toBe(2)
})

test('after a change of one’s own, and after a failure, it is read anew', async () => {
  const { read, end } = reads()
  const shared = new SharedReads<number>(never)
  const first = shared.latest('a', read)
  shared.forget()
  const second = shared.latest('a', read)
  end(new Error('the database is away'))
  await expect(second).rejects.toThrow('the database is away')
  const third = shared.latest('a', read)
  end()
  expect(await third).toBe(3)
  void first
})
