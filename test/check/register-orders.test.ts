// Transactions on registers, of which no read shows the order of the versions: what no order explains is violated, what
// one explains holds, and the rest is unknown.
import { describe, expect, test } from 'vitest'
import type { MicroOp } from '../../src/history/act.ts'
import type { History } from '../../src/history/history.ts'
import { isolation, serializable, snapshotIsolation, strictSerializable } from '../../src/check/isolation.ts'
import { weakest } from '../../src/check/weakest.ts'
import type { ConsistencyModel } from '../../src/verdict/consistency.ts'
import { failureName } from '../../src/verdict/reason.ts'
import { inTurn, together } from './build-transactions.ts'
import { storeHistory, type StoreShape } from './register-stores.ts'

const r = (key: string, value: unknown): MicroOp => ['r', key, value]
const w = (key: string, value: unknown): MicroOp => ['w', key, value]

/** Two writers of x, told apart by a and b; each reader saw one of them, and of x what the other wrote. */
const crossed = together(
  [0, [w('x', 9), w('a', 1)]],
  [1, [w('x', 1), w('b', 1)]],
  [2, [r('b', 1), r('x', 9)]],
  [3, [r('a', 1), r('x', 1)]],
)

const kindOf = (model: ConsistencyModel, history: History): string => isolation(model, model).check(history).kind

describe('what no order of the versions explains', () => {
  test('is violated, and the reason says what contradicts either order', () => {
    const verdict = serializable().check(crossed)

    expect(verdict.kind).toBe('violated')
    expect(verdict.reasons.map(failureName)).toEqual(['anomaly fractured read'])
    expect(verdict.reasons[0]?.text).toBe(
      'fractured read: no order of the writes to "x" explains what was read. If T1 wrote 9 to "x" before T2 wrote 1: ' +
        'T2 wrote 1 to "b", which T3 read; T3 read "x" as 9, over which T2 wrote 1. If T2 wrote 1 to "x" before T1 wrote ' +
        '9: T1 wrote 1 to "a", which T4 read; T4 read "x" as 1, over which T1 wrote 9. In each case some transaction ' +
        'would have to come before itself. Here T1 is txn of client 0 at 0.000 s, T2 is txn of client 1 at 0.001 s, T3 ' +
        'is txn of client 2 at 0.002 s and T4 is txn of client 3 at 0.003 s.',
    )
    expect(verdict.reasons[0]?.events).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(snapshotIsolation().check(crossed).kind).toBe('violated')
  })

  test('breaks the weakest models that forbid it, in every order', () => {
    const found = weakest(crossed)

    expect(found.kind).toBe('violated')
    expect(found.violated).toEqual(['read atomic', 'consistent view', 'repeatable read', 'causal'])
  })

  test('is found behind other transactions, and they are left out of the reason', () => {
    const others = Array.from({ length: 30 }, (_, n) => [4 + n, [r('x', n % 2 === 0 ? 1 : 9), w(`y${n}`, n)]] as const)
    const [reason] = serializable().check(
      together(
        [0, [w('x', 9), w('a', 1)]],
        [1, [w('x', 1), w('b', 1)]],
        [2, [r('b', 1), r('x', 9)]],
        [3, [r('a', 1), r('x', 1)]],
        ...others,
      ),
    ).reasons

    expect(reason?.text).toMatch(/Here T1 is .* and T4 is txn of client 3 at 0\.003 s\.$/)
  })

  test('needs three writers, of which each two could be in either order', () => {
    // a, b and c are seen in a ring: each reader saw one writer of x and read what another wrote
    const ring = together(
      [0, [w('x', 1), w('a', 1)]],
      [1, [w('x', 2), w('b', 1)]],
      [2, [w('x', 3), w('c', 1)]],
      [3, [r('a', 1), r('x', 2)]],
      [4, [r('b', 1), r('x', 3)]],
      [5, [r('c', 1), r('x', 1)]],
    )

    expect(kindOf('serializable', ring)).toBe('violated')
    expect(kindOf('snapshot isolation', ring)).toBe('violated')
  })

  test('may be explained by snapshots: two that read the same and write apart', () => {
    const skew = together(
      [0, [w('x', 1), w('y', 1)]],
      [1, [r('x', 1), r('y', 1), w('x', 2)]],
      [2, [r('x', 1), r('y', 1), w('y', 2)]],
    )

    expect([kindOf('serializable', skew), kindOf('snapshot isolation', skew)]).toEqual(['violated', 'holds'])
  })

  test('may need the order of a client, or that of time', () => {
    // client 1 sees 2 and then 1; nothing else orders them
    const back = inTurn([0, [w('x', 1)]], [2, [w('x', 2)]], [1, [r('x', 2)]], [1, [r('x', 1)]], [3, [r('x', 2)]])
    const models = ['serializable', 'strong session serializable', 'strict serializable'] as const

    expect(models.map((model) => kindOf(model, back))).toEqual(['holds', 'holds', 'violated'])
  })
})

describe('what an order explains', () => {
  const shapes: readonly Pick<StoreShape, 'transactions' | 'keys' | 'clients'>[] = [
    { transactions: 60, keys: 2, clients: 4 },
    { transactions: 300, keys: 5, clients: 10 },
    { transactions: 1_000, keys: 30, clients: 10 },
  ]

  test.each(shapes)('holds for a store that does one after the other: %o', (shape) => {
    for (let seed = 0; seed < 5; seed++) {
      const history = storeHistory({ ...shape, isolation: 'serial', seed })
      for (const model of [
        'strict serializable',
        'serializable',
        'strong snapshot isolation',
        'parallel snapshot isolation',
      ] as const)
        expect([seed, model, kindOf(model, history)]).toEqual([seed, model, 'holds'])
      expect(weakest(history).kind).toBe('holds')
    }
  })

  test.each(shapes)('holds for snapshots: %o', (shape) => {
    for (let seed = 0; seed < 5; seed++) {
      const history = storeHistory({ ...shape, isolation: 'snapshot', seed })
      for (const model of ['strong snapshot isolation', 'snapshot isolation', 'parallel snapshot isolation'] as const)
        expect([seed, model, kindOf(model, history)]).toEqual([seed, model, 'holds'])
    }
  })
})

describe('where the budget runs out', () => {
  test('nothing holds: it is unknown, with what is not known', () => {
    const verdict = serializable(undefined, { steps: 1 }).check(crossed)

    expect(verdict.kind).toBe('unknown')
    expect(verdict.reasons[0]?.text).toBe(
      'the budget of 1 steps ran out before an order of the 2 writes to "x" was found that explains what was read, or ' +
        'none was left to try: reads do not show the order of writes that overwrite each other. Give more { steps }; ' +
        'let transactions read what they write over; or append to lists.',
    )
  })

  test('what is known without a search is violated all the same', () => {
    const stale = inTurn([0, [w('x', 1)]], [1, [r('x', null)]])

    expect(strictSerializable(undefined, { steps: 1 }).check(stale).kind).toBe('violated')
  })

  test('a budget that is none is refused', () => {
    expect(() => serializable(undefined, { steps: 0 })).toThrow(
      'serializable: the budget of steps is 0; give a number above 0.',
    )
  })
})
