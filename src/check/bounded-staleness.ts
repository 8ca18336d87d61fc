// boundedStaleness: no read returns data older than its budget. A safety property in virtual time. Speaks for clients:
// it knows when operations were invoked and answered; must not know replicas.
import { clientWords } from '../history/node-words.ts'
import type { Transaction } from '../history/act.ts'
import type { History } from '../history/history.ts'
import { leastMs } from '../history/machine-clocks.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, weakly, type Invariant } from '../verdict/verdict.ts'
import type { Call } from './calls.ts'
import { accessesOf, type Accesses } from './session/accesses.ts'
import type { Access, Version, KeyVersions } from './session/version.ts'
import { checkerName, seconds, seqs, shown, who } from './reason-words.ts'

/**
 * Holds when no read returns a version that had certainly been overwritten more than `ms` before the read was invoked.
 * A version is certainly visible once its write was answered ok, or once a read has returned it. A version is certainly
 * overwritten once another write of its key that was invoked after the version was visible is visible itself. A list
 * (`append`) is certainly outdated once an element is visible that the read does not contain. So a write without an
 * answer makes no read stale until somebody has read it. With 0, no read may be older than its own invocation.
 *
 * A read from thin air, or of an operation that failed, is violated as in `readYourWrites`. Vacuous when no key was
 * read after a write of it was visible.
 *
 * After Torres-Rojas, Ahamad and Raynal, "Timed Consistency for Shared Distributed Objects" (PODC 1999), and the
 * Δ-atomicity of Golab, Li and Shah, "Analyzing Consistency Properties for Fun and Profit" (PODC 2011).
 *
 * @param ms the budget, in milliseconds of virtual time
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws if `ms` is below 0 or NaN; in `check`, if one value is written to a key twice, or if sequential clients
 *   cannot have produced the history
 * @example
 * boundedStaleness(5_000, [
 *   put.as(({ sku, price }) => [['w', sku, price]]),
 *   get.as(({ sku }, answer) => [['r', sku, answer?.body]]),
 * ])
 */
export function boundedStaleness(ms: number, operations?: readonly InterpretedOperation<Transaction>[]): Invariant {
  if (!(ms >= 0)) throw new Error(`boundedStaleness(${ms}): give milliseconds from 0.`)
  return {
    kind: 'invariant',
    name: checkerName('boundedStaleness', [{ name: String(ms) }, ...(operations ?? [])]),
    effects: [],
    check(history: History) {
      const found = accessesOf(history, operations)
      const there = Map.groupBy(visibleVersions(found), ({ version }) => version.of)
      const reads = Map.groupBy(
        found.accesses.filter(({ kind }) => kind === 'read'),
        ({ version }) => version.of,
      )
      const judged = Array.from(reads, ([of, those]) =>
        staleRead(history, ms, those, of.list ? overListed(of, there.get(of) ?? []) : overwritten(there.get(of) ?? [])),
      )
      const reasons = [...found.reasons, ...judged.flatMap(({ reason }) => reason ?? [])]
      if (reasons.length > 0) return { kind: 'violated', reasons }
      if (judged.every(({ compared }) => !compared))
        return vacuous('nothing was read after a write of its key had been answered: do operations share keys?')
      const oldestMs = Math.max(0, ...Array.from(reads, ([of, those]) => oldestMsOf(those, there.get(of) ?? [])))
      return oldestMs > ms ? holds : weakly(tooYoung(ms, oldestMs), oldestMs)
    },
  }
}

/** A version, and the event from which on it is certainly visible. */
interface VisibleVersion {
  readonly version: Version
  readonly writer: Call
  readonly seq: number
  readonly atMs: number
  /** The call whose answer shows it. */
  readonly by: Call
}

function visibleVersions({ accesses, keys }: Accesses): readonly VisibleVersion[] {
  const since = new Map<Version, VisibleVersion>()
  const show = (version: Version, by: Call): void => {
    const { writer } = version
    const before = since.get(version)
    if (writer === undefined || by.end === undefined || (before !== undefined && before.seq <= by.end.seq)) return
    since.set(version, { version, writer, seq: by.end.seq, atMs: by.end.atMs, by })
  }
  for (const { version, call, known } of accesses) if (known) show(version, call)
  for (const { chain } of keys) showBeginnings(chain, since, show)
  return Array.from(since.values())
}

/** The elements before a visible element of a list are visible, too. */
function showBeginnings(
  chain: readonly Version[],
  since: ReadonlyMap<Version, VisibleVersion>,
  show: (version: Version, by: Call) => void,
): void {
  let first: VisibleVersion | undefined
  for (const version of chain.toReversed()) {
    if (first !== undefined) show(version, first.by)
    first = since.get(version)
  }
}

/** Gives the earliest visible version that certainly replaced the version that a read returned. */
type Overwriting = (read: Access) => VisibleVersion | undefined

/**
 * Of the versions whose writes were invoked after another was visible, the one that became visible first. `earliest`
 * holds the minima over all suffixes of the versions in order of invocation.
 */
function overwritten(there: readonly VisibleVersion[]): Overwriting {
  const since = new Map(there.map((one) => [one.version, one.seq]))
  const asked = there.toSorted((a, b) => a.writer.invoke.seq - b.writer.invoke.seq)
  const earliest: (VisibleVersion | undefined)[] = []
  for (let place = asked.length - 1; place >= 0; place--) earliest[place] = sooner(asked[place], earliest[place + 1])
  return ({ version }) => earliest[countUpTo(asked, since.get(version) ?? -1, ({ writer }) => writer.invoke.seq)]
}

/**
 * Of the elements after the last one that the read returned, the one that became visible first. `earliest` holds the
 * minima over all suffixes of the list.
 */
function overListed({ chain }: KeyVersions, there: readonly VisibleVersion[]): Overwriting {
  const byVersion = new Map(there.map((one) => [one.version, one]))
  const places = new Map(chain.map((version, place) => [version, place]))
  const unshown = there
    .filter(({ version }) => !places.has(version))
    .reduce<VisibleVersion | undefined>((least, one) => sooner(one, least), undefined)
  const earliest: (VisibleVersion | undefined)[] = []
  for (let place = chain.length - 1; place >= 0; place--) {
    const version = chain[place]
    earliest[place] = sooner(version && byVersion.get(version), earliest[place + 1] ?? unshown)
  }
  return ({ version }) => earliest[(places.get(version) ?? -1) + 1] ?? unshown
}

function sooner(a: VisibleVersion | undefined, b: VisibleVersion | undefined): VisibleVersion | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq) ? a : b
}

/** How many items of a sorted list have a number up to the limit. */
function countUpTo<T>(sorted: readonly T[], limit: number, numberOf: (item: T) => number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = sorted[middle]
    if (item !== undefined && numberOf(item) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** How old what was read could have been at most: the longest time from a visible write of the key to a read of it. */
function oldestMsOf(reads: readonly Access[], there: readonly VisibleVersion[]): number {
  const [first] = there.toSorted((a, b) => a.seq - b.seq)
  if (first === undefined) return 0
  return Math.max(0, ...reads.map(({ call: { invoke } }) => (first.seq < invoke.seq ? invoke.atMs - first.atMs : 0)))
}

function tooYoung(ms: number, oldestMs: number): string {
  return (
    `no read could return anything older than ${seconds(ms)}: the latest one came ${seconds(oldestMs)} after a write ` +
    'of its key. Claim a smaller budget, or raise maxOperations, so that histories last longer.'
  )
}

/** The first read of a key that is too old, and whether there was any read that could have been. */
function staleRead(
  history: History,
  ms: number,
  reads: readonly Access[],
  overwriting: Overwriting,
): { readonly reason?: Reason; readonly compared: boolean } {
  let compared = false
  for (const read of reads) {
    const { invoke } = read.call
    const over = overwriting(read)
    compared ||= read.version.writer !== undefined || (over !== undefined && over.seq < invoke.seq)
    const isOver = over !== undefined && over.atMs + ms < invoke.atMs
    if (isOver && leastMs(history, over.atMs, invoke.atMs) > ms) return { reason: tooOld(ms, read, over), compared }
  }
  return { compared }
}

function tooOld(ms: number, { version, call }: Access, over: VisibleVersion): Reason {
  const { key, list } = version.of
  const what = version.writer === undefined ? 'nothing' : shown(version.value)
  const answered =
    over.by === over.writer
      ? `answered at ${seconds(over.atMs)}`
      : `read by ${clientWords(over.by.invoke.client)} at ${seconds(over.atMs)}`
  return {
    text:
      `${who(call)} read ${list && version.writer !== undefined ? `up to ${what}` : what} of ${shown(key)}, ` +
      `asking at ${seconds(call.invoke.atMs)}, ` +
      `${seconds(call.invoke.atMs - over.atMs)} after ${shown(over.version.value)} of ` +
      `${clientWords(over.writer.invoke.client)} was there (${answered}); expected nothing older than ${seconds(ms)}.`,
    kind: 'stale-read',
    subject: key,
    events: seqs([], [call, over.writer, over.by, ...(version.writer === undefined ? [] : [version.writer])]),
  }
}
