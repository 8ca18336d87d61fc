// Verdicts: what a checker says of one history. Pure data; the fold over many histories is in check/fold.ts.
import type { ConsistencyModel } from './consistency.ts'
import type { EffectSource } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Reason } from './reason.ts'

/** `unknown`: it ran out of budget or threw, which is never `holds`. `vacuous`: there was nothing to look at. */
export type VerdictKind = 'holds' | 'violated' | 'unknown' | 'vacuous'

/** What a checker says of one history. */
export interface Verdict {
  readonly kind: VerdictKind
  /** At least one unless it holds; the most telling first. */
  readonly reasons: readonly Reason[]
  /** Only if it holds: nothing in this history could have violated it. @default something could, or it is not known */
  readonly weak?: Weakness
}

/** Why nothing in a history could have violated an invariant. It is told where that is so in all histories. */
export interface Weakness {
  /** What was seen, and what to do. Empty where this history does not show it. */
  readonly text: string
  /** Of all histories the text with the largest number is told. @default 0 */
  readonly size?: number
}

/** The user's claim: a named pure function of a history. */
export interface Invariant {
  readonly kind: 'invariant'
  readonly name: string
  /** The effects that it reads; the simulation has to observe these. */
  readonly effects: readonly EffectSource[]
  /** The consistency model that it claims. If several are violated, the weakest is reported. */
  readonly model?: ConsistencyModel
  /**
   * How soon after healing probes must be answered, in milliseconds. A probe that was not answered is repeated then.
   */
  readonly recoveryMs?: number
  /**
   * Operations whose messages it takes for genuine: an attacker forges, changes and repeats those of a provider.
   *
   * @default none
   */
  readonly genuine?: readonly string[]
  /** It asks when rows appeared: they are read after every commit. @default false */
  readonly seesCommits?: boolean
  /** It asks for what processes leave open, see `noLeftovers`. @default false */
  readonly seesLeftovers?: boolean
  /** It asks how many bytes bodies have, see `costBudget`. @default false */
  readonly seesBytes?: boolean
  /** Most histories have nothing for it, which is no sign of a mistake. @default false */
  readonly isRare?: boolean
  /** The most operations of a workload. @default any number */
  readonly mostOperations?: number
  check(history: History): Verdict
  /** Judges a history that was just run, in place of `check`. */
  judge?(run: JudgedRun, simulation: RunsAlone): Promise<Verdict>
}

/** A history that was just run. The stores have the content with which it ended. */
export interface JudgedRun {
  readonly scenario: Scenario
  readonly history: History
  readonly fired: readonly Fault[]
  /** It was given as long as nobody needs, so that what is missing will not come. @default false */
  readonly patient?: boolean
}

/** Runs other scenarios of the system. */
export interface RunsAlone {
  readonly system: { readonly stores?: readonly StoredContent[] }
  run(scenario: Scenario, options: { readonly alone: Alone; readonly patient: boolean }): Promise<{ history: History }>
}

/** Operations are carried out one after the other, each once the one before has left nothing to do. */
export interface Alone {
  /** How far all wall clocks are ahead. */
  readonly aheadMs: number
  /** How long the first operation waits. */
  readonly afterMs: number
  /** When each begins at the earliest, by its id: as soon as the one before has ended. */
  readonly at?: ReadonlyMap<number, number>
}

/** A store whose content can be read. */
export interface StoredContent {
  readonly name: string
  /** Its rows, by table. */
  content?(): TableRows | Promise<TableRows>
}

/** Rows by table. */
export type TableRows = Readonly<Record<string, readonly unknown[]>>

export const holds: Verdict = { kind: 'holds', reasons: [] }

/** It holds, and nothing in this history could have violated it. */
export function weakly(text: string, size = 0): Verdict {
  return { kind: 'holds', reasons: [], weak: { text, size } }
}

export function violated(...reasons: readonly Reason[]): Verdict {
  return { kind: 'violated', reasons }
}

export function unknown(text: string): Verdict {
  return { kind: 'unknown', reasons: [{ kind: 'unknown', text, events: [] }] }
}

/** Unknown, because the history ended at a bound, and something is missing that might still have come. */
export function undecided(text: string): Verdict {
  return { kind: 'unknown', reasons: [{ kind: 'undecided', text, events: [] }] }
}

/** Unknown, because the invariant (or a user's function in it) threw, or returned something invalid. */
export function noVerdict(text: string): Verdict {
  return { kind: 'unknown', reasons: [{ kind: 'no-verdict', text, events: [] }] }
}

export function vacuous(text: string): Verdict {
  return { kind: 'vacuous', reasons: [{ kind: 'vacuous', text, events: [] }] }
}
