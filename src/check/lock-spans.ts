// Who held a lock and for how long, derived from leases, from steps that acquire and release, or from the operations of
// clients. Knows effects and acts; must not know what is claimed about the spans.
import { clientWords } from '../history/node-words.ts'
import type { Act } from '../history/act.ts'
import type { Effect, Key, Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import { actsOf, conventionalAct } from './acts.ts'
import { keyFor } from './by-key.ts'
import { seconds, seqs, shown } from './reason-words.ts'

/** How to read effects that are whole leases. */
export interface Leases<T> {
  holder(value: T): Key
  /** The time from which the lease is valid, in any unit, by the same clock as `until`. */
  from(value: T): number
  /** The first moment at which the lease is no longer valid. */
  until(value: T): number
  /** Which lock. @default there is one */
  key?(value: T): Key
}

/** How to read effects that acquire and release a lock. */
export interface Steps<T> {
  holder(value: T): Key
  step(value: T): 'acquire' | 'release'
  /**
   * How long the lock is held at most after it was acquired, in milliseconds of virtual time. @default until released
   */
  forMs?(value: T): number
  /** Which lock. @default there is one */
  key?(value: T): Key
}

/** A moment: a time, and a position among the moments of the same time. */
interface LockMoment {
  readonly at: number
  readonly place: number
}

/** A holder has a lock from one moment until just before another. */
export interface LockSpan {
  /** Absent if there is only one lock. */
  readonly key: Key | undefined
  readonly holder: Key
  readonly from: LockMoment
  readonly until: LockMoment
  /** ` of "document"`, or nothing. */
  readonly of: string
  /** `from 0.100 s to 3.100 s`. */
  readonly words: string
  readonly events: readonly number[]
}

export function isBefore(a: LockMoment, b: LockMoment): boolean {
  return a.at < b.at || (a.at === b.at && a.place < b.place)
}

/** The spans of leases. A lease of no length was never valid, and has no span. */
export function spansOfLeases<T>(effect: Effect<T>, by: Leases<T>, effects: readonly Observed[]): readonly LockSpan[] {
  const who = reader(effect, by)
  return effects.flatMap((observed): readonly LockSpan[] => {
    const value = observed.value as T // values under this name come from this source
    const [from, until] = [
      numeric(effect.name, 'from', value, by.from(value)),
      numeric(effect.name, 'until', value, by.until(value)),
    ]
    if (!(from < until)) return []
    return [
      {
        ...who(value),
        from: { at: from, place: 0 },
        until: { at: until, place: 0 },
        words: `from ${from} to ${until}`,
        events: seqs([observed]),
      },
    ]
  })
}

interface Taken {
  readonly who: Pick<LockSpan, 'key' | 'holder' | 'of'>
  readonly observed: TimedObservation
  readonly expires: LockMoment
}

type TimedObservation = Observed & { readonly atMs: number; readonly event: number }

const never: LockMoment = { at: Infinity, place: 0 }

/** The spans of steps. A release ends every hold that its holder has on the lock, and does nothing without one. */
export function spansOfSteps<T>(effect: Effect<T>, by: Steps<T>, effects: readonly Observed[]): readonly LockSpan[] {
  const who = reader(effect, by)
  const spans: LockSpan[] = []
  const open = new Map<Key | undefined, Map<Key, Taken[]>>()
  for (const observed of effects.filter(isTimed)) {
    const value = observed.value as T // values under this name come from this source
    const one = who(value)
    const holders = open.get(one.key) ?? new Map<Key, Taken[]>()
    open.set(one.key, holders)
    if (stepOf(effect.name, by, value) === 'release') {
      for (const taken of holders.get(one.holder) ?? []) spans.push(spanOf(taken, observed))
      holders.delete(one.holder)
    } else {
      const taken = { who: one, observed, expires: expiryOf(effect.name, by, observed, value) }
      const had = holders.get(one.holder)
      if (had === undefined) holders.set(one.holder, [taken])
      else had.push(taken)
    }
  }
  for (const holders of open.values())
    for (const had of holders.values()) for (const taken of had) spans.push(spanOf(taken, undefined))
  return spans.filter(({ from, until }) => isBefore(from, until))
}

function isTimed(observed: Observed): observed is TimedObservation {
  return observed.atMs !== undefined && observed.event !== undefined
}

function stepOf<T>(name: string, by: Steps<T>, value: T): 'acquire' | 'release' {
  const step: unknown = by.step(value)
  if (step === 'acquire' || step === 'release') return step
  throw new Error(`${name}: the step of ${shown(value)} is ${shown(step)}; give "acquire" or "release".`)
}

/** When a lock expires: before anything else that happens at that time. */
function expiryOf<T>(name: string, by: Steps<T>, { atMs }: TimedObservation, value: T): LockMoment {
  return by.forMs === undefined ? never : { at: atMs + numeric(name, 'forMs', value, by.forMs(value)), place: -1 }
}

function spanOf({ who, observed, expires }: Taken, released: TimedObservation | undefined): LockSpan {
  const release = released === undefined ? never : { at: released.atMs, place: released.event }
  const ranOut = isBefore(expires, release)
  const until = ranOut ? expires : release
  const end = until.at === Infinity ? 'on' : `to ${seconds(until.at)}${ranOut ? ', when it ran out' : ''}`
  return {
    ...who,
    from: { at: observed.atMs, place: observed.event },
    until,
    words: `from ${seconds(observed.atMs)} ${end}`,
    events: seqs([observed]),
  }
}

function reader<T>(effect: Effect<T>, by: Leases<T> | Steps<T>): (value: T) => Pick<LockSpan, 'key' | 'holder' | 'of'> {
  const holder = effect.by((value) => by.holder(value))
  const key = effect.by((value) => by.key?.(value) ?? '')
  return (value) => {
    const found = by.key === undefined ? undefined : keyFor(key, value)
    return { key: found, holder: keyFor(holder, value), of: of(found) }
  }
}

function of(key: Key | undefined): string {
  return key === undefined ? '' : ` of ${shown(key)}`
}

/** Refuses NaN: every comparison with it is false, so such a lease would overlap nothing. */
function numeric(name: string, what: string, value: unknown, found: unknown): number {
  if (typeof found === 'number' && !Number.isNaN(found)) return found
  throw new Error(`${name}: ${what} of ${shown(value)} is ${shown(found)}; give a number.`)
}

interface Acquired {
  readonly key: Key | undefined
  readonly seq: number
  readonly atMs: number
}

/**
 * The spans of operations. A client certainly holds the lock from the answer to its `acquire` until it invokes
 * `release`. A client whose `acquire` was answered `false`, or has no answer, does not certainly hold it.
 */
export function spansOfActs(
  history: History,
  operations: readonly InterpretedOperation<Act>[] | undefined,
): readonly LockSpan[] {
  const spans: LockSpan[] = []
  const open = new Map<number, Map<Key | undefined, Acquired[]>>()
  for (const {
    act,
    call: { invoke, end },
    known,
    isDamaged,
  } of actsOf(history, operations, conventionalAct)) {
    const had = open.get(invoke.client) ?? new Map<Key | undefined, Acquired[]>()
    open.set(invoke.client, had)
    if (act.f === 'release') {
      for (const acquired of had.get(act.key) ?? []) spans.push(heldBy(invoke.client, acquired, invoke))
      had.delete(act.key)
    } else if (act.f === 'acquire' && known && isDamaged !== true && act.output !== false && end !== undefined) {
      const acquired = { key: act.key, seq: end.seq, atMs: end.atMs }
      const before = had.get(act.key)
      if (before === undefined) had.set(act.key, [acquired])
      else before.push(acquired)
    }
  }
  for (const [client, had] of open)
    for (const all of had.values()) for (const acquired of all) spans.push(heldBy(client, acquired, undefined))
  return spans
}

function heldBy(
  client: number,
  { key, seq, atMs }: Acquired,
  release: { readonly seq: number; readonly atMs: number } | undefined,
): LockSpan {
  return {
    key,
    holder: clientWords(client),
    of: of(key),
    from: { at: seq, place: 0 },
    until: release === undefined ? never : { at: release.seq, place: 0 },
    words: `from ${seconds(atMs)} ${release === undefined ? 'on' : `to ${seconds(release.atMs)}`}`,
    events: release === undefined ? [seq] : [seq, release.seq],
  }
}
