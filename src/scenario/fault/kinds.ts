// Every kind of fault, most telling first: the order in which single faults are tried. To add a kind, write its file,
// import it here, and add a line to both lists: its union type, order and lookup are derived from them in registry.ts.
import { close, type Close } from './close.ts'
import { crash, type Crash, type CrashParts } from './crash.ts'
import { delay, type Delay, type DelayParts } from './delay.ts'
import { deploy, type Deploy, type DeployParts } from './deploy.ts'
import { drift, type Drift, type DriftParts } from './drift.ts'
import { duplicate, type Duplicate, type DuplicateParts } from './duplicate.ts'
import { error, type ErrorReply, type ErrorParts } from './error.ts'
import { garble, type Garble, type GarbleParts } from './garble.ts'
import { hang, type Hang } from './hang.ts'
import { jump, type Jump, type JumpParts } from './jump.ts'
import { latency, type Latency, type LatencyParts } from './latency.ts'
import { leave, type Leave } from './leave.ts'
import { lookup, type Lookup, type LookupParts } from './lookup.ts'
import { lose, type Lose, type LoseParts } from './lose.ts'
import { partition, type Partition, type PartitionParts } from './partition.ts'
import { pause, type Pause, type PauseParts } from './pause.ts'
import { readOnly, type ReadOnly } from './readonly.ts'
import { refuse, type Refuse } from './refuse.ts'
import { reset, type Reset, type ResetParts } from './reset.ts'
import { skew, type Skew, type SkewParts } from './skew.ts'
import { slow, type Slow, type SlowParts } from './slow.ts'
import { stale, type Stale, type StaleParts } from './stale.ts'
import { throttle, type Throttle, type ThrottleParts } from './throttle.ts'
import { trickle, type Trickle, type TrickleParts } from './trickle.ts'
import { unreachable, type Unreachable } from './unreachable.ts'
import { unsynced, type Unsynced } from './unsynced.ts'
import type { AnyFault, FaultSpec } from './spec.ts'

/** Each kind's faults, and the parts of them that a claim may name. Apart from the specs, which users never meet. */
export type FaultTypes = readonly [
  readonly [Lose, LoseParts],
  readonly [Duplicate, DuplicateParts],
  readonly [Crash, CrashParts],
  readonly [Delay, DelayParts],
  readonly [ErrorReply, ErrorParts],
  readonly [Reset, ResetParts],
  readonly [Close, object],
  readonly [Refuse, object],
  readonly [Lookup, LookupParts],
  readonly [Unreachable, object],
  readonly [Throttle, ThrottleParts],
  readonly [Hang, object],
  readonly [Garble, GarbleParts],
  readonly [Trickle, TrickleParts],
  readonly [Leave, object],
  readonly [Partition, PartitionParts],
  readonly [Slow, SlowParts],
  readonly [Latency, LatencyParts],
  readonly [Pause, PauseParts],
  readonly [Deploy, DeployParts],
  readonly [ReadOnly, object],
  readonly [Stale, StaleParts],
  readonly [Unsynced, object],
  readonly [Jump, JumpParts],
  readonly [Skew, SkewParts],
  readonly [Drift, DriftParts],
]

type SpecsOf<T> = { readonly [I in keyof T]: SpecOf<T[I]> }

type SpecOf<T> = T extends readonly [infer F extends AnyFault, infer C extends object] ? FaultSpec<F, C> : never

export const faultSpecs: SpecsOf<FaultTypes> = [
  lose,
  duplicate,
  crash,
  delay,
  error,
  reset,
  close,
  refuse,
  lookup,
  unreachable,
  throttle,
  hang,
  garble,
  trickle,
  leave,
  partition,
  slow,
  latency,
  pause,
  deploy,
  readOnly,
  stale,
  unsynced,
  jump,
  skew,
  drift,
]
