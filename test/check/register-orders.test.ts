// Transactions on registers, where no read shows the order of versions. If no order explains the reads, the verdict is
// violated; if one does, it holds; otherwise it is unknown.
import { describe, expect, test } from 'vitest'
import type { MicroOp } from '../../src/history/act.ts'
import type { History } from '../../src/history/history.ts'
import { isolation, serializable, snapshotIsolation, strictSerializable } from '../../src/check/isolation.ts'
import { weakest } from '../../src/check/weakest.ts'
import type { ConsistencyModel } from '../../src/verdict/consistency.ts'
import { failureName } from '../../src/verdict/reason.ts'
import { full } from '../full.ts'
import { inTurn, together } from './build-transactions.ts'
import { storeHistory, type StoreShape } from './register-stores.ts'

const r = (key: string, value: unknown): MicroOp => ['r', key, value]
const w = (key: string, value: unknown): MicroOp => ['w', key, value]

/** Two writers of x, which also write a or b. Each reader saw a or b of one writer, and x of the other. */
const crossed = together(
  [0, [w('x', 9), w('a', 1)]],
  [1, [w('x', 1), w('b', 1)]],
  [2, [r('b', 1), r('x', 9)]],
  [3, [r('a', 1), r('x', 1)]],
)

const kindOf = (model: ConsistencyModel, history: History): string => isolation(model, model).check(history).kind

describe('reads that no order of versions explains', () => {
  test('are violated, and the reason says what contradicts each order', () => {
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

  test('are reported for the weakest models that forbid them, in every order', () => {
    const found = weakest(crossed)

    expect(found.kind).toBe('violated')
    expect(found.violated).toEqual(['read atomic', 'consistent view', 'repeatable read', 'causal'])
  })

  test('are found among other transactions, which the reason leaves out', () => {
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

  test('may need three writers, of which any two could be in either order', () => {
    // a, b and c are seen in a ring: each reader saw one writer, and x of the next
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

  test('may be explained by snapshots: two transactions that read the same and write different keys', () => {
    const skew = together(
      [0, [w('x', 1), w('y', 1)]],
      [1, [r('x', 1), r('y', 1), w('x', 2)]],
      [2, [r('x', 1), r('y', 1), w('y', 2)]],
    )

    expect([kindOf('serializable', skew), kindOf('snapshot isolation', skew)]).toEqual(['violated', 'holds'])
  })

  test('may need the order of a client, or of real time', () => {
    // client 1 reads 2 and then 1; nothing else orders them
    const back = inTurn([0, [w('x', 1)]], [2, [w('x', 2)]], [1, [r('x', 2)]], [1, [r('x', 1)]], [3, [r('x', 2)]])
    const models = ['serializable', 'strong session serializable', 'strict serializable'] as const

    expect(models.map((model) => kindOf(model, back))).toEqual(['holds', 'holds', 'violated'])
  })
})

describe('reads that an order explains', () => {
  const shapes: readonly Pick<StoreShape, 'transactions' | 'keys' | 'clients'>[] = [
    { transactions: 60, keys: 2, clients: 4 },
    { transactions: 300, keys: 5, clients: 10 },
    ...(full ? [{ transactions: 1_000, keys: 30, clients: 10 }] : []),
  ]

  test.each(shapes)('hold for a serial store: %o', (shape) => {
    for (let seed = 0; seed < (full ? 5 : 2); seed++) {
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

  test.each(shapes)('hold for a store with snapshots: %o', (shape) => {
    for (let seed = 0; seed < (full ? 5 : 2); seed++) {
      const history = storeHistory({ ...shape, isolation: 'snapshot', seed })
      for (const model of ['strong snapshot isolation', 'snapshot isolation', 'parallel snapshot isolation'] as const)
        expect([seed, model, kindOf(model, history)]).toEqual([seed, model, 'holds'])
    }
  })
})

describe('when the budget runs out', () => {
  test('the verdict is unknown, and says what could not be decided', () => {
    const verdict = serializable(undefined, { steps: 1 }).check(crossed)

    expect(verdict.kind).toBe('unknown')
    expect(verdict.reasons[0]?.text).toBe(
      'the budget of 1 steps ran out before an order of the 2 writes to "x" was found that explains what was read, or ' +
        'none was left to try: reads do not show the order of writes that overwrite each other. Give more { steps }; ' +
        'let transactions read what they write over; or append to lists.',
    )
  })

  test('a violation that needs no search is still found', () => {
    const stale = inTurn([0, [w('x', 1)]], [1, [r('x', null)]])

    expect(strictSerializable(undefined, { steps: 1 }).check(stale).kind).toBe('violated')
  })

  test('an invalid budget is refused', () => {
    expect(() => serializable(undefined, { steps: 0 })).toThrow(
      'serializable: the budget of steps is 0; give a number above 0.',
    )
  })
})
