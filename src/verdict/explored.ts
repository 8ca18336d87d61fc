// What a test explored, counted: printed with every result, so that green says how much it means. Plain data.
import type { FaultKind } from '../scenario/fault/registry.ts'
import type { VerdictKind } from './verdict.ts'

/** Counts of executed histories, by what they were for. */
export interface Explored {
  /** Saved counterexamples that were run first. */
  readonly saved: number
  /** Fault-free histories, and how many violated an invariant. */
  readonly perfect: { readonly run: number; readonly violated: number }
  /**
   * Fault-free histories in which a process had its turn between two statements of another, and how many violated an
   * invariant. @default none
   */
  readonly orders?: { readonly run: number; readonly violated: number }
  /** Histories of exactly one fault on the smallest workload, and how many violated an invariant. */
  readonly singles: { readonly run: number; readonly violated: number; readonly total: number }
  /** Random histories: many faults, larger workloads. `total` is there where time did not let all of them run. */
  readonly swarm: { readonly run: number; readonly violated: number; readonly total?: number }
  /** Executions that shrinking and confirming took. */
  readonly shrink: number
  /** How often each kind of fault fired. */
  readonly fired: Readonly<Partial<Record<FaultKind, number>>>
  /** Kinds that the claim allows. */
  readonly allowed: readonly FaultKind[]
  readonly seed: number
  /** Nodes that were given the same object before and after a crash. @default none */
  readonly survivors?: readonly string[]
  /** Nodes of which two instances were given the same object. @default none */
  readonly shared?: readonly string[]
}

/** What all histories together say of one invariant. */
export interface Folded {
  readonly invariant: string
  readonly kind: VerdictKind
  readonly counts: Readonly<Record<VerdictKind, number>>
  /** Of the unknown ones, those that ended at a bound while something was missing. @default 0 */
  readonly undecided?: number
  /** The first reason of the deciding kind; absent when it holds. */
  readonly because?: string
  /** Why it had nothing to look at in the first history of those in which it had not, where it holds in others. */
  readonly idle?: string
}
