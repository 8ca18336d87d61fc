// contained: the failure of a dependency does not spread. Three independent claims: operations that do not need the
// dependency are answered in time, the circuit breaker in front of it stays open, and everything works again soon after
// healing. breaker.ts judges what a breaker let through.
import { disturbsOnly } from '../scenario/fault/registry.ts'
import type { History } from '../history/history.ts'
import { isRefusalWhy } from '../history/status-why.ts'
import { recoveredAt } from '../history/told.ts'
import { assertOptions } from '../plain/options.ts'
import type { Operation } from '../system/operation.ts'
import type { Reason, ReasonKind } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { overProbed, type Breaker } from './breaker.ts'
import { callsOf, cutShort, endOf, isQuiet, type Call } from './calls.ts'
import { invoked, seconds, seqs, shown, who } from './reason-words.ts'

/** The claims; give at least one. */
export interface Containment {
  /**
   * Operations that do not need the dependency, and how many milliseconds of virtual time each may take.
   *
   * @default not claimed
   */
  readonly spared?: {
    readonly operations: readonly Pick<Operation<unknown>, 'kind' | 'name'>[]
    readonly withinMs: number
  }
  /** The circuit breaker that limits what callers still send to the dependency while it fails. @default not claimed */
  readonly breaker?: Breaker
  /** How many milliseconds of virtual time after healing everything has to work. @default not claimed */
  readonly recoveryMs?: number
}

/**
 * Holds when every claim is true.
 *
 * - `spared`: each of these operations that was open, or invoked, after a fault had struck the dependency was answered
 *   in time (ok, or refused with a 4xx status). Judged only while nothing but the dependency has failed: a fault
 *   anywhere else ends the claim, so give `tolerates: { 'shop -> bank': [...] }`. An operation that never ends is
 *   violated; one that is still within its time when the history ends at a bound is unknown.
 * - `breaker`: after a caller has noticed `opensAfter` failures in a row, it sends at most `probes` requests in any
 *   period of `openForMs`, until it gets a good answer. Each calling node has its own breaker, which is closed again
 *   after a restart. A node with several instances is not judged, nor one that was replaced while it was paused.
 *   Clients are judged with `from: 'client'`, where an `actor` holds a breaker for each.
 * - `recoveryMs`: every operation that was invoked after healing (a `probe` operation) and ended later than this was
 *   answered; a 429 is not an answer. A probe that was not answered is repeated once at that time. If a Retry-After
 *   asked for a time after healing, the recovery time begins then. An operation that never ends is violated; one that
 *   is open when the history ends at a bound is unknown.
 *
 * Vacuous when there was nothing to judge: no spared operation met a failure, no breaker had to open, and nothing was
 * invoked after healing.
 *
 * Nygard, "Release It!" (2nd edition, 2018), chapters 4 and 5: cascading failures, bulkheads, circuit breakers.
 *
 * @param dependency the node or outside host that may fail
 * @throws if nothing is claimed, or a number is not above 0
 * @example
 * contained('bank', {
 *   spared: { operations: [browse], withinMs: 500 },
 *   breaker: { opensAfter: 5, openForMs: 10_000, probes: 1, timeoutMs: 2_000 },
 *   recoveryMs: 30_000,
 * })
 */
export function contained(dependency: string, claims: Containment): Invariant {
  const of = `contained(${dependency})`
  assertOptions(of, claims ?? null, ['spared', 'breaker', 'recoveryMs'])
  assertOptions(`${of}: spared`, claims.spared, ['operations', 'withinMs'])
  assertOptions(`${of}: breaker`, claims.breaker, ['opensAfter', 'openForMs', 'probes', 'timeoutMs', 'from'])
  const { spared, breaker, recoveryMs } = claims
  const claimed = Object.entries({ spared, breaker, recoveryMs }).flatMap(([claim, given]) =>
    given === undefined ? [] : [claim],
  )
  assertClaims(of, claims)
  return {
    kind: 'invariant',
    name: `contained(${[dependency, ...claimed].join(', ')})`,
    effects: [],
    ...(recoveryMs === undefined ? {} : { recoveryMs }),
    check(history: History) {
      const found = [
        ...(spared === undefined ? [] : [spread(history, dependency, spared)]),
        ...(breaker === undefined ? [] : [{ ...overProbed(history, dependency, breaker), open: [] }]),
        ...(recoveryMs === undefined ? [] : [notRecovered(history, recoveryMs)]),
      ]
      const reasons = found.flatMap(({ reasons: each }) => each)
      if (reasons.length > 0) return { kind: 'violated', reasons }
      const open = found.flatMap((each) => each.open)[0]
      if (open !== undefined) return undecided(`${cutShort(history)}, while ${who(open)} was open.`)
      return found.some(({ looked }) => looked) ? holds : vacuous(nothingFailed(dependency, claims))
    },
  }
}

function assertClaims(name: string, { spared, breaker, recoveryMs }: Containment): void {
  if (spared === undefined && breaker === undefined && recoveryMs === undefined)
    throw new Error(`${name}: claim something: spared, breaker or recoveryMs.`)
  if (spared?.operations.length === 0)
    throw new Error(`${name}: spared names no operation; name those that do not need the dependency.`)
  const numbers = {
    'spared.withinMs': spared?.withinMs,
    'breaker.opensAfter': breaker?.opensAfter,
    'breaker.openForMs': breaker?.openForMs,
    'breaker.timeoutMs': breaker?.timeoutMs,
    recoveryMs,
  }
  for (const [what, found] of Object.entries(numbers)) {
    if (found !== undefined && !(found > 0))
      throw new Error(`${name}: ${what} is ${shown(found)}; give a number above 0.`)
  }
  if (breaker?.probes !== undefined && !(breaker.probes >= 0))
    throw new Error(`${name}: breaker.probes is ${shown(breaker.probes)}; give a whole number from 0.`)
}

interface Found {
  readonly reasons: readonly Reason[]
  readonly looked: boolean
  /** Operations that have not ended, and may still end in time. */
  readonly open: readonly Call[]
}

/** Judges spared operations between the first failure of the dependency and the first of anything else. */
function spread(
  history: History,
  dependency: string,
  { operations, withinMs }: NonNullable<Containment['spared']>,
): Found {
  const failed = history.events.find((event) => event.kind === 'fault' && disturbsOnly(event.fault, dependency))
  if (failed === undefined) return { reasons: [], looked: false, open: [] }
  const other = history.events.find((event) => event.kind === 'fault' && !disturbsOnly(event.fault, dependency))
  const names = new Set(operations.map(({ name }) => name))
  const untilSeq = other?.seq ?? Infinity
  const judged = callsOf(history).filter(
    ({ invoke, end }) =>
      names.has(invoke.operation) &&
      (end?.seq ?? Infinity) > failed.seq &&
      (end?.seq ?? history.events.length) <= untilSeq,
  )
  const nowMs = history.events.at(-1)?.atMs ?? 0
  const wrong = judged.filter(({ invoke, end }) => {
    if (end !== undefined) return !isAnswered({ invoke, end }) || end.atMs - invoke.atMs > withinMs
    return isQuiet(history) || nowMs - invoke.atMs > withinMs
  })
  return {
    reasons: wrong.map((call) =>
      reason(
        history,
        'spread',
        call,
        `though it does not need ${dependency}, which failed at ${seconds(failed.atMs)}; expected an answer ` +
          `within ${seconds(withinMs)}`,
        [failed.seq],
      ),
    ),
    looked: judged.length > 0,
    open: judged.filter(({ end }) => end === undefined),
  }
}

/**
 * A 4xx counts as an answer. A refused connection does not, nor does a 429, whatever the operation's `outcome` makes of
 * it.
 */
function isAnswered({ end }: Call): boolean {
  return end?.kind === 'ok' || isRefusalWhy(end?.why)
}

function notRecovered(history: History, recoveryMs: number): Found {
  const heal = history.events.find(({ kind }) => kind === 'heal')
  const after = heal === undefined ? [] : callsOf(history).filter(({ invoke }) => invoke.seq > heal.seq)
  const dueMs = recoveredAt(history.events, recoveryMs) ?? 0
  const wrong = after.filter((call) =>
    call.end === undefined ? isQuiet(history) : call.end.atMs > dueMs && !isAnswered(call),
  )
  return {
    reasons: wrong.map((call) =>
      reason(
        history,
        'no-recovery',
        call,
        `though all had healed at ${seconds(heal?.atMs ?? 0)}; expected that it works by ${seconds(dueMs)}`,
        heal === undefined ? [] : [heal.seq],
      ),
    ),
    looked: after.some((call) => isAnswered(call) || (call.end?.atMs ?? 0) > dueMs),
    open: after.filter(({ end }) => end === undefined),
  }
}

function reason(history: History, kind: ReasonKind, call: Call, why: string, others: readonly number[]): Reason {
  const { end } = call
  const last = end ?? endOf(history)
  const outcome =
    end === undefined
      ? 'never ended'
      : `was ${end.kind === 'ok' ? 'answered ok' : `${end.kind}${end.why === undefined ? '' : ` (${end.why})`}`} ` +
        `at ${seconds(end.atMs)}`
  return {
    text: `${invoked(call)}, ${outcome}, ${why}.`,
    kind,
    of: call.invoke.operation,
    events: [...new Set([...others, ...seqs([], [call]), ...(last === undefined ? [] : [last.seq])])].sort(
      (a, b) => a - b,
    ),
  }
}

function nothingFailed(dependency: string, { spared, breaker, recoveryMs }: Containment): string {
  return [
    ...(spared === undefined
      ? []
      : [
          `no spared operation was asked while ${dependency}, and nothing else, had failed: is "${dependency}" ` +
            'a node or outside host?',
        ]),
    ...(breaker === undefined
      ? []
      : [
          `${breaker.from ?? 'no node'} ${breaker.from === undefined ? '' : 'never '}heard ${dependency} fail ` +
            `${breaker.opensAfter} times in a row${notHeard(dependency, breaker)} ${moreCalls(breaker)}`,
        ]),
    ...(recoveryMs === undefined ? [] : ['nothing was asked after healing: give the system a probe.']),
  ].join(' ')
}

/** A hint where to look for the mistake. */
function notHeard(dependency: string, { from }: Breaker): string {
  if (from !== undefined) return '.'
  return (
    `: is "${dependency}" a node or outside host? Clients are counted only with { from: 'client' }, where an ` +
    'actor holds the breaker.'
  )
}

/** By default a history has eight operations at most, and three clients share them. */
function moreCalls({ opensAfter, from }: Breaker): string {
  const alone =
    from === 'client' ? ' and `clients: 1`, since each client has a breaker of its own and gets few calls' : ''
  return (
    `A breaker sees something after several calls one after the other: give the system \`maxOperations: ` +
    `${Math.max(20, 4 * opensAfter)}\`${alone}, and faults that last (partition, slow).`
  )
}
