// Twins of the models of transactions, written from their definitions by enumeration: every set of uncertain commits,
// every serial order, every order of starts and commits, every visibility, every order of versions. Slow and simple;
// import only types of src.
import type { History } from '../../../src/history/history.ts'
import type { Step } from './random-stores.ts'

export interface Tx {
  readonly id: number
  readonly client: number
  readonly begin: number
  readonly end: number
  readonly fate: 'ok' | 'fail' | 'unknown'
  readonly steps: readonly Step[]
}

export function txs(history: History): readonly Tx[] {
  return history.events.flatMap((event) => {
    if (event.kind !== 'invoke') return []
    const end = history.events.find(
      (other) =>
        (other.kind === 'ok' || other.kind === 'fail' || other.kind === 'info') &&
        other.invocation === event.invocation,
    )
    const fate = end?.kind === 'ok' ? 'ok' : end?.kind === 'fail' ? 'fail' : 'unknown'
    const asked = event.input as readonly Step[]
    const steps =
      end?.kind === 'ok'
        ? (end.value as readonly Step[])
        : asked.map(([f, key, value]): Step => [f, key, f === 'r' ? undefined : value])
    return [
      {
        id: event.invocation,
        client: event.client,
        begin: event.seq,
        end: fate === 'ok' ? (end?.seq ?? Infinity) : Infinity,
        fate,
        steps,
      },
    ]
  })
}

export function nothingRead(all: readonly Tx[]): boolean {
  return !all.some(({ fate, steps }) => fate === 'ok' && steps.some(([f]) => f === 'r'))
}

type Before = (a: Tx, b: Tx) => boolean
export const noOrder: Before = () => false
export const session: Before = (a, b) => a.client === b.client && a.end < b.begin
export const realTime: Before = (a, b) => a.end < b.begin

/** Every set of transactions that may have committed. */
function commitSets(all: readonly Tx[]): readonly (readonly Tx[])[] {
  const open = all.filter(({ fate }) => fate === 'unknown')
  return Array.from({ length: 2 ** open.length }, (_, bits) =>
    all.filter((tx) => tx.fate === 'ok' || (tx.fate === 'unknown' && (bits >> open.indexOf(tx)) % 2 === 1)),
  )
}

type State = Readonly<Record<string, unknown>>

/** The state after the transaction; undefined if it would have read something else. */
function replay({ steps }: Tx, before: State): State | undefined {
  const state: Record<string, unknown> = { ...before }
  for (const [f, key, value] of steps) {
    if (f === 'w') state[key] = value
    else if (f === 'append') state[key] = [...((state[key] ?? []) as unknown[]), value]
    else if (value !== undefined && !same(value, state[key])) return undefined
  }
  return state
}

function same(read: unknown, is: unknown): boolean {
  const plain = (value: unknown): unknown =>
    value === undefined || (Array.isArray(value) && value.length === 0) ? null : value
  return JSON.stringify(plain(read)) === JSON.stringify(plain(is))
}

export function isSerializable(all: readonly Tx[], before: Before): boolean {
  const from = (left: readonly Tx[], state: State): boolean =>
    left.length === 0 ||
    left.some((tx) => {
      if (left.some((other) => before(other, tx))) return false
      const after = replay(tx, state)
      return (
        after !== undefined &&
        from(
          left.filter((other) => other !== tx),
          after,
        )
      )
    })
  return commitSets(all).some((set) => from(set, {}))
}

function writes({ steps }: Tx, key?: string): readonly Step[] {
  return steps.filter((step) => step[0] !== 'r' && (key === undefined || step[1] === key))
}

function conflict(a: Tx, b: Tx): boolean {
  return writes(a).some(([, key]) => writes(b, key).length > 0)
}

/** Tries every order of starts and commits; the first committer wins. */
export function isSnapshotIsolated(all: readonly Tx[], before: Before): boolean {
  const from = (waiting: readonly Tx[], open: readonly { tx: Tx; blocked: boolean }[], state: State): boolean => {
    if (waiting.length === 0 && open.length === 0) return true
    const starts = waiting.some((tx) => {
      if (
        [...waiting, ...open.map((one) => one.tx)].some((other) => before(other, tx)) ||
        replay(tx, state) === undefined
      )
        return false
      return from(
        waiting.filter((other) => other !== tx),
        [...open, { tx, blocked: false }],
        state,
      )
    })
    return (
      starts ||
      open.some(({ tx, blocked }) => {
        if (blocked) return false
        const after = { ...state, ...replayed(tx, state) }
        return from(
          waiting,
          open
            .filter((one) => one.tx !== tx)
            .map((one) => ({ tx: one.tx, blocked: one.blocked || conflict(one.tx, tx) })),
          after,
        )
      })
    )
  }
  return commitSets(all).some((set) => from(set, [], {}))
}

/** The state with the writes of the transaction; no other has written these keys since it started. */
function replayed({ steps }: Tx, before: State): State {
  const state: Record<string, unknown> = { ...before }
  for (const [f, key, value] of steps) {
    if (f === 'w') state[key] = value
    if (f === 'append') state[key] = [...((state[key] ?? []) as unknown[]), value]
  }
  return state
}

/**
 * Cerone's axioms: a total order, a transitive visibility within it, and of two conflicting writes one sees the other.
 */
export function isParallelSnapshotIsolated(all: readonly Tx[]): boolean {
  const from = (left: readonly Tx[], placed: readonly { tx: Tx; sees: ReadonlySet<Tx> }[]): boolean =>
    left.length === 0 ||
    left.some((tx) =>
      subsets(placed).some((seen) => {
        const sees = new Set(seen.map((one) => one.tx))
        if (seen.some((one) => [...one.sees].some((deep) => !sees.has(deep)))) return false
        if (placed.some((one) => conflict(one.tx, tx) && !sees.has(one.tx))) return false
        const state = seen.reduce<State>((was, one) => replayed(one.tx, was), {})
        return (
          replay(tx, state) !== undefined &&
          from(
            left.filter((other) => other !== tx),
            [...placed, { tx, sees }],
          )
        )
      }),
    )
  return commitSets(all).some((set) => from(set, []))
}

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: 2 ** items.length }, (_, bits) => items.filter((_, index) => (bits >> index) % 2 === 1))
}

interface Element {
  readonly value: unknown
  readonly tx: Tx
  readonly step: number
}

function elementsOf(set: readonly Tx[], key: string): readonly Element[] {
  return set.flatMap((tx) =>
    tx.steps.flatMap(([f, of, value], step) => (f !== 'r' && of === key ? [{ value, tx, step }] : [])),
  )
}

/** Every order that keeps the order of each transaction's own elements. */
function ordersOf(elements: readonly Element[]): readonly (readonly Element[])[] {
  if (elements.length === 0) return [[]]
  return elements
    .filter((one) => !elements.some((other) => other.tx === one.tx && other.step < one.step))
    .flatMap((one) => ordersOf(elements.filter((other) => other !== one)).map((rest) => [one, ...rest]))
}

type Edge = readonly [Tx, Tx]

function overwritesIn(order: readonly Element[]): readonly Edge[] {
  return order.slice(1).flatMap((one, index): readonly Edge[] => {
    const previous = order[index]
    return previous === undefined || previous.tx === one.tx ? [] : [[previous.tx, one.tx]]
  })
}

function acyclic(edges: readonly Edge[]): boolean {
  const sources = edges.filter(([, to]) => edges.some(([from]) => from === to))
  return sources.length === edges.length ? edges.length === 0 : acyclic(sources)
}

const keys = ['x', 'y']

/**
 * PL-2: only last writes of committed transactions are read, and there is no cycle of overwrites and reads. `family`
 * decides what a version shows.
 */
export function isReadCommitted(all: readonly Tx[], family: 'list' | 'register'): boolean {
  return commitSets(all).some((set) => {
    const [x, y] = keys.map((key) => {
      const elements = elementsOf(set, key).filter((one) => family === 'list' || isLast(one, key))
      return ordersOf(elements).flatMap((order) => {
        const edges = family === 'list' ? listEdges(set, key, order) : registerEdges(set, key)
        return edges === undefined ? [] : [[...overwritesIn(order), ...edges]]
      })
    })
    return (x ?? []).some((one) => (y ?? []).some((other) => acyclic([...one, ...other])))
  })
}

function isLast({ tx, step }: Element, key: string): boolean {
  return !tx.steps.some(([f, of], later) => f !== 'r' && of === key && later > step)
}

function readsOf(
  set: readonly Tx[],
  key: string,
): readonly { readonly tx: Tx; readonly step: number; readonly value: unknown }[] {
  return set.flatMap((tx) =>
    tx.steps.flatMap(([f, of, value], step) =>
      f === 'r' && of === key && value !== undefined ? [{ tx, step, value }] : [],
    ),
  )
}

function listEdges(set: readonly Tx[], key: string, order: readonly Element[]): readonly Edge[] | undefined {
  const edges: Edge[] = []
  for (const { tx, step, value } of readsOf(set, key)) {
    const list = (value ?? []) as readonly unknown[]
    const shows = order.slice(0, list.length)
    if (
      list.length > order.length ||
      shows.some((one, index) => one.value !== list[index] || (one.tx === tx && one.step > step))
    )
      return undefined
    const last = shows.at(-1)
    if (last === undefined || last.tx === tx) continue
    if (!isLast(last, key)) return undefined
    edges.push([last.tx, tx])
  }
  return edges
}

function registerEdges(set: readonly Tx[], key: string): readonly Edge[] | undefined {
  const edges: Edge[] = []
  for (const { tx, step, value } of readsOf(set, key)) {
    if (value === null) continue
    const wrote = elementsOf(set, key).find((one) => one.value === value)
    if (wrote === undefined || (wrote.tx === tx && wrote.step > step)) return undefined
    if (wrote.tx === tx) continue
    if (!isLast(wrote, key)) return undefined
    edges.push([wrote.tx, tx])
  }
  return edges
}

/**
 * PL-1 for lists: no value from thin air or twice, and if reads agree on an order, the certain appends have no cycle of
 * overwrites.
 */
export function isReadUncommitted(all: readonly Tx[]): boolean {
  const ok = all.filter(({ fate }) => fate === 'ok')
  for (const key of keys) {
    const written = elementsOf(all, key)
    for (const { value } of readsOf(ok, key)) {
      const list = (value ?? []) as readonly unknown[]
      if (
        list.some(
          (one, index) =>
            !written.some((other) => other.value === one) ||
            (list.indexOf(one) !== index && written.some((other) => other.value === one && other.tx.fate !== 'fail')),
        )
      )
        return false
    }
  }
  const [x, y] = keys.map((key) => {
    const certain = elementsOf(ok, key)
    const reads = readsOf(ok, key).map(({ value }) =>
      ((value ?? []) as readonly unknown[]).filter((one) => certain.some((other) => other.value === one)),
    )
    const legal = ordersOf(certain).filter((order) =>
      reads.every((list) => list.every((one, index) => order[index]?.value === one)),
    )
    return legal.length === 0 ? [[]] : legal.map(overwritesIn)
  })
  return (x ?? []).some((one) => (y ?? []).some((other) => acyclic([...one, ...other])))
}
