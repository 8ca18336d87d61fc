// Small random histories of reads, writes and appends: few clients, few keys, every way to end; what is read is now and then wrong.
// For tests only.
import * as fc from 'fast-check'
import type { MicroOp } from '../../../src/act.ts'
import type { History } from '../../../src/history.ts'
import { ends, historyOf, invoke, type Line } from '../build-history.ts'

interface RandomMicro {
  readonly write: boolean
  readonly key: 'x' | 'y'
  /** Which of the written values is read, and how long a list. */
  readonly pick: number
}

interface RandomTransaction {
  readonly client: number
  readonly gapMs: number
  readonly takesMs: number
  readonly fate: 'ok' | 'fail' | 'info' | 'open'
  readonly micros: readonly RandomMicro[]
}

export interface Shape {
  readonly clients: number
  readonly transactions: number
  readonly keys: 1 | 2
  readonly steps: number
  readonly kind: 'register' | 'list' | 'either'
  /** Drawn from for each step: whether it writes. */
  readonly writesIn: readonly boolean[]
}

/** Histories of one shape. */
export function transactionsOf({ clients, transactions, keys, steps, kind, writesIn }: Shape): fc.Arbitrary<History> {
  const micro: fc.Arbitrary<RandomMicro> = fc.record({
    write: fc.constantFrom(...writesIn), key: keys === 1 ? fc.constant('x' as const) : fc.constantFrom('x' as const, 'x' as const, 'y' as const), pick: fc.nat(40),
  })
  const transaction: fc.Arbitrary<RandomTransaction> = fc.record({
    client: fc.nat(clients - 1), gapMs: fc.nat(3), takesMs: fc.nat(6),
    fate: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'fail', 'info', 'open'),
    micros: fc.array(micro, { minLength: 1, maxLength: steps, size: 'max' }),
  })
  return fc.record({
    all: fc.array(transaction, { maxLength: transactions, size: 'max' }),
    list: kind === 'either' ? fc.boolean() : fc.constant(kind === 'list'),
    twice: fc.nat(9), odd: fc.nat(6), turned: fc.boolean(),
  }).map((recipe) => historyFrom(recipe))
}

interface Recipe {
  readonly all: readonly RandomTransaction[]
  readonly list: boolean
  readonly twice: number
  readonly odd: number
  readonly turned: boolean
}

interface Timed {
  readonly atMs: number
  readonly line: Line
}

function historyFrom({ all, list, twice, odd, turned }: Recipe): History {
  const valued = withValues(all, twice === 0)
  const written = (key: string): number[] => {
    const values = valued.filter(({ fate }) => fate !== 'fail' || odd === 0).flatMap(({ micros }) => micros.filter((one) => one.write && one.key === key).map(({ value }) => value))
    return turned ? values.toReversed() : values
  }
  const free = new Map<number, number>()
  const timed = valued.flatMap(({ client, gapMs, takesMs, fate, micros }, id): Timed[] => {
    const begins = free.get(client) ?? 0
    if (begins === Infinity) return []
    const startMs = begins + gapMs
    free.set(client, fate === 'open' ? Infinity : startMs + takesMs + 1)
    const asked = micros.map((one): MicroOp => (one.write ? [list ? 'append' : 'w', one.key, one.value] : ['r', one.key, null]))
    const answer = micros.map((one): MicroOp => (one.write ? [list ? 'append' : 'w', one.key, one.value] : ['r', one.key, read(written(one.key), one.pick, list, odd === 1)]))
    const begin = { atMs: startMs, line: invoke(startMs, 'txn', id, asked, client) }
    const endMs = startMs + takesMs
    return fate === 'open' ? [begin] : [begin, { atMs: endMs, line: ends(endMs, fate, id, undefined, fate === 'ok' ? answer : undefined) }]
  })
  return historyOf(...timed.toSorted((a, b) => a.atMs - b.atMs).map(({ line }) => line))
}

interface Valued extends Omit<RandomTransaction, 'micros'> {
  readonly micros: readonly (RandomMicro & { readonly value: number })[]
}

/** Twins try every order. */
const mostWrites = 5

function withValues(all: readonly RandomTransaction[], twice: boolean): readonly Valued[] {
  let next = 0
  return all.map((one) => ({
    ...one, micros: one.micros.map((micro) => {
      const write = micro.write && next < mostWrites
      next += write ? 1 : 0
      return { ...micro, write, value: twice && next === 2 ? 1 : next }
    }),
  }))
}

/** What a read shows: one of the values, nothing; or a beginning of the list, sometimes another part of it, sometimes anything. */
function read(values: readonly number[], pick: number, list: boolean, odd: boolean): unknown {
  if (odd && pick === 0) return list ? [99] : 99
  if (list) return odd && pick === 1 ? values.slice(1) : odd && pick === 2 ? [...values, ...values] : values.slice(0, pick % (values.length + 1))
  return [null, ...values][pick % (values.length + 1)]
}
