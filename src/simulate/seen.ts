// What a simulation looks for only where an invariant asks for it, since it costs something in every step.
import type { System } from '../system/system.ts'

/** What is looked for. */
export interface Seen {
  /** What processes leave open. */
  readonly leftovers: boolean
  /** How many bytes each body has. */
  readonly bytes: boolean
}

/** What the invariants of a system ask for. */
export function seenBy({ invariants }: Pick<System, 'invariants'>): Seen {
  return {
    leftovers: invariants.some(({ seesLeftovers }) => seesLeftovers),
    bytes: invariants.some(({ seesBytes }) => seesBytes),
  }
}
