// The faults: one adversarial act each, plain data with an address. The union, the registry and what every kind owes.
// A new fault is one file in fault/ and one line in each list here. Must not know how a simulation carries them out.
import { crash, type Crash } from './crash.ts'
import { delay, type Delay } from './delay.ts'
import { drift, type Drift } from './drift.ts'
import { duplicate, type Duplicate } from './duplicate.ts'
import { error, type ErrorReply } from './error.ts'
import { garble, type Garble } from './garble.ts'
import { hang, type Hang } from './hang.ts'
import { jump, type Jump } from './jump.ts'
import { latency, type Latency } from './latency.ts'
import { lose, type Lose } from './lose.ts'
import { partition, type Partition } from './partition.ts'
import { pause, type Pause } from './pause.ts'
import { refuse, type Refuse } from './refuse.ts'
import { reset, type Reset } from './reset.ts'
import { skew, type Skew } from './skew.ts'
import { slow, type Slow } from './slow.ts'
import { undisturbed, type Delivery } from './delivery.ts'
import type { FaultSpec } from './spec.ts'
import { throttle, type Throttle } from './throttle.ts'

/** One adversarial act. Discriminated by `kind`; `at` says where it strikes or starts. */
export type Fault =
  | Lose
  | Duplicate
  | Crash
  | Delay
  | ErrorReply
  | Reset
  | Refuse
  | Throttle
  | Hang
  | Garble
  | Partition
  | Slow
  | Latency
  | Pause
  | Jump
  | Skew
  | Drift

/** The name of a kind of fault, as `tolerates` takes it. */
export type FaultKind = Fault['kind']

/** Every kind, most telling first: the order in which single faults are tried. */
export const faultKinds: readonly FaultKind[] = [
  'lose',
  'duplicate',
  'crash',
  'delay',
  'error',
  'reset',
  'refuse',
  'throttle',
  'hang',
  'garble',
  'partition',
  'slow',
  'latency',
  'pause',
  'jump',
  'skew',
  'drift',
]

const specs: { readonly [K in FaultKind]: unknown } = {
  lose,
  duplicate,
  crash,
  delay,
  error,
  reset,
  refuse,
  throttle,
  hang,
  garble,
  partition,
  slow,
  latency,
  pause,
  jump,
  skew,
  drift,
}

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

/** The leg as the faults leave it, whatever their order in the plan: the more telling kind has its way first. */
export function deliveryOf(faults: readonly Fault[]): Delivery {
  return [...faults]
    .sort(byRank)
    .reduce<Delivery>((delivery, fault) => faultSpec(fault.kind).rewrite(delivery, fault), undisturbed)
}

function byRank(a: Fault, b: Fault): number {
  const rank = faultKinds.indexOf(a.kind) - faultKinds.indexOf(b.kind)
  return rank === 0 ? (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) : rank
}
