// How far orders come: the states at the furthest moment that any order reaches. Knows searches; must not know the
// words of reasons.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { Acted } from '../acts.ts'
import { stateAt } from './configurations.ts'
import type { StatePartition } from './state-partition.ts'
import { searchFor, type OrderRule, type PlacementSearch } from './search-order.ts'

const bound = { steps: 200_000, bytes: 32 * 2 ** 20 }

/** One state in which an order can come that far. */
export interface ReachedState {
  readonly state: unknown
  /** The operation that was placed last, apart from reads. */
  readonly last: Acted<Act> | undefined
}

export interface Reached {
  /** The operations that have to be placed next, of which at least one cannot be. */
  readonly blocked: readonly Acted<Act>[]
  /** The states, each once. */
  readonly ends: readonly ReachedState[]
  /** Whether every order was tried. */
  readonly isAll: boolean
}

export function reached(model: Model<unknown>, part: StatePartition, rule: OrderRule): Reached {
  const search = searchFor(model, part, rule, false)
  const isAll = search.run(bound.steps, { ...bound }) === 'not-linearizable'
  const rows = furthestRows(search)
  const [first] = rows
  const ends = new Map<number, ReachedState>()
  for (const row of rows) {
    const state = search.configurations.words[wordsAt(search, row)] ?? 0
    if (!ends.has(state))
      ends.set(state, {
        state: search.transitions.state(state),
        last: part.operations[search.configurations.operation(row)],
      })
  }
  const blocked = first === undefined ? [] : search.order.blocked(search.configurations.words, wordsAt(search, first))
  return { blocked: blocked.flatMap((operation) => part.operations[operation] ?? []), ends: [...ends.values()], isAll }
}

function wordsAt({ configurations }: PlacementSearch, row: number): number {
  return row * configurations.stride + stateAt
}

function furthestRows(search: PlacementSearch): readonly number[] {
  const { configurations, order } = search
  let [rows, furthest]: [number[], number] = [[], -1]
  for (let row = 0; row < configurations.count; row++) {
    const depth = order.depth(configurations.words, wordsAt(search, row))
    if (depth > furthest) [rows, furthest] = [[], depth]
    if (depth === furthest) rows.push(row)
  }
  return rows
}
