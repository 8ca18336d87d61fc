// Twins of the session guarantees, written from their definitions: they try every order of the writes of every key.
// Slow and simple; share no code with src/check.
import type { History, HistoryEvent } from '../../../src/history/history.ts'

/** One micro-operation that happened, or may have happened. */
export interface Deed {
  readonly client: number
  readonly write: boolean
  readonly key: string
  /** The value that was written, or the last one that was read; null for nothing. */
  readonly value: unknown
  /** The elements that a read of a list returned. */
  readonly shows: readonly unknown[] | undefined
  readonly known: boolean
  readonly transaction: number
  readonly begin: number
  readonly end: number
  readonly step: number
}

/** The deeds in order, and the anomalies of single reads. */
export interface Deeds {
  readonly deeds: readonly Deed[]
  readonly bad: readonly string[]
  readonly twice: boolean
}

type Micro = readonly [string, string, unknown]

export function deedsOf(history: History): Deeds {
  const ends = (id: number): HistoryEvent | undefined =>
    history.events.find(
      (event) => (event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info') && event.invocation === id,
    )
  const raw = history.events.flatMap((event) => {
    if (event.kind !== 'invoke') return []
    const end = ends(event.invocation)
    // The cast holds: random-transactions writes them
    const micros = (end?.kind === 'ok' ? end.value : event.input) as readonly Micro[]
    return micros.map(([f, key, value], step) => ({
      fate: end?.kind ?? 'open',
      f,
      key,
      read: value,
      client: event.client,
      transaction: event.invocation,
      begin: event.seq,
      end: end?.seq ?? Infinity,
      step,
    }))
  })
  const writes = raw.filter(({ f, fate }) => f !== 'r' && fate !== 'fail')
  const failed = raw.filter(({ f, fate }) => f !== 'r' && fate === 'fail')
  const list = raw.some(({ f }) => f === 'append')
  const bad: string[] = []
  const deeds: Deed[] = []
  for (const one of raw) {
    if (one.fate === 'fail') continue
    if (one.f !== 'r') deeds.push({ ...one, write: true, value: one.read, shows: undefined, known: one.fate === 'ok' })
    else if (one.fate === 'ok') {
      const shows = one.read === null ? [] : Array.isArray(one.read) ? one.read : [one.read]
      const wrong = shows.find(
        (value) => !writes.some((write) => write.key === one.key && write.read === value && could(write, one)),
      )
      if (wrong === undefined)
        deeds.push({ ...one, write: false, value: shows.at(-1) ?? null, shows: list ? shows : undefined, known: true })
      else {
        const writesIt = (write: typeof one): boolean => write.key === one.key && write.read === wrong
        const later = writes.find(writesIt)
        const how =
          later?.transaction === one.transaction
            ? 'anomaly future read'
            : later === undefined && failed.some(writesIt)
              ? 'anomaly G1a'
              : 'thin-air'
        bad.push(`${how} ${one.key}`)
      }
    }
  }
  const twice = writes.some((a, i) => writes.some((b, j) => i < j && a.key === b.key && a.read === b.read))
  return { deeds, bad, twice }
}

interface Placed {
  readonly transaction: number
  readonly begin: number
  readonly end: number
  readonly step: number
}

function could(write: Placed, read: Placed): boolean {
  return write.transaction === read.transaction ? write.step < read.step : write.begin < read.end
}

/** Whether one deed of a client certainly happened before another. */
export function follows(a: Deed, b: Deed): boolean {
  return a.client === b.client && a.known && (a.transaction === b.transaction ? a.step < b.step : a.end < b.begin)
}

export function orders<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, i) => orders(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]))
}

export type SessionGuarantee = 'readYourWrites' | 'monotonicReads' | 'monotonicWrites' | 'writesFollowReads'

/** Which pairs of deeds of a client on one key a guarantee orders: whether the first, and the second, is a write. */
const about: Readonly<Record<SessionGuarantee, readonly [boolean, boolean]>> = {
  readYourWrites: [true, false],
  monotonicReads: [false, false],
  monotonicWrites: [true, true],
  writesFollowReads: [false, true],
}

const granted: Readonly<Record<SessionGuarantee, readonly SessionGuarantee[]>> = {
  readYourWrites: ['monotonicWrites', 'writesFollowReads'],
  monotonicReads: ['monotonicWrites', 'writesFollowReads'],
  monotonicWrites: ['monotonicReads'],
  writesFollowReads: ['monotonicReads'],
}

export interface Said {
  readonly kind: 'holds' | 'violated' | 'unknown' | 'vacuous'
  /** `class key` of each contradiction; undefined if lists contradict each other. */
  readonly classes?: readonly string[]
}

export function guaranteeTwin(name: SessionGuarantee, cls: string): (history: History) => Said {
  return (history) => {
    const { deeds, bad, twice } = deedsOf(history)
    if (twice) return { kind: 'unknown' }
    const keys = [...new Set(deeds.map(({ key }) => key))]
    const found = keys.map((key) =>
      keyTwin(
        name,
        deeds.filter((deed) => deed.key === key),
      ),
    )
    if (found.includes('no order')) return { kind: 'violated' }
    const classes = [...bad, ...keys.filter((_, i) => found[i] === 'violated').map((key) => `${cls} ${key}`)]
    if (classes.length > 0) return { kind: 'violated', classes }
    if (found.includes('unknown')) return { kind: 'unknown' }
    return { kind: found.includes('holds') ? 'holds' : 'vacuous' }
  }
}

function keyTwin(
  name: SessionGuarantee,
  deeds: readonly Deed[],
): 'no order' | 'violated' | 'unknown' | 'holds' | 'vacuous' {
  const pairsOf = (which: SessionGuarantee): [Deed, Deed][] =>
    deeds.flatMap((a) =>
      deeds
        .filter((b) => follows(a, b) && a.write === about[which][0] && b.write === about[which][1])
        .map((b): [Deed, Deed] => [a, b]),
    )
  const lists = deeds.flatMap(({ shows }) => (shows === undefined ? [] : [shows]))
  const list = lists.length > 0
  const possible = orders(deeds.filter(({ write }) => write).map(({ value }) => value))
    .map((order) => [null, ...order])
    .filter((order) => lists.every((shows) => shows.every((value, place) => order[place + 1] === value)))
  if (possible.length === 0) return 'no order'
  /** What is assumed of writes holds only for those that were answered. */
  const fits = (order: readonly unknown[], which: SessionGuarantee, known = false): boolean =>
    pairsOf(which).every(([a, b]) => (known && !b.known) || order.indexOf(a.value) <= order.indexOf(b.value))
  const others = list ? [] : granted[name]
  const compared = pairsOf(name).length > 0 && deeds.some(({ write }) => !write)
  if (possible.some((order) => fits(order, name) && others.every((other) => fits(order, other, true))))
    return compared ? 'holds' : 'vacuous'
  return possible.some((order) => others.every((other) => fits(order, other, true))) ? 'violated' : 'unknown'
}
