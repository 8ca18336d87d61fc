// Small random histories of reads, writes and appends: few clients, few keys, every way to end, and some wrong reads.
// For tests only.
import * as fc from 'fast-check'
import type { MicroOp } from '../../../src/history/act.ts'
import type { History } from '../../../src/history/history.ts'
import { answers, ends, historyOf, invoke, type Line } from '../build-history.ts'

interface RandomMicro {
  readonly write: boolean
  readonly key: 'x' | 'y'
  /** Decides which of the written values is read, and how long a list is. */
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
  /** @default 0 */
  readonly atLeast?: number
  /** The most writes: twins try every order of them. @default 5 */
  readonly writes?: number
  readonly keys: 1 | 2
  readonly steps: number
  readonly kind: 'register' | 'list' | 'either'
  /** For each step, whether it writes is drawn from these. */
  readonly writesIn: readonly boolean[]
}

/** Histories of one shape. */
export function transactionsOf({
  clients,
  transactions,
  atLeast = 0,
  writes = 5,
  keys,
  steps,
  kind,
  writesIn,
}: Shape): fc.Arbitrary<History> {
  const micro: fc.Arbitrary<RandomMicro> = fc.record({
    write: fc.constantFrom(...writesIn),
    key: keys === 1 ? fc.constant('x' as const) : fc.constantFrom('x' as const, 'x' as const, 'y' as const),
    pick: fc.nat(40),
  })
  const transaction: fc.Arbitrary<RandomTransaction> = fc.record({
    client: fc.nat(clients - 1),
    gapMs: fc.nat(3),
    takesMs: fc.nat(6),
    fate: fc.constantFrom(...Array.from({ length: 24 }, () => 'ok' as const), 'fail', 'info', 'info', 'open'),
    micros: fc.array(micro, { minLength: 1, maxLength: steps, size: 'max' }),
  })
  return fc
    .record({
      all: fc.array(transaction, { minLength: atLeast, maxLength: transactions, size: 'max' }),
      list: kind === 'either' ? fc.boolean() : fc.constant(kind === 'list'),
      twice: fc.nat(9),
      odd: fc.nat(6),
      turned: fc.boolean(),
    })
    .map((recipe) => historyFrom(recipe, writes))
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

function historyFrom({ all, list, twice, odd, turned }: Recipe, writes: number): History {
  const placed = inTime(withValues(all, twice === 0, writes))
  const known = (key: string, endMs: number): number[] => {
    const writers = placed.filter(({ fate, startMs }) => (fate !== 'fail' && startMs <= endMs) || odd === 0)
    const values = writers.flatMap(({ micros }) =>
      micros.filter((one) => one.write && one.key === key).map(({ value }) => value),
    )
    return turned ? values.toReversed() : values
  }
  const timed = placed.flatMap(({ client, startMs, endMs, fate, micros }, id): Timed[] => {
    const wrote = (one: Valued['micros'][number]): MicroOp => [list ? 'append' : 'w', one.key, one.value]
    const begin = {
      atMs: startMs,
      line: invoke(
        startMs,
        'txn',
        id,
        micros.map((one): MicroOp => (one.write ? wrote(one) : ['r', one.key, null])),
        client,
      ),
    }
    const answer = micros.map((one): MicroOp =>
      one.write ? wrote(one) : ['r', one.key, read(known(one.key, endMs), one.pick, list, odd === 1)],
    )
    return fate === 'open'
      ? [begin]
      : [begin, { atMs: endMs, line: ends(endMs, fate, id, undefined, fate === 'ok' ? answer : undefined) }]
  })
  return historyOf(...timed.toSorted((a, b) => a.atMs - b.atMs).map(({ line }) => line))
}

interface InTime extends Valued {
  readonly startMs: number
  readonly endMs: number
}

/** Each client does one thing at a time, and nothing after an operation that stays open. */
function inTime(all: readonly Valued[]): readonly InTime[] {
  const free = new Map<number, number>()
  return all.flatMap((one) => {
    const startMs = (free.get(one.client) ?? 0) + one.gapMs
    const endMs = startMs + one.takesMs
    free.set(one.client, one.fate === 'open' ? Infinity : endMs + 1)
    return startMs === Infinity ? [] : [{ ...one, startMs, endMs }]
  })
}

interface Valued extends Omit<RandomTransaction, 'micros'> {
  readonly micros: readonly (RandomMicro & { readonly value: number })[]
}

function withValues(all: readonly RandomTransaction[], twice: boolean, writes: number): readonly Valued[] {
  let next = 0
  return all.map((one) => ({
    ...one,
    micros: one.micros.map((micro) => {
      const write = micro.write && next < writes
      next += write ? 1 : 0
      return { ...micro, write, value: twice && next === 2 ? 1 : next }
    }),
  }))
}

/**
 * The result of a read: one of the values, or nothing. For a list, usually a prefix, sometimes another part, sometimes
 * anything.
 */
function read(values: readonly number[], pick: number, list: boolean, odd: boolean): unknown {
  if (odd && pick === 0) return list ? [99] : 99
  if (list)
    return odd && pick === 1
      ? values.slice(1)
      : odd && pick === 2
        ? [...values, ...values]
        : values.slice(0, pick % (values.length + 1))
  return [null, ...values][pick % (values.length + 1)]
}

/** A step of a conversation: a client writes a value, or reads one. */
type Step = readonly [client: number, f: 'w' | 'r', value: number | null]

/** One client answers the question of another, and a third client sees the answer before the question. */
const conversation: readonly Step[] = [
  [0, 'w', 1],
  [1, 'r', 1],
  [1, 'w', 2],
  [2, 'r', 2],
  [2, 'r', 1],
]

/**
 * Conversations in which some steps are missing, read other values, or have no answer. Random steps alone seldom form
 * one.
 */
export const conversations: fc.Arbitrary<History> = fc
  .record({
    left: fc.array(fc.nat(9), { minLength: 7, maxLength: 7 }),
    other: fc.array(fc.tuple(fc.nat(7), fc.constantFrom(null, 1, 2, 3)), { minLength: 7, maxLength: 7 }),
    info: fc.array(fc.nat(9), { minLength: 7, maxLength: 7 }),
    third: fc.nat(5),
    extra: fc.tuple(fc.nat(2), fc.constantFrom(null, 1, 2, 3)),
  })
  .map(({ left, other, info, third, extra }) => {
    const all: readonly Step[] = [
      ...conversation.slice(0, third),
      [third % 3, 'w', 3],
      ...conversation.slice(third),
      [extra[0], 'r', extra[1]],
    ]
    return historyOf(
      ...all.flatMap(([client, f, value], id): Line[] => {
        if (left[id] === 0) return []
        const read = other[id]?.[0] === 0 ? other[id][1] : value
        const end =
          info[id] === 0
            ? ends(10 * id + 5, 'info', id)
            : answers(10 * id + 5, id, [[f, 'x', f === 'r' ? read : value]])
        return [invoke(10 * id, 'txn', id, [[f, 'x', f === 'r' ? null : value]], client), end]
      }),
    )
  })
