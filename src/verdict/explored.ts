// Counts of what a test explored. They are printed with every result, so that a passed test says how much that means.
// Plain data.
import type { FaultKind } from '../scenario/fault/registry.ts'
import type { VerdictKind } from './verdict.ts'

/** Counts of executed histories, by what they were for. */
export interface Explored {
  /** Saved counterexamples that were run first. */
  readonly saved: number
  /** Fault-free histories, and how many violated an invariant. */
  readonly perfect: { readonly run: number; readonly violated: number }
  /**
   * Fault-free histories in which one process used a store between two statements of another, and how many violated an
   * invariant. @default none
   */
  readonly orders?: { readonly run: number; readonly violated: number }
  /** Histories of exactly one fault on the smallest workload, and how many violated an invariant. */
  readonly singles: { readonly run: number; readonly violated: number; readonly total: number }
  /**
   * Histories in which a single fault struck the next attempt too, or the next two, and how many violated an invariant.
   * @default none
   */
  readonly again?: { readonly run: number; readonly violated: number }
  /**
   * Histories in which one or two further faults struck what a first one made the code do, and how many violated an
   * invariant. @default none
   */
  readonly consequences?: { readonly run: number; readonly violated: number }
  /**
   * Histories of a set of two faults on the smallest workload, then of three: how many sets there are, how many were
   * run, and how many violated an invariant. @default none
   */
  readonly sets?: readonly ExploredSets[]
  /** What `exhaustive` asked for. @default it was not given */
  readonly exhaustive?: Exhaustive
  /** The operations of the smallest workload, in order. @default it is not known */
  readonly smallest?: readonly string[]
  /** Random histories: many faults, larger workloads. `total` is set if there was no time for all of them. */
  readonly swarm: { readonly run: number; readonly violated: number; readonly total?: number }
  /** Executions for shrinking and confirming. */
  readonly shrink: number
  /** How often each kind of fault fired. */
  readonly fired: Readonly<Partial<Record<FaultKind, number>>>
  /** Kinds of fault that `tolerates` allows. */
  readonly allowed: readonly FaultKind[]
  /** What `tolerates` leaves out, in words. @default nothing */
  readonly notTried?: string
  readonly seed: number
  /** Nodes whose factory returned the same object before and after a crash. @default none */
  readonly survivors?: readonly string[]
  /** Nodes whose factory returned the same object for two instances. @default none */
  readonly shared?: readonly string[]
}

/** Sets of so many faults. */
export interface ExploredSets {
  readonly faults: 2 | 3
  readonly run: number
  readonly violated: number
  readonly total: number
}

/** What an exhaustive exploration asks for: all sets of up to so many faults. */
export interface Exhaustive {
  /** The most faults of a set. */
  readonly faults: 1 | 2 | 3
  /**
   * How many sets of one fault there are, of two, of three. `about`: it is an estimate, since it is known only when all
   * smaller sets were run: each of them makes the code do something else.
   */
  readonly asked: readonly { readonly count: number; readonly about?: true }[]
  /** How many different histories these sets have shown, whatever fault it was that made them so. */
  readonly histories: number
}

/** The combined verdict of all histories on an invariant. */
export interface Folded {
  readonly invariant: string
  readonly kind: VerdictKind
  readonly counts: Readonly<Record<VerdictKind, number>>
  /** How many of the unknown histories ended at a bound while something was missing. @default 0 */
  readonly undecided?: number
  /** The first reason of the deciding kind; absent when it holds. */
  readonly because?: string
  /** If it holds in some histories and is vacuous in others: why it is vacuous in the first of these. */
  readonly idle?: string
  /** If it holds, and nothing in any history could have violated it: why. */
  readonly weak?: string
}
