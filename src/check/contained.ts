// contained: a dependency that fails takes nothing else with it. Three claims, each of its own: operations that do not
// need it are answered in time, a breaker before it stays open, and all is well again soon after it has healed. What a
// breaker let through is in breaker.ts.
import { disturbsOnly } from '../scenario/fault/registry.ts'
import type { History } from '../history/history.ts'
import { isRefusalWhy } from '../history/status-why.ts'
import { recoveredAt } from '../history/told.ts'
import type { Operation } from '../system/operation.ts'
import type { Reason, ReasonKind } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { overProbed, type Breaker } from './breaker.ts'
import { callsOf, cutShort, endOf, isQuiet, type Call } from './calls.ts'
import { invoked, seconds, seqs, shown, who } from './reason-words.ts'

/** What must not spread; at least one of the claims. */
export interface Containment {
  /**
   * Operations that do not need the dependency, and how long each may take in milliseconds of virtual time.
   *
   * @default not claimed
   */
  readonly spared?: {
    readonly operations: readonly Pick<Operation<unknown>, 'kind' | 'name'>[]
    readonly withinMs: number
  }
  /** What callers of the dependency may still send it while it fails. @default not claimed */
  readonly breaker?: Breaker
  /** How soon after healing everything works, in milliseconds of virtual time. @default not claimed */
  readonly recoveryMs?: number
}

/**
 * Holds when what is claimed is so.
 *
 * - `spared`: each of these operations that ended, or was begun, after a fault had struck the dependency was answered
 *   (ok, or refused with a 4xx
 *   status) within its time. Only while nothing but the dependency has failed: a fault anywhere else ends the claim, so
 *   give
 *   `tolerates: { 'shop -> bank': [...] }`. One that never ends is violated; one that is open at a bound, within its
 *   time, unknown.
 * - `breaker`: after `opensAfter` failures in a row that a caller heard of, at most `probes` of its requests leave in
 *   any stretch of `openForMs`,
 *   until it hears a good answer. Each calling node has a breaker of its own, which forgets when the node starts again;
 *   nothing is said of one with several instances, or once it was replaced while it paused. Clients are judged with
 *   `from: 'client'`:
 *   an `actor` holds a breaker for each.
 * - `recoveryMs`: of the operations that were begun after everything had healed (`probe` operations), those that
 *   ended later than so long after it were answered (being turned away with 429 is no answer). A probe that was not
 *   answered is asked once more at that time. Where a Retry-After asked for patience beyond healing, the time runs from
 *   its end. One that never ends is violated, one open at a bound unknown.
 *
 * Vacuous when no claim had anything to look at: no spared operation met a failure, no breaker had to open, nothing was
 * asked after healing.
 *
 * Nygard, "Release It!" (2nd edition, 2018), chapters 4 and 5: cascading failures, bulkheads, circuit breakers.
 *
 * @param dependency the node or outside host that may fail
 * @throws where nothing is claimed, or a number is not above 0
 * @example
 * contained('bank', {
 *   spared: { operations: [browse], withinMs: 500 },
 *   breaker: { opensAfter: 5, openForMs: 10_000, probes: 1, timeoutMs: 2_000 },
 *   recoveryMs: 30_000,
 * })
 */
export function contained(dependency: string, claims: Containment): Invariant {
  const { spared, breaker, recoveryMs } = claims
  const claimed = Object.entries({ spared, breaker, recoveryMs }).flatMap(([claim, given]) =>
    given === undefined ? [] : [claim],
  )
  assertClaims(`contained(${dependency})`, claims)
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
  /** Operations that are not over, and may still be right. */
  readonly open: readonly Call[]
}

/** Between a failure of the dependency and one of anything else. */
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

/** A 4xx is an answer too; a refused connection is not, nor is a 429, whatever an `outcome` makes of it. */
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
            `${breaker.opensAfter} times in a row${notHeard(dependency, breaker)}`,
        ]),
    ...(recoveryMs === undefined ? [] : ['nothing was asked after healing: give the system a probe.']),
  ].join(' ')
}

/** Where to look. */
function notHeard(dependency: string, { from }: Breaker): string {
  if (from !== undefined) return '.'
  return (
    `: is "${dependency}" a node or outside host? Clients are counted only with { from: 'client' }, where an ` +
    'actor holds the breaker.'
  )
}
