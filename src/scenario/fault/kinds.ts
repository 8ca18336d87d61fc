// Every kind of fault, most telling first: the order in which single faults are tried. To add a kind, write its file,
// import it here, and add one line to the list: its union type, order and lookup are derived from it in registry.ts.
/* oxlint-disable typescript/no-unnecessary-type-assertion -- an exported list must name the types of what it imports */
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
import { throttle, type Throttle } from './throttle.ts'
import type { FaultSpec } from './spec.ts'

export const faultSpecs = [
  lose as FaultSpec<Lose>,
  duplicate as FaultSpec<Duplicate>,
  crash as FaultSpec<Crash>,
  delay as FaultSpec<Delay>,
  error as FaultSpec<ErrorReply>,
  reset as FaultSpec<Reset>,
  refuse as FaultSpec<Refuse>,
  throttle as FaultSpec<Throttle>,
  hang as FaultSpec<Hang>,
  garble as FaultSpec<Garble>,
  partition as FaultSpec<Partition>,
  slow as FaultSpec<Slow>,
  latency as FaultSpec<Latency>,
  pause as FaultSpec<Pause>,
  jump as FaultSpec<Jump>,
  skew as FaultSpec<Skew>,
  drift as FaultSpec<Drift>,
] as const
