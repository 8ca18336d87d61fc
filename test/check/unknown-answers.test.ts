// Operations without an answer, or with a damaged one: their result is not known, whatever the user's `as(...)`
// returns.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Act, Transaction } from '../../src/history/act.ts'
import { actsOf, conventionalAct } from '../../src/check/acts.ts'
import { check } from '../../src/check/check.ts'
import { strictSerializable } from '../../src/check/isolation.ts'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { casRegister } from '../../src/check/models/cas-register.ts'
import { mutex } from '../../src/check/models/mutex.ts'
import { register } from '../../src/check/models/register.ts'
import { readYourWrites } from '../../src/check/session/read-your-writes.ts'
import { uniqueIds } from '../../src/check/unique-ids.ts'
import { op } from '../../src/system/operation.ts'
import { answers, ends, garbled, historyOf, invoke, type Line } from './build-history.ts'
import { acts, did } from './build-transactions.ts'

/** An operation that was answered ok, but whose answer was damaged. */
function damaged(client: number, atMs: number, f: string, invocation: number, input?: unknown): readonly Line[] {
  return [
    invoke(atMs, f, invocation, input, client),
    garbled(atMs + 1, f, invocation),
    answers(atMs + 2, invocation, 'half'),
  ]
}

function unanswered(client: number, atMs: number, f: string, invocation: number, input?: unknown): readonly Line[] {
  return [invoke(atMs, f, invocation, input, client), ends(atMs + 2, 'info', invocation, 'timeout')]
}

/** One client reads these values, one after the other. */
function reads(atMs: number, ...values: readonly number[]): readonly Line[] {
  return values.flatMap((value, place) => acts(90, atMs + 10 * place, 'read', null, value))
}

const anything = (name: string) => op(name, fc.anything(), (): unknown => 0)

describe('a damaged answer', () => {
  test('is not passed to as(...)', () => {
    const heard: unknown[] = []
    actsOf(
      historyOf(...damaged(0, 0, 'read', 9), ...acts(0, 10, 'read', null, 7)),
      [anything('read').as((_, answer) => heard.push(answer))],
      () => 0,
    )

    expect(heard).toEqual([undefined, 7])
  })

  test('has no id', () => {
    const history = historyOf(
      ...damaged(0, 0, 'generate', 9),
      ...acts(0, 10, 'generate', null, 7),
      ...acts(0, 20, 'generate', null, 8),
    )

    expect(check(history, [uniqueIds()])[0]?.kind).toBe('holds')
    expect(check(history, [uniqueIds(anything('generate').as((_, answer) => answer))])[0]?.kind).toBe('holds')
  })

  test('of an acquire may have been false, and that of a cas as well', () => {
    const locked = historyOf(
      ...acts(0, 0, 'acquire', null, 1),
      ...damaged(1, 10, 'acquire', 9),
      ...acts(0, 20, 'release', 1),
    )

    expect(linearizable(mutex()).check(locked).kind).toBe('holds')

    for (const seen of [0, 1])
      expect(
        linearizable(casRegister(0)).check(
          historyOf(...damaged(0, 0, 'cas', 9, [seen, 2]), ...acts(0, 10, 'read', null, seen === 0 ? 2 : 0)),
        ).kind,
      ).toBe('holds')
  })
})

describe('an operation without an answer', () => {
  test('has no output, whatever as(...) returns for it', () => {
    const certain = anything('cas').as((input): Act => ({ f: 'cas', input, output: false }))
    const reading = anything('read').as((_, output): Act => ({ f: 'read', output }))
    const history = historyOf(...unanswered(0, 0, 'cas', 9, [0, 1]), ...acts(1, 20, 'read', null, 1))

    expect(linearizable(casRegister(0), [certain, reading]).check(history).kind).toBe('holds')
  })

  test('has no read values, whatever as(...) returns for it', () => {
    const reading = anything('read').as((): Transaction => [['r', 'x', 'from thin air']])
    const writing = anything('txn').as((input, answer) => (answer ?? input) as Transaction)
    const history = historyOf(
      ...unanswered(0, 0, 'read', 9),
      ...did(1, 10, ['w', 'x', 1]),
      ...did(1, 20, ['r', 'x', 1]),
    )
    for (const invariant of [readYourWrites([reading, writing]), strictSerializable([reading, writing])])
      expect(invariant.check(history).kind).toBe('holds')
  })

  test('is used once, even if there are more than a word has bits', () => {
    const many = Array.from({ length: 40 }, (_, place) => unanswered(place, place, 'write', place, place)).flat()
    const reading = (...values: readonly number[]) =>
      linearizable(register()).check(historyOf(...many, ...reads(100, ...values))).kind

    expect(reading(32, 0, 7, 39)).toBe('holds')
    expect(reading(0, 32, 7, 32)).toBe('violated')
    expect(reading(32, 0, 0, 7, 0)).toBe('violated')
  })
})

test('more open operations than a word has bits each take effect once', () => {
  const begun = Array.from({ length: 40 }, (_, place) => invoke(place, 'read', place, null, place))
  const ended = Array.from({ length: 40 }, (_, place) => answers(200 + place, place, null))
  const reading = (last: number) =>
    linearizable(register()).check(
      historyOf(
        ...begun,
        invoke(90, 'write', 80, 9, 80),
        ...reads(100, 9),
        ...acts(91, 120, 'write', 8),
        ...reads(130, last),
        ...ended,
        ends(300, 'ok', 80),
      ),
    ).kind

  expect(reading(8)).toBe('holds')
  expect(reading(9)).toBe('violated')
})

test('values that JSON cannot tell apart are equal: undefined and null, 0 and -0', () => {
  expect(
    linearizable(register(0)).check(historyOf(...acts(0, 0, 'write', undefined), ...acts(0, 10, 'read', null))).kind,
  ).toBe('holds')
  expect(
    linearizable(register()).check(historyOf(...acts(0, 0, 'write', -0), ...acts(0, 10, 'read', null, 0))).kind,
  ).toBe('holds')
  expect(
    linearizable(register()).check(historyOf(...acts(0, 0, 'write', [1n]), ...acts(0, 10, 'read', null, [1]))).kind,
  ).toBe('violated')
  expect(actsOf(historyOf(...acts(0, 0, 'read', null)), undefined, conventionalAct)[0]?.act.output).toBeNull()
})
