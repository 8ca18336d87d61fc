// mutualExclusion: a lock has one holder at a time, and the resource it protects rejects an earlier holder. Safety
// properties. Finds spans that overlap; lock-spans.ts derives the spans from a history. Must not know who grants locks,
// or how.
import type { Act } from '../history/act.ts'
import type { Effect, Key, Observed } from '../history/effect.ts'
import { effectsOf } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { assertOptions } from '../plain/options.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { momentsOf } from './always.ts'
import { inOrder, keyFor } from './by-key.ts'
import {
  isBefore,
  spansOfActs,
  spansOfLeases,
  spansOfSteps,
  type Leases,
  type LockSpan,
  type Steps,
} from './lock-spans.ts'
import { momentOf, checkerName, noEffect, seqs, shown } from './reason-words.ts'

/** How to read effects that a protected resource accepted, each with the fencing token of a lease. */
export interface Fencing<T> {
  /** The token; it grows with every lease that is granted. */
  token(value: T): number | bigint
  /** Which resource. @default there is one */
  key?(value: T): Key
}

/**
 * Holds when no two holders have one lock at the same time. Who holds it is derived from:
 *
 * - `holder`, `from` and `until`: each effect is a whole lease, valid from `from` until just before `until`, both by
 *   one clock.
 * - `holder` and `step`: effects acquire and release the lock. It is held from one to the other, but at most `forMs`,
 *   by virtual time, whatever the holder's own clock says. Effects without a time are ignored.
 * - `token`: effects are what the protected resource accepted; it holds when no effect has a lower token than an
 *   earlier one. Equal tokens are allowed, and effects of one moment (one commit) have no order.
 * - no effect: the operations `acquire` and `release` of sequential clients. A client certainly holds a lock from when
 *   its `acquire` was answered ok until it invokes a `release` that does not fail. An `acquire` that was answered
 *   `false`, or has no answer, holds nothing for certain.
 *
 * When its holder acquires a lock again (renewal, re-entry), this is still one hold, and one release ends it. Vacuous
 * when no lock had two holders, one after the other; for `token`, when no resource accepted anything at two moments.
 *
 * Dijkstra, "Solution of a Problem in Concurrent Programming Control" (1965); Gray and Cheriton, "Leases" (SOSP 1989);
 * Kleppmann, "How to do distributed locking" (2016), for fencing tokens; the `mutex` workloads of Jepsen.
 *
 * @throws in `check`, if a key, holder, time, step or token is invalid; for operations, if clients are not sequential
 * @example
 * mutualExclusion(lease, {
 *   holder: (l) => l.worker,
 *   from: (l) => l.from,
 *   until: (l) => l.until,
 *   key: (l) => l.document,
 * })
 * @example
 * mutualExclusion(lock, { holder: (l) => l.worker, step: (l) => l.step, forMs: () => 3_000 })
 * @example
 * mutualExclusion(written, { token: (w) => w.token, key: (w) => w.document })
 */
export function mutualExclusion<T>(effect: Effect<T>, by: Leases<T> | Steps<T> | Fencing<T>): Invariant
export function mutualExclusion(operations?: readonly InterpretedOperation<Act>[]): Invariant
export function mutualExclusion<T>(
  what?: Effect<T> | readonly InterpretedOperation<Act>[],
  by?: Leases<T> | Steps<T> | Fencing<T>,
): Invariant {
  if (what === undefined || !('kind' in what) || by === undefined)
    return overActs(what === undefined || 'kind' in what ? undefined : what)
  assertOptions(`mutualExclusion(${what.name})`, by, ['holder', 'from', 'until', 'step', 'forMs', 'token', 'key'])
  return {
    kind: 'invariant',
    name: `mutualExclusion(${what.name})`,
    effects: [what.source],
    check(history: History) {
      const effects = inOrder(effectsOf(history, what.name))
      if (effects.length === 0) return vacuous(noEffect(what.source))
      if ('token' in by) return fenced(what, by, effects)
      const spans = 'until' in by ? spansOfLeases(what, by, effects) : spansOfSteps(what, by, effects)
      return disjoint(what.name, spans)
    },
  }
}

function overActs(operations: readonly InterpretedOperation<Act>[] | undefined): Invariant {
  return {
    kind: 'invariant',
    name: checkerName('mutualExclusion', operations),
    effects: [],
    check: (history) => disjoint('lock', spansOfActs(history, operations)),
  }
}

function disjoint(name: string, spans: readonly LockSpan[]): Verdict {
  const groups = Array.from(Map.groupBy(spans, ({ key }) => key).values(), (group) =>
    group.toSorted((a, b) => (isBefore(a.from, b.from) ? -1 : isBefore(b.from, a.from) ? 1 : 0)),
  )
  const reasons = groups.flatMap((group) => firstOverlap(name, group))
  if (reasons.length > 0) return { kind: 'violated', reasons }
  if (groups.some((group) => group.some(({ holder }) => holder !== group[0]?.holder))) return holds
  return vacuous(
    spans.length === 0
      ? `nobody held a ${name} for certain.`
      : `no ${name} had two holders, one after the other: let several ask for the same.`,
  )
}

/**
 * A reason for the first span that begins while another holder has the lock. Until then, spans of different holders do
 * not overlap, so only the span that lasts longest can overlap the next one.
 */
function firstOverlap(name: string, spans: readonly LockSpan[]): readonly Reason[] {
  let longest: LockSpan | undefined
  for (const [index, span] of spans.entries()) {
    if (longest !== undefined && longest.holder !== span.holder && isBefore(span.from, longest.until)) {
      const earlier = spans.slice(0, index).find((one) => one.holder !== span.holder && isBefore(span.from, one.until))
      return [overlapReason(name, earlier ?? longest, span)]
    }
    if (longest === undefined || isBefore(longest.until, span.until)) longest = span
  }
  return []
}

function overlapReason(name: string, earlier: LockSpan, later: LockSpan): Reason {
  return {
    text:
      `${shown(later.holder)} held ${name}${later.of} ${later.words}, while ${shown(earlier.holder)} held it ` +
      `${earlier.words}; expected one holder at a time.`,
    kind: 'two-holders',
    of: name,
    ...(later.key === undefined ? {} : { subject: later.key }),
    events: [...new Set([...earlier.events, ...later.events])].sort((a, b) => a - b),
  }
}

interface Accepted {
  readonly observed: Observed
  readonly token: number | bigint
}

function fenced<T>({ name, ...effect }: Effect<T>, by: Fencing<T>, effects: readonly Observed[]): Verdict {
  const keyed = effect.by((value) => by.key?.(value) ?? '')
  const groups = Map.groupBy(
    effects.filter(({ event }) => event !== undefined),
    ({ value }) => keyFor(keyed, value),
  )
  const reasons = Array.from(groups).flatMap(([key, group]) =>
    firstStale(name, by.key === undefined ? undefined : key, by, group),
  )
  if (reasons.length > 0) return { kind: 'violated', reasons }
  if (Array.from(groups.values()).some((group) => group.some(({ event }) => event !== group[0]?.event))) return holds
  return vacuous(
    `no resource of "${name}" accepted anything at two moments: let several write to the same, and write each ` +
      'down in a journal.',
  )
}

function firstStale<T>(
  name: string,
  key: Key | undefined,
  by: Fencing<T>,
  effects: readonly Observed[],
): readonly Reason[] {
  let highest: Accepted | undefined
  for (const moment of momentsOf(effects)) {
    // The cast holds: values under this name come from this source
    const accepted = moment.map((observed) => ({ observed, token: tokenOf(name, by, observed.value as T) }))
    const before = highest
    const stale = before && accepted.find(({ token }) => token < before.token)
    if (before !== undefined && stale !== undefined) return [staleToken(name, key, before, stale)]
    for (const one of accepted) if (highest === undefined || one.token > highest.token) highest = one
  }
  return []
}

/** Refuses NaN: every comparison with it is false, so it would always pass. */
function tokenOf<T>(name: string, by: Fencing<T>, value: T): number | bigint {
  const token: unknown = by.token(value)
  if (typeof token === 'bigint' || (typeof token === 'number' && !Number.isNaN(token))) return token
  throw new Error(`${name}: the token of ${shown(value)} is ${shown(token)}; give a number or bigint.`)
}

function staleToken(name: string, key: Key | undefined, before: Accepted, stale: Accepted): Reason {
  return {
    text:
      `${name}${key === undefined ? '' : ` for ${shown(key)}`} was accepted with token ` +
      `${shown(stale.token)}${momentOf(stale.observed)}, after token ` +
      `${shown(before.token)}${momentOf(before.observed)}; expected that an earlier holder is refused.`,
    kind: 'stale-token',
    of: name,
    ...(key === undefined ? {} : { subject: key }),
    events: seqs([before.observed, stale.observed]),
  }
}
