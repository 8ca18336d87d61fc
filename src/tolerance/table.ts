// The tolerance table as data: what a system does under each kind of fault, beside what it does without one. Plain
// values, so that it can be printed, committed, and compared.
import type { FaultKind } from '../scenario/fault/registry.ts'

/** The answer to a question that each distributed system answers, by choice or by accident: which faults it absorbs. */
export interface ToleranceTable {
  /** The names of the invariants, in the order of the cells of each row. */
  readonly invariants: readonly string[]
  /** The same workloads without faults. */
  readonly perfect: ToleranceRow
  /** One for each kind that the system's claim has, most telling first. */
  readonly rows: readonly ToleranceRow[]
}

/** What a system does under one kind of fault. */
export interface ToleranceRow {
  readonly fault: FaultKind | 'none'
  /** Histories of exactly one such fault on the smallest workload: every one that there is. */
  readonly singles: number
  /** Random histories with such faults, and no others, on larger workloads. */
  readonly random: number
  /** How often a fault of this kind fired in all of them. */
  readonly fired: number
  readonly cells: readonly ToleranceCell[]
  /** Of the histories with exactly one fault; without faults, of all. */
  readonly service: Service
  /** What goes wrong, or what it is paid with that nothing does: `every invariant holds, paid with time`. */
  readonly outcome: string
  /** The row in a sentence. */
  readonly words: string
}

/** What became of one invariant under one kind of fault. */
export type ToleranceCell =
  /** In so many histories. */
  | { readonly result: 'holds'; readonly histories: number }
  /** In so many histories, and the smallest of them. */
  | { readonly result: 'violated'; readonly histories: number; readonly smallest: SmallestViolation }
  /** No such fault fired, or the invariant had nothing to look at where one did. */
  | { readonly result: 'not exercised' }
  /** It could not be judged: see `testResilience` for why. */
  | { readonly result: 'undecided' }

/** The smallest counterexample of a cell. */
export interface SmallestViolation {
  /** In words, in the order in which they strike. */
  readonly faults: readonly string[]
  /** How many operations its workload has. */
  readonly operations: number
  /** Why the invariant is violated. */
  readonly reason: string
}

/** How well operations were served. A time is absent where there is nothing that it is of. All in milliseconds. */
export interface Service {
  /** Of the operations that were begun, the share that was answered ok, from 0 to 1. */
  readonly availability?: number
  /** The middle one of the times that these took. */
  readonly medianMs?: number
  /** The longest of these. */
  readonly slowestMs?: number
  /** How old the oldest datum was that an answer ok rests on, as its client got it. */
  readonly oldestMs?: number
  /** From a history's last fault on, the longest time until everything was answered and nothing changed any more. */
  readonly settledMs?: number
}
