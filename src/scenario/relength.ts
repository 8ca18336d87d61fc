// Other lengths: the faults of a saved scenario still fire, and it holds, as after an edit that takes a few
// milliseconds more. Shrinking left each length of time just where it still failed, so that a little decides. Yields
// scenarios whose faults last, and whose operations wait, a little longer or shorter. Proves nothing: each is a
// candidate to execute. Must not know files, nor any kind of fault.
import { durationWords } from '../plain/time.ts'
import { addressId } from './address-text.ts'
import { faultSpec, faultWords, fieldOf, type Fault } from './fault/registry.ts'
import { everyFault, faultId, listed, orderOf, type Allowed, type ListedPlan } from './plan.ts'
import type { Move } from './reanchor.ts'
import type { Invocation, Workload } from './scenario.ts'
import type { Site } from './site.ts'

/** A workload and a plan with other lengths of time. */
export interface Relengthened {
  readonly workload: Workload
  readonly plan: ListedPlan
  readonly moved: readonly Move[]
}

/** How much longer or shorter, the least first: as a share, and at least so many milliseconds. */
const changes = [
  { share: 0.05, leastMs: 20 },
  { share: 0.25, leastMs: 100 },
  { share: 1, leastMs: 1_000 },
] as const

/**
 * How many of the lengths that were seen are tried in place of one: a time limit that was edited takes the fault along
 * that outlasts it. They are at most so many times as long, or as short.
 */
const [mostSeen, farthest] = [2, 2] as const

/** Of the most lengths that a scenario has, so many are changed: each of their combinations costs an execution. */
const maxLengths = 4

/**
 * Scenarios with other lengths: first those that were seen, then the least changed: all lengths together, each alone,
 * and each against the others. None where no length was left by shrinking.
 *
 * @param sites those that the history of this scenario met
 * @param allowed what a fault may become
 * @param seenMs lengths of time that were seen in that history, in milliseconds
 */
export function* relengthened(
  { workload, plan }: { readonly workload: Workload; readonly plan: ListedPlan },
  sites: readonly Site[],
  allowed: Allowed = everyFault,
  seenMs: readonly number[] = [],
): Generator<Relengthened, void> {
  const lengths = [...plan.faults.flatMap((fault, index) => lengthsOf(fault, index)), ...gapsOf(workload)]
  const few = lengths.slice(0, maxLengths)
  for (const ms of new Set(few.map((one) => one.ms)))
    for (const seen of nearest(seenMs, ms)) {
      let next: Relengthened = { workload, plan, moved: [] }
      for (const length of few) if (length.ms === ms) next = changed(next, length, seen, sites, allowed)
      if (next.moved.length > 0) yield next
    }
  for (const change of changes) {
    for (const signs of directions(few.length)) {
      let next: Relengthened = { workload, plan, moved: [] }
      for (const [index, length] of few.entries())
        next = changed(next, length, changedMs(length.ms, signs[index] ?? 0, change), sites, allowed)
      if (next.moved.length > 0) yield next
    }
  }
}

/** The lengths nearest to one, without itself. */
function nearest(seenMs: readonly number[], ms: number): readonly number[] {
  const distance = (other: number): number => Math.abs(Math.log(other / ms))
  return [...new Set(seenMs)]
    .filter((other) => other > 0 && other !== ms && distance(other) <= Math.log(farthest))
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, mostSeen)
}

/** A length of time in a fault, or the gap before an operation. */
type Length =
  | {
      readonly kind: 'fault'
      readonly index: number
      readonly field: string
      readonly ms: number
      readonly least: number
    }
  | { readonly kind: 'gap'; readonly index: number; readonly ms: number }

/** Those that shrinking could not take to their target. */
function lengthsOf(fault: Fault, index: number): readonly Length[] {
  return Object.entries(faultSpec(fault.kind).fields).flatMap(([field, spec]): readonly Length[] => {
    const ms = fieldOf(fault, field)
    if (spec.type !== 'ms' || typeof ms !== 'number' || ms === spec.target) return []
    return [{ kind: 'fault', index, field, ms, least: spec.min ?? -Infinity }]
  })
}

function gapsOf({ invocations }: Workload): readonly Length[] {
  return invocations.flatMap(({ afterMs }, index) => (afterMs === 0 ? [] : [{ kind: 'gap', index, ms: afterMs }]))
}

/** For each length 1, 0 or -1: all longer, all shorter, each alone, each against the others. */
function* directions(count: number): Generator<readonly number[], void> {
  const all = (sign: number): readonly number[] => Array.from({ length: count }, () => sign)
  if (count === 0) return
  yield all(1)
  yield all(-1)
  if (count === 1) return
  for (const others of [0, -1, 1])
    for (let index = 0; index < count; index++)
      for (const sign of [1, -1])
        if (sign !== others && !(count === 2 && others === 1)) yield all(others).with(index, sign)
}

/** Longer for 1, shorter for -1, in the same direction. */
function changedMs(ms: number, sign: number, { share, leastMs }: (typeof changes)[number]): number {
  const size = Math.abs(ms)
  const longer = Math.max(size * (1 + share), size + leastMs)
  const shorter = Math.max(0, Math.min(size / (1 + share), size - leastMs))
  return Math.sign(ms) * Math.round(sign === 0 ? size : sign > 0 ? longer : shorter)
}

function changed(
  { workload, plan, moved }: Relengthened,
  length: Length,
  ms: number,
  sites: readonly Site[],
  allowed: Allowed,
): Relengthened {
  if (length.kind === 'gap') {
    const invocations = workload.invocations.map((one, index) =>
      index === length.index ? { ...one, afterMs: ms } : one,
    )
    return { workload: { invocations }, plan, moved: [...moved, ...gapMoves(workload.invocations[length.index], ms)] }
  }
  const fault = plan.faults[length.index]
  const other = fault && withLength(fault, length, ms, sites)
  if (fault === undefined || other === undefined || (allowed(fault) === fault && allowed(other) !== other))
    return { workload, plan, moved }
  return {
    workload,
    plan: listed(plan.faults.with(length.index, other), orderOf(plan)),
    moved: [...moved, { words: `${faultWords(fault)}: now ${faultWords(other)}` }],
  }
}

/** The fault with this length, as far as the world does that; undefined where it stays as it was. */
function withLength(
  fault: Fault,
  { field, least, ms: before }: Extract<Length, { readonly kind: 'fault' }>,
  ms: number,
  sites: readonly Site[],
): Fault | undefined {
  const id = addressId(fault.at)
  const site = sites.find(({ address }) => addressId(address) === id)
  const lasting = site && faultSpec(fault.kind).lasting?.(fault, Math.abs(ms), site)
  if (lasting !== undefined && faultId(lasting) === faultId(fault)) return undefined // it is as long as it gets
  const isIts = lasting !== undefined && fieldOf(lasting, field) !== before
  const other = isIts ? lasting : ({ ...fault, [field]: Math.max(least, ms) } as Fault) // the same kind, another number
  return fieldOf(other, field) === before ? undefined : other
}

function gapMoves(invocation: Invocation | undefined, ms: number): readonly Move[] {
  if (invocation === undefined || invocation.afterMs === ms) return []
  const { operation, id, afterMs } = invocation
  return [
    {
      words: `${operation}#${id}: now comes ${durationWords(ms)} later, not ${durationWords(afterMs)}`,
    },
  ]
}
