// A site: a moment in a history at which a fault can strike, with what decides which faults make sense there. Met while
// a history runs, and listed as the catalogue of the fault-free run. Each kind of site has only what applies to it.
// Knows only addresses.
import type { Address } from './address.ts'

/** Where a fault can strike. A union discriminated by `kind`. */
export type Site = CallSite | StoreSite | BootSite

/** A leg of a call over a network leaves. */
export interface CallSite {
  readonly kind: 'call'
  readonly address: Address
  /** Those ends of the link that are nodes of the user's: they can crash, and their clocks can be wrong. */
  readonly nodes: readonly string[]
  /** Those of the nodes that have several instances, so that others go on where one dies. Absent: none. */
  readonly replicated?: readonly string[]
  /**
   * The request may arrive twice, because its sender delivers at least once (an operation with `retries`, a provider, a
   * queue) or because anybody on its way may repeat an idempotent request.
   */
  readonly repeatable: boolean
  /**
   * Its callee is called by an address, or over a connection that is open already. Absent: by a name, over a connection
   * of its own.
   */
  readonly reach?: Reach
  /**
   * The client of its operation waits, and may go away: as a request leaves, or as the rest of an answer comes that is
   * streamed. Absent: it does not.
   */
  readonly waitedFor?: true
  /** How long this leg usually takes, in milliseconds. */
  readonly latencyMs: number
  /** Its callee is a store, whose engine may do this. Absent: nothing. */
  readonly engine?: EngineFault
  /** How long until each timer that waits for this call fires, in milliseconds from when the leg leaves, ascending. */
  readonly timersMs: readonly number[]
  /** How many bytes of the leg's body are there when its head leaves. Absent: there is no body, or an empty one. */
  readonly bodyBytes?: number
}

/** How a call reaches its callee without looking its name up. */
export type Reach = 'by address' | 'kept connection'

/** What the engine of a store does: it refuses writes, reads come from a lagging replica, commits may be lost. */
export type EngineFault = 'readonly' | 'stale' | 'unsynced'

/**
 * A synchronous call on a store, or an entry in a journal, has just taken effect (leg `reply`); or a call is about to
 * reach a store whose engine may do something of its own (leg `request`, with `engine`).
 */
export interface StoreSite {
  readonly kind: 'store'
  readonly address: Address
  /** The node that called, unless the caller is a client or an outside host. */
  readonly nodes: readonly string[]
  /** The node, if it has several instances, so that others go on where one dies. Absent: it has one. */
  readonly replicated?: readonly string[]
  /** The call changes something. */
  readonly write: boolean
  /** What the engine may do here. Absent: nothing. */
  readonly engine?: EngineFault
}

/** A node, or one instance of it, boots for the first time; or a client starts. */
export interface BootSite {
  readonly kind: 'boot'
  readonly engine?: never
  readonly address: Address
  /** The node; or `client`. */
  readonly nodes: readonly string[]
}

/** Whether somebody has just read a store: what it does next, it does by what it knows. */
export function isRead(site: Site): boolean {
  return site.kind === 'store' && !site.write
}
