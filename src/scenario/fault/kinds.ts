// Every kind of fault, most telling first: the order in which single faults are tried. To add a kind, write its file,
// import it here, and add one line to the list: its union type, order and lookup are derived from it in registry.ts.
/* oxlint-disable typescript/no-unnecessary-type-assertion -- an exported list must name the types of what it imports */
import { crash, type Crash, type CrashParts } from './crash.ts'
import { delay, type Delay, type DelayParts } from './delay.ts'
import { drift, type Drift, type DriftParts } from './drift.ts'
import { duplicate, type Duplicate, type DuplicateParts } from './duplicate.ts'
import { error, type ErrorReply, type ErrorParts } from './error.ts'
import { garble, type Garble, type GarbleParts } from './garble.ts'
import { hang, type Hang } from './hang.ts'
import { jump, type Jump, type JumpParts } from './jump.ts'
import { latency, type Latency, type LatencyParts } from './latency.ts'
import { lose, type Lose, type LoseParts } from './lose.ts'
import { partition, type Partition, type PartitionParts } from './partition.ts'
import { pause, type Pause, type PauseParts } from './pause.ts'
import { refuse, type Refuse } from './refuse.ts'
import { reset, type Reset, type ResetParts } from './reset.ts'
import { skew, type Skew, type SkewParts } from './skew.ts'
import { slow, type Slow, type SlowParts } from './slow.ts'
import { throttle, type Throttle, type ThrottleParts } from './throttle.ts'
import type { FaultSpec } from './spec.ts'

export const faultSpecs = [
  lose as FaultSpec<Lose, LoseParts>,
  duplicate as FaultSpec<Duplicate, DuplicateParts>,
  crash as FaultSpec<Crash, CrashParts>,
  delay as FaultSpec<Delay, DelayParts>,
  error as FaultSpec<ErrorReply, ErrorParts>,
  reset as FaultSpec<Reset, ResetParts>,
  refuse as FaultSpec<Refuse>,
  throttle as FaultSpec<Throttle, ThrottleParts>,
  hang as FaultSpec<Hang>,
  garble as FaultSpec<Garble, GarbleParts>,
  partition as FaultSpec<Partition, PartitionParts>,
  slow as FaultSpec<Slow, SlowParts>,
  latency as FaultSpec<Latency, LatencyParts>,
  pause as FaultSpec<Pause, PauseParts>,
  jump as FaultSpec<Jump, JumpParts>,
  skew as FaultSpec<Skew, SkewParts>,
  drift as FaultSpec<Drift, DriftParts>,
] as const
