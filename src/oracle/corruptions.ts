// Corrupted copies of a history: an effect that happened again, is missing, or has another value. What an invariant
// does not object to in any of them, it would not notice in a real one. Pure; knows no invariant.
import { isDeepStrictEqual } from 'node:util'
import type { EffectEvent, History, HistoryEvent, Reading, Snapshot } from '../history/history.ts'
import type { Workload } from '../scenario/scenario.ts'

/** What was done to a history. */
export type Corruption = 'again' | 'copied' | 'often' | 'missing' | 'changed' | 'earlier'

/** A history that never was. */
export interface Corrupted {
  readonly how: Corruption
  readonly history: History
}

/** Of how many effects of one name each is corrupted. */
const mostEffects = 4
/** How many states in between are looked at, the latest ones. */
const mostEarlier = 8
/** So often does something happen that has a stock, or a budget. */
const often = 200
/** Far away from whatever is there. */
const far = 1_000_003

/**
 * The corrupted copies of a history, as far as effects of one name are concerned. What happens again is what a second
 * request would make: values of the workload stay, and what the code generated is generated anew. `copied` has the
 * generated values of the first time, too.
 *
 * @param between rows that were there in between: the history as if it had gone no further
 */
export function* corruptions(
  history: History,
  effect: string,
  workload: Workload,
  between: readonly Snapshot[] = [],
): Generator<Corrupted, void> {
  const given = new Set(workload.invocations.flatMap(({ input }) => [...leavesOf(input)]))
  const found = occurrences(history, effect).slice(0, mostEffects)
  for (const one of found) {
    const renewed = (n: number): unknown => renew(one.value, given, n)
    yield { how: 'again', history: withMore(history, one, [renewed(1)]) }
    yield { how: 'copied', history: withMore(history, one, [one.value]) }
    yield { how: 'missing', history: without(history, one) }
    for (const value of changesOf(one.value)) {
      yield { how: 'changed', history: withMore(without(history, one), one, [value]) }
      yield { how: 'copied', history: withMore(history, one, [value]) }
    }
    for (const value of changesOf(renewed(1))) yield { how: 'changed', history: withMore(history, one, [value]) }
  }
  for (const { rows } of between.filter((snapshot) => snapshot.effect === effect).slice(-mostEarlier))
    yield { how: 'earlier', history: withRowsOf(history, effect, rows) }
  const [first] = found
  if (first === undefined) return
  const many = Array.from({ length: often }, (_, n) => renew(first.value, given, n + 1))
  yield { how: 'often', history: withMore(history, first, many) }
  yield { how: 'missing', history: found.reduce(without, history) }
}

/** An effect where it stands: an event, or a row that was read. */
type Occurrence = EffectEvent | Reading

function occurrences({ events, readings }: History, effect: string): readonly Occurrence[] {
  const recorded = events.filter((event): event is EffectEvent => event.kind === 'effect' && event.effect === effect)
  return [...recorded, ...readings.filter((reading) => reading.effect === effect && reading.wasThere !== true)]
}

/** Events are numbered by their places: what comes on top stands before the end. */
function withMore(history: History, like: Occurrence, values: readonly unknown[]): History {
  if (!('seq' in like)) {
    const more = values.map((value) => ({ ...like, value }))
    return withRows({ ...history, readings: [...history.readings, ...more] }, like.effect, (rows) => [
      ...rows,
      ...values,
    ])
  }
  const end = history.events.at(-1)
  const before = end === undefined ? [] : history.events.slice(0, -1)
  const atMs = end?.atMs ?? like.atMs
  const more = values.map((value, n): HistoryEvent => ({ ...like, value, seq: before.length + n, atMs }))
  const last = end === undefined ? [] : [{ ...end, seq: before.length + more.length }]
  return { ...history, events: [...before, ...more, ...last] }
}

function without(history: History, one: Occurrence): History {
  if (!('seq' in one)) {
    const rest = { ...history, readings: history.readings.filter((other) => other !== one) }
    return withRows(rest, one.effect, (rows) => rows.filter((row) => !isDeepStrictEqual(row, one.value)))
  }
  // In its place stands an effect that nobody reads
  return {
    ...history,
    events: history.events.map((other) => (other === one ? { ...one, effect: '(missing)' } : other)),
  }
}

/** The history with these rows at its end. */
function withRowsOf(history: History, effect: string, rows: readonly unknown[]): History {
  const others = history.readings.filter((reading) => reading.effect !== effect)
  const readings = [...others, ...rows.map((value): Reading => ({ effect, value }))]
  return withRows({ ...history, readings }, effect, () => rows)
}

/** Rows that are read after every commit are other ones after the last. */
function withRows(history: History, effect: string, change: (rows: readonly unknown[]) => readonly unknown[]): History {
  const { snapshots = [] } = history
  const last = snapshots.findLast((snapshot) => snapshot.effect === effect)
  return last === undefined ? history : { ...history, snapshots: [...snapshots, { ...last, rows: change(last.rows) }] }
}

/** The value as another request would make it. */
function renew(value: unknown, given: ReadonlySet<unknown>, n: number): unknown {
  return mapLeaves(value, (leaf) => {
    if (given.has(leaf)) return leaf
    if (typeof leaf === 'string') return `${leaf}~${n}`
    if (typeof leaf === 'bigint') return leaf + BigInt(n * far)
    return typeof leaf === 'number' ? leaf + n * far : leaf
  })
}

/** The value with one of its parts changed, one after the other. */
function* changesOf(value: unknown): Generator<unknown, void> {
  const count = [...leavesOf(value)].length
  for (let place = 0; place < count; place++)
    for (const by of [far, -far]) {
      let at = -1
      yield mapLeaves(value, (leaf) => {
        at += 1
        if (at !== place) return leaf
        if (typeof leaf === 'number') return leaf + by
        if (typeof leaf === 'bigint') return leaf + BigInt(by)
        if (typeof leaf === 'boolean') return !leaf
        return typeof leaf === 'string' ? `${leaf}~changed` : undefined
      })
    }
}

/** The parts of lists and plain objects that are neither; of one that holds itself, not again. */
function* leavesOf(value: unknown, within: readonly unknown[] = []): Generator<unknown, void> {
  const parts = partsOf(value, within)
  if (parts === undefined) yield value
  else for (const one of Object.values(parts)) yield* leavesOf(one, [...within, value])
}

function mapLeaves(value: unknown, map: (leaf: unknown) => unknown, within: readonly unknown[] = []): unknown {
  const parts = partsOf(value, within)
  if (parts === undefined) return map(value)
  const mapped = Object.entries(parts).map(([name, one]) => [name, mapLeaves(one, map, [...within, value])] as const)
  return Array.isArray(value) ? mapped.map(([, one]) => one) : Object.fromEntries(mapped)
}

/** Dates, bytes and instances of classes are values of their own. */
function partsOf(value: unknown, within: readonly unknown[]): object | undefined {
  if (typeof value !== 'object' || value === null || within.includes(value)) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === Object.prototype || prototype === null ? value : undefined
}
