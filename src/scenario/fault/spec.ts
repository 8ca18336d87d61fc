// What every kind of fault owes: data and pure functions. Whatever another room asks about a fault, it asks here or
// reads from the delivery that the fault makes; nobody else compares kinds. Must not know any kind.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import type { Delivery } from './delivery.ts'

/** What all faults have in common. */
export interface AnyFault {
  readonly kind: string
  /** Where it strikes, or where it begins. */
  readonly at: Address
}

/** What every kind of fault provides. `C`: its parts that a claim may name. */
export interface FaultSpec<F extends AnyFault, C extends object = object> {
  readonly kind: F['kind']
  /** A claim that leaves out that kind leaves out this one too: it is one of its ways. @default none */
  readonly leftOutWith?: string
  /** A kind from which most code cannot tell it: random plans draw the two as one. @default none */
  readonly oftenLike?: string
  /**
   * How often random plans draw it beside other kinds. Many kinds do much the same to a caller (its call fails), and
   * few stop a process or move a clock: if all were as frequent, hardly any plan would have two of those.
   *
   * @default 1
   */
  readonly weight?: number
  /** The engine of a store does it: it is not drawn where no store has such an engine. @default the world does it */
  readonly isOfEngine?: true
  /** What has to be there for it to strike: told where it never did. @default there is always a place */
  readonly needs?: string
  /** It has few places to strike: how much oftener it is drawn at each, up to a rate of a half. @default 1 */
  readonly times?: number
  /** What `tolerates` may name of it. Absent: only the kind as a whole. */
  readonly parts?: PartsOf<F, C>
  /** Its fields besides `kind` and `at`: how they are read, and where shrinking takes them. */
  readonly fields: Readonly<Record<string, Field>>
  /**
   * The faults of this kind that are worth trying at a site, most telling first; none where the world does not do it.
   */
  values(site: Site): readonly F[]
  /**
   * Whether the world does it at this site. A listed fault of another site, as where its call no longer needs a
   * connection, does not strike. Absent: it strikes wherever its address is met.
   */
  fits?(site: Site): boolean
  /**
   * Less usual values: random plans draw them as well; single faults try them only at some of the sites that are alike.
   * Absent: there are none.
   */
  rarer?(site: Site): readonly F[]
  /**
   * A fault that lasts so long instead, or moves a clock so far, as far as the world does that at this site. Absent: it
   * has no length.
   */
  lasting?(fault: F, ms: number, site: Site): F
  /** What becomes of the leg. */
  rewrite(delivery: Delivery, fault: F): Delivery
  /** A few words for the margin of the story. */
  words(fault: F): string
  /** A whole phrase for a sentence of its own: what the adversary does, to which message of which operation. */
  phrase(fault: F): string
  /** Small changes of a fault that the system might survive, nearest first. `sites`: those that its run met. */
  milder(fault: F, sites: readonly Site[]): readonly Milder[]
  /** One fault that does alone what two of this kind do together. Absent: there is none. */
  joined?(one: F, other: F): F
  /**
   * Whether all that the fault disturbs is one node, or the calls to that node. Absent: the node that the fault names,
   * or else either end of its address.
   */
  disturbsOnly?(fault: F, node: string): boolean
  /** The node (or `client`) whose process or clock it strikes. Absent: it strikes messages. */
  ownNode?(fault: F): string
  /** Whether it disturbs all that its caller sends and gets, beyond the call that it names. Absent: never. */
  strikesCaller?(fault: F): boolean
  /** It may interrupt an operator's procedure, which runs once all has healed. @default it does not */
  readonly interrupts?: true
  /** What it does from a later moment on, it also does from the boot on: where tries are few, only boots are tried. */
  readonly bootSuffices?: true
}

/** A milder fault, of this kind or another. */
export interface Milder {
  readonly fault: AnyFault
  /** The change in words, to be followed by "instead". */
  readonly words: string
}

/** A field of a fault. `ms` and `number` shrink towards `target`; `choice` towards its first, which absence means. */
export type Field =
  | { readonly type: 'ms' | 'number'; readonly target: number; readonly min?: number; readonly optional?: boolean }
  | { readonly type: 'choice'; readonly choices: readonly (string | number)[]; readonly optional?: boolean }
  | { readonly type: 'node'; readonly optional?: boolean }
  /** Names of nodes, outside hosts or `client`, at least one. */
  | { readonly type: 'nodes'; readonly optional?: boolean }

/** For each name in `C`: how a fault is compared with what a claim says there. */
export type PartsOf<F, C> = { readonly [P in keyof C]-?: P extends `within${string}` ? Bound<F> : Choices<F> }

/** A part that a fault has in one of a few forms. */
export interface Choices<F> {
  readonly type: 'choices'
  /** Every form, with its words in "lose (replies)". */
  readonly words: Readonly<Record<string, string>>
  of(fault: F): string
}

/** A part that a claim limits: how long, how far, how much. */
export interface Bound<F> {
  readonly type: 'bound'
  readonly unit: 'ms' | 'ppm'
  /** The fault where it is within the bound, else the largest that is. */
  limited(fault: F, most: number): F
}

/** Limits the size of a number and keeps its sign. */
export function atMost(value: number, most: number): number {
  return Math.sign(value) * Math.min(Math.abs(value), most)
}
