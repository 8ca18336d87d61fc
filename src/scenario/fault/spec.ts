// What every kind of fault owes: data and pure functions. Must not know any kind.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import type { Delivery } from './delivery.ts'

/** What every kind of fault provides: data and pure functions. */
export interface FaultSpec<F extends { readonly kind: string; readonly at: Address }> {
  readonly kind: F['kind']
  /** Its fields besides `kind` and `at`: how they are read, and where shrinking takes them. */
  readonly fields: Readonly<Record<string, Field>>
  /**
   * The faults of this kind that are worth trying at a site, most telling first; none where the world does not do it.
   */
  values(site: Site): readonly F[]
  /** What becomes of the leg. */
  rewrite(delivery: Delivery, fault: F): Delivery
  /** Few words for the margin of the story. */
  words(fault: F): string
}

/** A field of a fault. `ms` and `number` shrink towards `target`; `choice` towards its first. */
export type Field =
  | { readonly type: 'ms' | 'number'; readonly target: number; readonly min?: number; readonly optional?: boolean }
  | { readonly type: 'choice'; readonly choices: readonly (string | number)[]; readonly optional?: boolean }
  | { readonly type: 'node'; readonly optional?: boolean }
  /** Names of nodes, outside hosts or `client`, at least one. */
  | { readonly type: 'nodes'; readonly optional?: boolean }
