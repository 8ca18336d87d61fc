// The faults: one adversarial act each, plain data with an address. The union, the registry and what every kind owes.
// A new fault is one file in fault/ and one line in each list here. Must not know how a simulation carries them out.
import type { Address } from './address.ts'
import type { Site } from './site.ts'
import { crash, type Crash } from './fault/crash.ts'
import { delay, type Delay } from './fault/delay.ts'
import { duplicate, type Duplicate } from './fault/duplicate.ts'
import { error, type ErrorReply } from './fault/error.ts'
import { hang, type Hang } from './fault/hang.ts'
import { jump, type Jump } from './fault/jump.ts'
import { lose, type Lose } from './fault/lose.ts'
import { refuse, type Refuse } from './fault/refuse.ts'
import { skew, type Skew } from './fault/skew.ts'
import { throttle, type Throttle } from './fault/throttle.ts'

/** One adversarial act. Discriminated by `kind`; `at` says where it strikes or starts. */
export type Fault = Lose | Duplicate | Crash | Delay | ErrorReply | Throttle | Refuse | Hang | Jump | Skew

/** The name of a kind of fault, as `tolerates` takes it. */
export type FaultKind = Fault['kind']

/** Every kind, most telling first: the order in which single faults are tried. */
export const faultKinds: readonly FaultKind[] = [
  'lose', 'duplicate', 'crash', 'delay', 'error', 'refuse', 'throttle', 'hang', 'jump', 'skew',
]

const specs: { readonly [K in FaultKind]: unknown } = { lose, duplicate, crash, delay, error, refuse, throttle, hang, jump, skew }

/** What a kind knows about itself. */
export function faultSpec(kind: FaultKind): FaultSpec<Fault> {
  return specs[kind] as FaultSpec<Fault> // each spec handles its own kind, and is only given faults of that kind
}

/** Whether a text names a kind of fault. */
export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(specs, text)
}

/** A fault in words, for the story. */
export function faultWords(fault: Fault): string {
  return faultSpec(fault.kind).words(fault)
}

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
  /** Wall clocks that move here. */
  readonly jumps: readonly { readonly node: string; readonly byMs: number }[]
}

/** A leg that nothing happens to. */
export const undisturbed: Passage = { delayMs: 0, fate: 'pass', copies: [], crashes: [], jumps: [] }

/** The leg as the faults leave it, whatever their order in the plan: the more telling kind has its way first. */
export function passageOf(faults: readonly Fault[]): Passage {
  return [...faults].sort(byRank).reduce<Passage>((passage, fault) => faultSpec(fault.kind).rewrite(passage, fault), undisturbed)
}

function byRank(a: Fault, b: Fault): number {
  const rank = faultKinds.indexOf(a.kind) - faultKinds.indexOf(b.kind)
  return rank === 0 ? (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) : rank
}
