// What every kind of fault owes: data and pure functions. And the passage that faults rewrite. Must not know any kind.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'

/** What every kind of fault provides: data and pure functions. */
export interface FaultSpec<F extends { readonly kind: string; readonly at: Address }> {
  readonly kind: F['kind']
  /** Its fields besides `kind` and `at`: how they are read, and where shrinking takes them. */
  readonly fields: Readonly<Record<string, Field>>
  /** The faults of this kind that are worth trying at a site, most telling first; none where the world does not do it. */
  values(site: Site): readonly F[]
  /** What becomes of the leg. */
  rewrite(passage: Passage, fault: F): Passage
  /** Few words for the margin of the story. */
  words(fault: F): string
}

/** A field of a fault. `ms` and `number` shrink towards `target`; `choice` towards its first. */
export type Field =
  | { readonly type: 'ms' | 'number'; readonly target: number; readonly min?: number; readonly optional?: boolean }
  | { readonly type: 'choice'; readonly choices: readonly (string | number)[]; readonly optional?: boolean }
  | { readonly type: 'node'; readonly optional?: boolean }

/** What becomes of one leg on its way; faults rewrite it one after the other. */
export interface Passage {
  /** Added to the usual latency. */
  readonly delayMs: number
  readonly fate: 'pass' | 'lost' | 'hang' | 'refused'
  /** Answered in the callee's stead (request), or instead of the callee's answer (reply). */
  readonly answer?: { readonly status: number; readonly retryAfterMs?: number }
  /** Further copies of a request: `afterMs` after the first copy's arrival, or after its reply left. */
  readonly copies: readonly { readonly after: 'request' | 'reply'; readonly afterMs: number }[]
  /** Nodes that stop here: the sender once the leg has left, the receiver as it arrives. A sender's reply never leaves. */
  readonly crashes: readonly { readonly node: string; readonly restartAfterMs: number }[]
  /** Nodes that stop here for a while, where they would crash. `replaced`: a new incarnation takes the requests from here on. */
  readonly pauses: readonly { readonly node: string; readonly forMs: number; readonly replaced: boolean }[]
  /** Wall clocks that move here. */
  readonly jumps: readonly { readonly node: string; readonly byMs: number }[]
  /** Timer clocks that run fast (positive) or slow from here on, in millionths. */
  readonly drifts: readonly { readonly node: string; readonly ppm: number }[]
}

/** A leg that nothing happens to. */
export const undisturbed: Passage = { delayMs: 0, fate: 'pass', copies: [], crashes: [], pauses: [], jumps: [], drifts: [] }
