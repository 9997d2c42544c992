import { array, assert, jsonValue, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame, FrameReader } from '../../src/db/embedded/protocol.js'

test('messages come out as they went in, however the bytes are cut', () => {
  assert(
    property(array(jsonValue()), array(nat(40)), (messages, cuts) => {
      const bytes = Buffer.concat(messages.flatMap((message) => encodeFrame(message)))
      const reader = new FrameReader()
      const read: unknown[] = []
      let at = 0
      for (const length of cuts) {
        read.push(...reader.read(bytes.subarray(at, at + length)))
        at += length
      }
      read.push(...reader.read(bytes.subarray(at)))
      expect(JSON.stringify(read)).toBe(JSON.stringify(messages))
    }),
  )
})

test('bytes that are no message are refused', () => {
  expect(() => new FrameReader().read(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow(RangeError)
  expect(() => new FrameReader().read(Buffer.from([0, 0, 0, 1, 65]))).toThrow(SyntaxError)
})
