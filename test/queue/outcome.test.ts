import { describe, expect, test } from 'vitest'
import { InputError, UnavailableError } from '../../src/errors.js'
import { DiscardJob, LeaseLost, SnoozeJob, YieldJob } from '../../src/queue/jobs.js'
import { outcomeOf } from '../../src/queue/outcome.js'

const settings = { maxRetries: 2, retryBaseMs: 1_000 }
const running = { ...settings, isStopping: false }
const stopping = { ...settings, isStopping: true }

describe('an error of a job decides what becomes of it:', () => {
  const cases: [name: string, error: unknown, outcome: object][] = [
    ['a lost lease: nothing', new LeaseLost(), { kind: 'lease_lost' }],
    [
      'a turn that is over: it goes on later',
      new YieldJob(['abc'], 'bad text'),
      { kind: 'yielded', leftOut: ['abc'], reason: 'bad text' },
    ],
    [
      'a provider that is down: it waits',
      new SnoozeJob('no Ollama', 7),
      { kind: 'snoozed', reason: 'no Ollama', delayMs: 7 },
    ],
    [
      'a database that is away: it is given back',
      new UnavailableError('restarting'),
      { kind: 'given_back', reason: 'restarting' },
    ],
    [
      'work that can never succeed: it has failed',
      new DiscardJob('gone'),
      { kind: 'failed', error: 'gone' },
    ],
    [
      'input that is refused: it has failed',
      new InputError('bad'),
      { kind: 'failed', error: 'bad' },
    ],
    [
      'anything else: it is tried again',
      new Error('odd'),
      { kind: 'retrying', error: 'odd', delayMs: expect.any(Number) },
    ],
    ['what is no error too', 'odd', { kind: 'retrying', error: 'odd' }],
  ]
  test.each(cases)('%s', (_, error, outcome) => {
    expect(outcomeOf(error, { attempts: 0 }, running)).toMatchObject(outcome)
  })

  test('after the last retry it has failed', () => {
    expect(outcomeOf(new Error('odd'), { attempts: 1 }, running)).toMatchObject({
      kind: 'retrying',
    })
    expect(outcomeOf(new Error('odd'), { attempts: 2 }, running)).toEqual({
      kind: 'failed',
      error: 'odd',
    })
  })

  test('while the worker stops every error gives it back, but one: the lease is lost', () => {
    for (const error of [new Error('aborted'), new SnoozeJob('down', 5), new DiscardJob('gone')]) {
      expect(outcomeOf(error, { attempts: 0 }, stopping)).toMatchObject({ kind: 'given_back' })
    }
    expect(outcomeOf(new LeaseLost(), { attempts: 0 }, stopping)).toEqual({ kind: 'lease_lost' })
  })
})
