// Small random histories: few keys, few calls and effects, every way to end, so that each verdict occurs often. For
// tests only.
import * as fc from 'fast-check'
import type { History } from '../../../src/history/history.ts'
import { commit, effect, ends, historyOf, invoke, over, row, type Line } from '../build-history.ts'

/** The value of every effect, and the input of every operation, in these histories. */
export interface Item {
  readonly key: string | number
  readonly quantity: number
}

interface RandomCall {
  readonly operation: 'pay' | 'buy'
  readonly key: string
  readonly startMs: number
  readonly takesMs: number
  readonly fate: 'ok' | 'fail' | 'info' | 'open'
}

interface RandomEffect {
  readonly name: 'charge' | 'restock' | 'level' | 'noise'
  readonly atMs: number
  readonly key: string
  readonly quantity: number
}

/** How effects are observed; the same for all effects of one name. */
type Seen = 'event' | 'row at the end' | 'row with a time'

interface Recipe {
  readonly calls: readonly RandomCall[]
  readonly effects: readonly RandomEffect[]
  readonly charges: Seen
  readonly others: Seen
  readonly keys: 'sound' | 'numbers' | 'one missing'
  readonly end: 'quiet' | 'maxSteps' | 'recoverForMs' | 'none'
}

const key = fc.constantFrom('a', 'b', 'c')
const atMs = fc.integer({ min: 0, max: 12 })

const call: fc.Arbitrary<RandomCall> = fc.record({
  operation: fc.constantFrom('pay', 'pay', 'pay', 'buy'),
  key,
  startMs: atMs,
  takesMs: fc.integer({ min: 0, max: 9 }),
  fate: fc.constantFrom('ok', 'ok', 'ok', 'fail', 'fail', 'info', 'open'),
})

const oneEffect: fc.Arbitrary<RandomEffect> = fc.record({
  name: fc.constantFrom('charge', 'charge', 'charge', 'charge', 'restock', 'level', 'noise'),
  atMs,
  key,
  quantity: fc.integer({ min: -1, max: 3 }),
})

const seen = fc.constantFrom<Seen>('event', 'event', 'row at the end', 'row with a time')

const recipe: fc.Arbitrary<Recipe> = fc.record({
  calls: fc.array(call, { maxLength: 4, size: 'max' }),
  effects: fc.array(oneEffect, { maxLength: 6, size: 'max' }),
  charges: seen,
  others: seen,
  keys: fc.constantFrom(
    'sound',
    'sound',
    'sound',
    'sound',
    'sound',
    'sound',
    'sound',
    'sound',
    'numbers',
    'one missing',
  ),
  end: fc.constantFrom('quiet', 'quiet', 'quiet', 'maxSteps', 'recoverForMs', 'none'),
})

/** Small histories in which `pay` and `buy` have an {@link Item} as input, and so have the effects as value. */
export const smallHistory: fc.Arbitrary<History> = recipe.map(historyFrom)

interface Timed {
  readonly atMs: number
  readonly line: Line
  readonly commit?: true
}

function historyFrom({ calls, effects, charges, others, keys, end }: Recipe): History {
  const made = effects.map((one, index) => ({
    ...one,
    value: valueOf(one, keys, index),
    seen: one.name === 'charge' ? charges : others,
  }))
  const commits = new Set(made.filter((one) => one.seen === 'row with a time').map((one) => one.atMs))
  const timed: readonly Timed[] = [
    ...calls.flatMap(callLines),
    ...made
      .filter((one) => one.seen === 'event')
      .map((one) => ({ atMs: one.atMs, line: effect(one.atMs, one.name, one.value) })),
    ...Array.from(commits, (moment) => ({ atMs: moment, line: commit(moment), commit: true as const })),
  ].toSorted((a, b) => a.atMs - b.atMs)
  const ending = end === 'none' ? [] : [over(Math.max(12, ...timed.map((each) => each.atMs)), end)]
  const readings = made
    .filter((one) => one.seen !== 'event')
    .map((one) =>
      row(
        one.name,
        one.value,
        one.seen === 'row with a time' ? { atMs: one.atMs, event: commitAt(timed, one.atMs) } : undefined,
      ),
    )
  return historyOf(...timed.map(({ line }) => line), ...ending, ...readings)
}

/** The commit of a moment, which its rows share. Its position among the lines is its `seq`. */
function commitAt(timed: readonly Timed[], moment: number): number {
  return timed.findIndex((each) => each.atMs === moment && each.commit === true)
}

function callLines({ operation, key: of, startMs, takesMs, fate }: RandomCall, id: number): readonly Timed[] {
  const begin = { atMs: startMs, line: invoke(startMs, operation, id, { key: of, quantity: 1 }) }
  return fate === 'open' ? [begin] : [begin, { atMs: startMs + takesMs, line: ends(startMs + takesMs, fate, id) }]
}

function valueOf({ key: of, quantity }: RandomEffect, keys: Recipe['keys'], index: number): unknown {
  if (keys === 'one missing' && index === 0) return { quantity }
  return { key: keys === 'numbers' ? of.charCodeAt(0) : of, quantity }
}
