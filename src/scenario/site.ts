// A site: a place in a history where a fault can strike, with what decides which faults make sense there.
// Met while a history runs, listed as the catalogue of the fault-free run. Knows only addresses.
import type { Address } from './address.ts'

/** A leg of a call, a store call, or the boot of a node, seen by the adversary. */
export interface Site {
  readonly address: Address
  readonly channel: 'http' | 'store' | 'boot'
  /** HTTP method; empty elsewhere. */
  readonly method: string
  /** The sender repeats what was not answered (an operation with `retries`, a provider, a queue). */
  readonly atLeastOnce: boolean
  /** The user's own nodes at either end: those that can crash and whose clocks can be wrong. */
  readonly nodes: readonly string[]
  /** A store call that changes something. */
  readonly write: boolean
  /** The usual way of this leg, in milliseconds. */
  readonly latencyMs: number
  /** How long until each timer that waits for this call fires, in milliseconds from when the leg leaves, ascending. */
  readonly timersMs: readonly number[]
  /** Bytes of a reply's body that are there as its head leaves. Absent: no body, or an empty one. */
  readonly bodyBytes?: number
}
