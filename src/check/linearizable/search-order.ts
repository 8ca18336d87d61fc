// The search: depth first over configurations, each at most once, in slices so that parts can take turns. Knows the
// words of a configuration only through its order.
import type { Model } from '../../system/model.ts'
import { Configurations, stateAt } from './configurations.ts'
import type { PlacementOrder } from './order.ts'
import type { StatePartition } from './state-partition.ts'
import { refused, Transitions } from './transitions.ts'

/**
 * What is left to spend. A step is one question to the model's table, one event passed or one configuration compared.
 */
export interface RemainingBudget {
  steps: number
  bytes: number
}

/**
 * `linearizable`: an order exists. `not-linearizable`: none does. `exhausted`: the slice is over. `full`: it needs more
 * memory than is left.
 */
export type Progress = 'linearizable' | 'not-linearizable' | 'exhausted' | 'full'

/** No candidate is left from here on. */
const noMore = 2 ** 30

/** What may have happened and is tried at once; more would cost memory that nobody has counted yet. */
const mostAtOnce = 256

/** What an order has to keep to. */
export interface OrderRule {
  readonly adjective: 'linearizable' | 'sequential'
  /** In words: `real time`. */
  readonly keeps: string
  /** Whether a history that has an order has one at every earlier moment. */
  readonly isTimed: boolean
  order(part: StatePartition, transitions: Transitions): PlacementOrder
}

/** @param isPruning whether to leave out what the model calls hopeless */
export function searchFor(
  model: Model<unknown>,
  part: StatePartition,
  rule: OrderRule,
  isPruning = true,
): PlacementSearch {
  const transitions = new Transitions(model, part)
  return new PlacementSearch(model, part, transitions, rule.order(part, transitions), isPruning)
}

export class PlacementSearch {
  readonly model: Model<unknown>
  readonly part: StatePartition
  readonly order: PlacementOrder
  readonly transitions: Transitions
  readonly configurations: Configurations
  readonly #isPruning: boolean
  #current = -1
  #bytes = 0
  #cost = 0

  constructor(
    model: Model<unknown>,
    part: StatePartition,
    transitions: Transitions,
    order: PlacementOrder,
    isPruning: boolean,
  ) {
    this.model = model
    this.#isPruning = isPruning
    this.part = part
    this.transitions = transitions
    this.order = order
    this.configurations = new Configurations(order, part.operations.length)
  }

  /** Goes on until an order is found, none is left, or the slice or the budget is used up. */
  run(slice: number, left: RemainingBudget): Progress {
    const end = left.steps - Math.min(slice, left.steps)
    if (this.configurations.count === 0 && this.#begin(left)) return 'linearizable'
    while (this.#current >= 0) {
      if (left.steps <= end) return 'exhausted'
      if (!this.#afford(left)) return 'full'
      if (this.#advance(left)) return 'linearizable'
    }
    return 'not-linearizable'
  }

  /** Gives back what it had. It must not run again. */
  release(left: RemainingBudget): void {
    left.bytes += this.#bytes
    this.#bytes = 0
  }

  #begin(left: RemainingBudget): boolean {
    const at = this.configurations.draft(-1, -1)
    this.configurations.words[at] = this.transitions.initial
    return this.#enter(at, left)
  }

  /** Tries the next candidate of the current configuration, or turns back. True once everything is placed. */
  #advance(left: RemainingBudget): boolean {
    const { configurations, order, part } = this
    const from = this.#current
    const at = from * configurations.stride + stateAt
    const candidate = order.candidate(configurations.words, at, configurations.cursor(from))
    left.steps -= 1
    if (candidate < 0) {
      this.#current = this.#sibling(from)
      return false
    }
    configurations.setCursor(from, candidate + 1)
    const operation = order.operationOf(configurations.words, at, candidate)
    return operation < part.completed ? this.#try(from, operation, left) : this.#tryUncertain(from, candidate, left)
  }

  /**
   * What may have happened is tried many at once, before any of it is followed further: what used one of them has been
   * seen then, and what used it after another is not worth a look.
   */
  #tryUncertain(from: number, first: number, left: RemainingBudget): boolean {
    const { configurations, order } = this
    const at = from * configurations.stride + stateAt
    const next = configurations.count
    for (
      let candidate = first;
      candidate >= 0 && configurations.count - next < mostAtOnce;
      candidate = order.candidate(configurations.words, at, candidate + 1)
    ) {
      left.steps -= 1
      configurations.setCursor(from, candidate + 1)
      if (this.#try(from, order.operationOf(configurations.words, at, candidate), left)) return true
    }
    if (configurations.count > next) this.#current = next
    return false
  }

  /** Where to go on once a configuration leads nowhere: at the next that was tried with it, or where it came from. */
  #sibling(row: number): number {
    const { configurations, part } = this
    const parent = configurations.parent(row)
    const isOneOfMany = configurations.operation(row) >= part.completed && row + 1 < configurations.count
    return isOneOfMany && configurations.parent(row + 1) === parent ? row + 1 : parent
  }

  #try(from: number, operation: number, left: RemainingBudget): boolean {
    const { configurations, order, part, transitions } = this
    const state = configurations.words[from * configurations.stride + stateAt] ?? 0
    const next = transitions.next(state, part.kinds[operation] ?? 0)
    // Nobody needs what may have happened and changes nothing
    if (next === refused || (next === state && operation >= part.completed)) return false
    const draft = configurations.draft(from, operation)
    configurations.words[draft] = next
    order.place(configurations.words, draft, operation)
    return this.#enter(draft, left)
  }

  #enter(at: number, left: RemainingBudget): boolean {
    const { configurations, order } = this
    left.steps -= order.settle(configurations.words, at)
    const isDone = order.isDone(configurations.words, at)
    const row = configurations.keep()
    if (row < 0) return isDone
    this.#current = row
    if (this.#isPruning && order.isHopeless(configurations.words, at)) configurations.setCursor(row, noMore)
    return isDone
  }

  /**
   * Subtracts from the budget what was looked at and allocated; false where the next row may need more than is left.
   */
  #afford(left: RemainingBudget): boolean {
    const bytes = this.configurations.bytes + this.transitions.bytes
    left.bytes -= bytes - this.#bytes
    this.#bytes = bytes
    const cost = this.transitions.cost + this.configurations.compared + (this.order.looked() >> 3)
    left.steps -= cost - this.#cost
    this.#cost = cost
    return left.bytes >= this.configurations.growth
  }
}
