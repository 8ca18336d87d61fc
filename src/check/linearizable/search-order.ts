// The search: depth first over configurations, visiting each at most once, in slices so that parts can take turns.
// Knows the words of a configuration only through its order.
import type { Model } from '../../system/model.ts'
import { Configurations, stateAt } from './configurations.ts'
import type { PlacementOrder } from './order.ts'
import type { StatePartition } from './state-partition.ts'
import { refused, Transitions } from './transitions.ts'

/**
 * What is left of the budget. A step is one look-up in the model's table, one event passed, or one configuration
 * compared.
 */
export interface RemainingBudget {
  steps: number
  bytes: number
}

/**
 * `linearizable`: an order exists. `not-linearizable`: no order exists. `exhausted`: the slice is over. `full`: the
 * search needs more memory than is left.
 */
export type Progress = 'linearizable' | 'not-linearizable' | 'exhausted' | 'full'

/** A cursor after which no candidate is left. */
const noMore = 2 ** 30

/** How many uncertain operations are tried at once, at most; more would use memory that is not yet counted. */
const mostAtOnce = 256

/** A rule that an order has to respect. */
export interface OrderRule {
  readonly adjective: 'linearizable' | 'sequential'
  /** The rule in words: `real time`. */
  readonly keeps: string
  /** Whether every prefix of a history that has an order has one, too. */
  readonly isTimed: boolean
  order(part: StatePartition, transitions: Transitions): PlacementOrder
}

/** Prepares a search. @param isPruning whether to skip configurations that are hopeless by the model's `needs` */
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

  /** Searches until an order is found, no configuration is left, or the slice or the budget is used up. */
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

  /** Gives the memory back to the budget. The search must not run again. */
  release(left: RemainingBudget): void {
    left.bytes += this.#bytes
    this.#bytes = 0
  }

  #begin(left: RemainingBudget): boolean {
    const at = this.configurations.draft(-1, -1)
    this.configurations.words[at] = this.transitions.initial
    return this.#enter(at, left)
  }

  /**
   * Tries the next candidate of the current configuration, or goes back if there is none. True once everything is
   * placed.
   */
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
   * Tries many uncertain operations at once before it follows any of them further. The configurations that used only
   * one of them are then already kept, and they dominate those that used the same one after another.
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

  /**
   * Where to go on when a configuration leads nowhere: to the next that was tried together with it, or back to its
   * parent.
   */
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
    // An uncertain operation that changes nothing is never needed
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
   * Subtracts the new costs and allocations from the budget. False if the next row may need more memory than is left.
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
