// Models for the command line: several registers at once, a sum that is conserved, and long forks.
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { conservedReads } from '../../src/check/conserved-reads.ts'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { sequential } from '../../src/check/linearizable/sequential.ts'
import { longFork } from '../../src/check/long-fork.ts'
import { counter } from '../../src/check/models/counter.ts'
import { multiRegister } from '../../src/check/models/multi-register.ts'
import type { MicroOp } from '../../src/history/act.ts'
import { readHistory } from '../../src/read/read-history.ts'
import { failureName } from '../../src/verdict/reason.ts'
import type { Invariant, Verdict } from '../../src/verdict/verdict.ts'
import { compare } from './brute-force/agree.ts'
import { smallStores } from './brute-force/random-stores.ts'
import { isSerializable, realTime, session, txs } from './brute-force/transaction-twins.ts'
import { acts } from './build-transactions.ts'
import { historyOf, type Line } from './build-history.ts'

const judged = (invariant: Invariant, ...lines: readonly (readonly Line[])[]): Verdict | undefined =>
  check(historyOf(...lines.flat()), [invariant])[0]

const edn = (...ops: readonly (readonly [process: number, type: string, f: string, value: string])[]): string =>
  ops.map(([process, type, f, value]) => `{:process ${process}, :type :${type}, :f :${f}, :value ${value}}`).join('\n')

describe('multi-register', () => {
  test('agrees with the definition of strict serializability', () => {
    compare('multi-register', smallStores('register'), (history) => {
      const all = txs(history)
      if (!all.some(({ fate }) => fate === 'ok')) return
      const [linear, sequence] = check(history, [linearizable(multiRegister()), sequential(multiRegister())])
      expect(linear?.kind).toBe(isSerializable(all, realTime) ? 'holds' : 'violated')
      expect(sequence?.kind).toBe(isSerializable(all, session) ? 'holds' : 'violated')
    })
  }, 60_000)

  test('starts from the given values, and accepts long names of micro-operations, and lists in read and write', () => {
    const both = acts(
      0,
      0,
      'txn',
      [
        ['read', 'x', null],
        ['write', 'y', 2],
      ],
      [
        ['read', 'x', 1],
        ['write', 'y', 2],
      ],
    )
    const seen = acts(
      1,
      10,
      'read',
      [
        ['r', 'y', null],
        ['r', 'z', null],
      ],
      [
        ['r', 'y', 2],
        ['r', 'z', null],
      ],
    )

    expect(judged(linearizable(multiRegister({ x: 1 })), both, seen)?.kind).toBe('holds')
    expect(judged(linearizable(multiRegister()), both, seen)?.kind).toBe('violated')
  })

  test('a nil read of EDN is not known, as for Knossos', () => {
    const text = edn(
      [0, 'invoke', 'txn', '[[:w :x 1] [:w :y 1]]'],
      [0, 'ok', 'txn', '[[:w :x 1] [:w :y 1]]'],
      [1, 'invoke', 'txn', '[[:r :x nil] [:r :y nil]]'],
      [1, 'ok', 'txn', '[[:r :x nil] [:r :y 1]]'],
    )
    const kindOf = (nilUnknown: boolean): string | undefined =>
      check(readHistory(text, { nilUnknown }), [linearizable(multiRegister())])[0]?.kind

    expect([kindOf(true), kindOf(false)]).toEqual(['holds', 'violated'])
  })

  test('says which acts it has', () => {
    const verdict = judged(linearizable(multiRegister()), acts(0, 0, 'txn', { x: 1 }, 1))

    expect(verdict?.reasons[0]?.text).toContain('give a list of ["r", register, value] and ["w", register, value].')
  })
})

describe('a sum that is kept', () => {
  const read = (atMs: number, output: unknown): readonly Line[] => acts(1, atMs, 'read', null, output)

  test('holds whenever transfers become visible', () => {
    const moved = acts(0, 0, 'transfer', { from: 'a', to: 'b', amount: 1 }, true)

    expect(
      judged(conservedReads({ a: 10, b: 10 }), moved, read(10, { a: 10, b: 10 }), read(20, { a: 9, b: 11 }))?.kind,
    ).toBe('holds')
  })

  test.each([
    [{ a: 9, b: 10 }, 'below-total read', 'read {"a":9,"b":10} at 0.015 s, which sums to 19; expected 20.'],
    [{ a: 9, b: 12 }, 'above-total read', 'which sums to 21; expected 20.'],
    [{ a: 10, b: null }, 'below-total read', 'which sums to 10; expected 20.'],
    [null, 'below-total read', 'read null at 0.015 s, which sums to 0; expected 20.'],
  ])('%j', (balances, failure, text) => {
    const verdict = judged(conservedReads({ a: 10, b: 10 }), read(0, [12, 8]), read(10, balances))

    expect(verdict?.kind).toBe('violated')
    expect(verdict?.reasons.map(failureName)).toEqual([failure])
    expect(verdict?.reasons[0]?.text).toContain(text)
  })

  test('takes the sum of the first read if none is given', () => {
    expect(judged(conservedReads(), read(0, { a: 1 }), read(10, { b: 1 }))?.kind).toBe('holds')
    expect(judged(conservedReads(), read(0, { a: 1 }), read(10, { a: 2 }))?.reasons[0]?.text).toBe(
      'read of client 1 read {"a":2} at 0.015 s, which sums to 2; expected 1, as read of client 1 read at 0.005 s.',
    )
  })

  test('compares exactly, however large the sum', () => {
    const large = 9_007_199_254_740_993n

    expect(judged(conservedReads(large), read(0, { a: large - 1n, b: 1 }))?.kind).toBe('holds')
    expect(judged(conservedReads(large), read(0, { a: large - 1n, b: 0 }))?.kind).toBe('violated')
  })

  test('is vacuous without reads, and unknown when a read does not return balances', () => {
    expect(judged(conservedReads(20), acts(0, 0, 'transfer', {}, true))?.kind).toBe('vacuous')
    expect(judged(conservedReads(20), read(0, 'many'))?.kind).toBe('unknown')
    expect(() => conservedReads('20')).toThrow('conservedReads: the total is "20"; give a number')
  })
})

describe('long forks', () => {
  const txn = (client: number, ...micros: readonly MicroOp[]): readonly Line[] =>
    acts(
      client,
      10 * client,
      'txn',
      micros.map(([f, key, value]) => [f, key, f === 'r' ? null : value]),
      micros,
    )
  const writes = [txn(0, ['w', 'x', 1]), txn(1, ['w', 'y', 1]), txn(2, ['w', 'z', 1])]

  test('two readers that each see only one write are a long fork', () => {
    const verdict = judged(
      longFork(),
      ...writes,
      txn(3, ['r', 'x', 1], ['r', 'y', null], ['r', 'z', 1]),
      txn(4, ['r', 'z', null], ['r', 'y', 1], ['r', 'x', null]),
    )

    expect(verdict?.reasons.map(failureName)).toEqual(['anomaly long fork', 'anomaly long fork'])
    expect(verdict?.reasons[0]?.text).toBe(
      'long fork: txn of client 3 read 1 of "z" and nothing of "y" at 0.035 s, and txn of client 4 read 1 of "y" and ' +
        'nothing of "z" at 0.045 s. So the write to "z" is before that to "y", and that to "y" before that to "z": a ' +
        'contradiction.',
    )
  })

  test('readers that see more and more are not, nor are readers of other keys', () => {
    const grown = judged(
      longFork(),
      ...writes,
      txn(3, ['r', 'x', null], ['r', 'y', null]),
      txn(4, ['r', 'x', 1], ['r', 'y', null]),
      txn(5, ['r', 'y', 1], ['r', 'x', 1], ['r', 'z', null]),
      txn(6, ['r', 'z', 1], ['r', 'w', null]),
    )

    expect(grown?.kind).toBe('holds')
  })

  test("as Jepsen's workload records them: read and write with lists, nil is nothing yet", () => {
    const text = edn(
      ...[0, 1].flatMap((key): [number, string, string, string][] => [
        [key, 'invoke', 'write', `[[:w ${key} 1]]`],
        [key, 'ok', 'write', `[[:w ${key} 1]]`],
      ]),
      [2, 'invoke', 'read', '[[:r 0 nil] [:r 1 nil]]'],
      [2, 'ok', 'read', '[[:r 0 1] [:r 1 nil]]'],
      [3, 'invoke', 'read', '[[:r 1 nil] [:r 0 nil]]'],
      [3, 'ok', 'read', '[[:r 1 1] [:r 0 nil]]'],
    )

    expect(check(readHistory(text), [longFork()])[0]?.kind).toBe('violated')
  })

  test('the initial value can be given', () => {
    const readers = [txn(3, ['r', 'x', 1], ['r', 'y', 0]), txn(4, ['r', 'x', 0], ['r', 'y', 1])]

    expect([0, null].map((initial) => judged(longFork(initial), ...writes, ...readers)?.kind)).toEqual([
      'violated',
      'holds',
    ])
  })

  test('are refused when a key is written twice, and vacuous when nobody reads two keys', () => {
    expect(judged(longFork(), ...writes, txn(3, ['w', 'x', 2]))?.reasons[0]?.text).toContain(
      'writes "x", which txn of client 0 (event 0) writes as well; longFork needs keys that are written once',
    )
    expect(judged(longFork(), ...writes, txn(3, ['r', 'x', 1]))?.kind).toBe('vacuous')
  })
})

test('a counter is exact beyond 2^53, and takes small bigints for numbers', () => {
  const added = (...amounts: readonly (number | bigint)[]): readonly (readonly Line[])[] =>
    amounts.map((amount, n) => acts(0, 10 * n, 'add', amount, null))
  const read = (value: number | bigint): readonly Line[] => acts(1, 100, 'read', null, value)
  const most = Number.MAX_SAFE_INTEGER

  expect(judged(linearizable(counter()), ...added(most, 2), read(9_007_199_254_740_993n))?.kind).toBe('holds')
  expect(judged(linearizable(counter()), ...added(most, 2), read(9_007_199_254_740_992n))?.kind).toBe('violated')
  expect(judged(linearizable(counter()), ...added(1n, 2n), read(3n))?.kind).toBe('holds')
  expect(judged(linearizable(counter(9_007_199_254_740_993n)), ...added(-2), read(most))?.kind).toBe('holds')
})
