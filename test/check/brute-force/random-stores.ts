// Small random histories of transactions, answered by a store with some isolation level, or by a corrupt one. For tests
// only.
import * as fc from 'fast-check'
import type { History } from '../../../src/history/history.ts'
import { answers, ends, historyOf, invoke, over, type Line } from '../build-history.ts'

export type Step = readonly ['r' | 'append' | 'w', string, unknown]
type State = ReadonlyMap<string, readonly number[]>
const isolations = [
  'serial',
  'snapshot',
  'fork',
  'fork',
  'stale',
  'committed',
  'uncommitted',
  'uncommitted',
  'any',
] as const

interface Recipe {
  readonly seed: number
  readonly family: 'list' | 'register'
}

/**
 * Two to four transactions of up to three clients on two keys. In about half of the histories the last one reads all,
 * after the others.
 */
export function smallStores(family: 'list' | 'register'): fc.Arbitrary<History> {
  return fc.record({ seed: fc.nat(), family: fc.constant(family) }).map(simulated)
}

interface Running {
  readonly id: number
  readonly client: number
  readonly asked: readonly Step[]
  readonly seen: Step[]
  readonly isolation: (typeof isolations)[number]
  readonly replica: number
  readonly fate: 'ok' | 'fail' | 'info'
  base: State
  own: Map<string, number[]>
  at: number
}

function simulated({ seed, family }: Recipe): History {
  const random = randomFrom(seed)
  // the cast holds: there is something to pick
  const pick = <T>(...from: readonly T[]): T => from[random(from.length)] as T
  const mode = pick(...isolations)
  const forked = mode === 'fork' && random(2) === 0
  const final = !forked && random(2) === 0
  const corrupt = random(3) === 0
  const count = forked ? 4 : 2 + random(final ? 2 : 3)
  const spread = random(4)
  const lines: Line[] = []
  const running: Running[] = []
  const log: { readonly key: string; readonly value: number; readonly replica: number }[] = []
  const short = random(2) === 0
  const asked = forked
    ? forkSteps(random, family)
    : Array.from({ length: count }, () => (short ? shortSteps(random, family) : steps(random, family)))
  const values = new Map<string, number>()
  let moment = 0
  let begun = 0
  const stateOf = (replica: number | undefined, upTo = log.length): State =>
    Map.groupBy(
      log.slice(0, upTo).filter((one) => replica === undefined || one.replica === replica || one.replica === -1),
      ({ key }) => key,
    ) as unknown as State
  const listOf = (state: State, key: string): readonly number[] =>
    (state.get(key) as readonly unknown[] | undefined)?.map((one) =>
      typeof one === 'number' ? one : (one as { value: number }).value,
    ) ?? []
  const busy = new Set<number>()
  while (begun < count || running.length > 0) {
    const free = [0, 1, 2].filter((client) => !busy.has(client))
    if (begun < count && (running.length === 0 || (free.length > 0 && random(3) < spread))) {
      const id = begun++
      const client = free.length > 0 ? pick(...free) : 10 + id // clients with an unknown outcome stay busy
      const numbered = (asked[id] ?? []).map(([f, key]): Step =>
        f === 'r' ? [f, key, null] : [f, key, values.set(key, (values.get(key) ?? 0) + 1).get(key)],
      )
      const replica = random(2)
      busy.add(client)
      lines.push(invoke(moment++, 'txn', id, numbered, client))
      running.push({
        id,
        client,
        asked: numbered,
        seen: [],
        isolation: mode,
        replica,
        fate: pick('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'fail', 'info'),
        base: new Map(),
        own: new Map(),
        at: 0,
      })
      continue
    }
    const one = pick(...running)
    if (one.at === 0)
      one.base =
        one.isolation === 'stale'
          ? stateOf(undefined, random(log.length + 1))
          : stateOf(one.isolation === 'fork' ? one.replica : undefined)
    const all = one.isolation === 'serial' ? one.asked.length : 1
    if (one.isolation === 'serial') one.base = stateOf(undefined)
    for (let n = 0; n < all && one.at < one.asked.length; n++) act(one)
    if (one.at < one.asked.length) continue
    finish(one)
  }
  if (final) {
    const reads = ['x', 'y'].map((key): Step => ['r', key, shownAs(listOf(stateOf(undefined), key))])
    lines.push(
      invoke(
        moment++,
        'txn',
        count,
        reads.map(([f, key]): Step => [f, key, null]),
        3,
      ),
      answers(moment++, count, reads),
    )
  }
  return historyOf(...lines, over(99))

  function shownAs(list: readonly number[]): unknown {
    return family === 'list' ? list : (list.at(-1) ?? null)
  }

  function act(one: Running): void {
    const step = one.asked[one.at++]
    if (step === undefined) return
    const [f, key, value] = step
    const live = one.isolation === 'committed' || one.isolation === 'uncommitted'
    if (f === 'r') {
      const list = [...listOf(live ? stateOf(undefined) : one.base, key), ...(one.own.get(key) ?? [])]
      one.seen.push([
        f,
        key,
        shownAs(one.isolation === 'any' ? anything(key) : corrupt && random(4) === 0 ? corrupted(list) : list),
      ])
      return
    }
    one.seen.push(step)
    if (one.isolation === 'uncommitted') log.push({ key, value: value as number, replica: -1 })
    else one.own.set(key, [...(one.own.get(key) ?? []), value as number])
  }

  function anything(key: string): readonly number[] {
    const all = Array.from({ length: values.get(key) ?? 0 }, (_, index) => index + 1)
    const ordered = random(3) === 0 ? all.toSorted(() => random(3) - 1) : all
    return ordered.slice(0, random(ordered.length + 1))
  }

  function corrupted(list: readonly number[]): readonly number[] {
    return pick<() => readonly number[]>(
      () => list.slice(0, -1),
      () => list.slice(0, -1),
      () => [...list, 99],
      () => list.toReversed(),
      () => [...list, ...list.slice(0, 1)],
      () => list.slice(1),
      () => [...list, 1 + random(3)],
    )()
  }

  function finish(one: Running): void {
    running.splice(running.indexOf(one), 1)
    const conflict =
      one.isolation === 'snapshot' &&
      [...one.own.keys()].some((key) => listOf(one.base, key).length !== listOf(stateOf(undefined), key).length)
    const fate = conflict ? 'fail' : one.fate
    const commits = fate === 'ok' || (fate === 'info' && random(2) === 0) || (corrupt && random(4) === 0)
    if (commits) {
      for (const [key, list] of one.own)
        for (const value of list) log.push({ key, value, replica: one.isolation === 'fork' ? one.replica : -1 })
    } else if (one.isolation === 'uncommitted' && random(2) === 0) {
      for (const [f, key, value] of one.asked)
        if (f !== 'r')
          log.splice(
            log.findIndex((entry) => entry.key === key && entry.value === value),
            1,
          )
    }
    if (fate === 'info' && random(2) === 0) return
    lines.push(ends(moment++, fate, one.id, undefined, fate === 'ok' ? one.seen : undefined))
    busy.delete(one.client)
  }
}

function steps(random: (below: number) => number, family: 'list' | 'register'): readonly Step[] {
  const write = family === 'list' ? 'append' : 'w'
  return Array.from({ length: 1 + random(3) }, (): Step => [
    random(2) === 0 ? 'r' : write,
    random(3) === 0 ? 'y' : 'x',
    null,
  ])
}

/** Short transactions, of which write skews and long forks consist. */
function shortSteps(random: (below: number) => number, family: 'list' | 'register'): readonly Step[] {
  const write = family === 'list' ? 'append' : 'w'
  const [one, other] = random(2) === 0 ? ['x', 'y'] : ['y', 'x']
  const shapes: readonly (readonly Step[])[] = [
    [[write, one, null]],
    [
      ['r', one, null],
      ['r', other, null],
    ],
    [
      ['r', one, null],
      [write, other, null],
    ],
    [
      [write, one, null],
      [write, other, null],
    ],
  ]
  return shapes[random(3) === 0 ? 3 : random(3)] ?? []
}

function forkSteps(random: (below: number) => number, family: 'list' | 'register'): readonly (readonly Step[])[] {
  const write = family === 'list' ? 'append' : 'w'
  const readers: readonly (readonly Step[])[] = [
    [
      ['r', 'x', null],
      ['r', 'y', null],
    ],
    [
      ['r', 'y', null],
      ['r', 'x', null],
    ],
  ]
  const writers: readonly (readonly Step[])[] = [[[write, 'x', null]], [[write, 'y', null]]]
  return random(2) === 0 ? [...writers, ...readers] : [writers[0] ?? [], ...readers, writers[1] ?? []]
}

/** mulberry32. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
