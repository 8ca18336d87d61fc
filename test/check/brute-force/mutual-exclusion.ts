// Twin of mutualExclusion, written from its definition: whenever somebody acquires a lock, it looks who else holds it.
// With histories in which locks are often acquired twice. Shares no code with src/check.
import * as fc from 'fast-check'
import type { History, HistoryEvent } from '../../../src/history/history.ts'
import { effect, ends, historyOf, invoke, over, type Line } from '../build-history.ts'
import { ascending, distinct } from './facts.ts'
import { contradiction, is, type Finding } from './twins.ts'

export interface Lease {
  readonly lock: string
  readonly holder: string
  readonly from: number
  readonly until: number
}

export interface Step {
  readonly lock: string
  readonly holder: string
  readonly step: 'acquire' | 'release'
  readonly forMs: number
}

export interface Write {
  readonly lock: string
  readonly token: number
}

const lock = fc.constantFrom('a', 'a', 'a', 'b')
const holder = fc.constantFrom('x', 'x', 'y', 'y', 'z')
const flaw = fc.nat(9)

function effects<T>(name: string, values: fc.Arbitrary<T>, flawed: (value: T) => unknown): fc.Arbitrary<History> {
  return fc.tuple(fc.array(fc.tuple(fc.nat(3), values), { maxLength: 9, size: 'max' }), flaw).map(([all, n]) => {
    let atMs = 0
    return historyOf(
      ...all.map(([gapMs, value], index) =>
        effect((atMs += gapMs), name, n === 0 && index === 0 ? flawed(value) : value),
      ),
      over(99),
    )
  })
}

export const leaseHistory: fc.Arbitrary<History> = effects<Lease>(
  'lease',
  fc
    .record({ lock, holder, from: fc.nat(12), until: fc.nat(6) })
    .map((one) => ({ ...one, until: one.from + one.until - 1 })),
  (one) => ({ ...one, until: Number.NaN }),
)
export const stepHistory: fc.Arbitrary<History> = effects<Step>(
  'lock',
  fc.record({ lock, holder, step: fc.constantFrom('acquire', 'release'), forMs: fc.nat(5) }),
  (one) => ({ ...one, step: 'other' }),
)
export const writeHistory: fc.Arbitrary<History> = effects<Write>(
  'written',
  fc.record({ lock, token: fc.nat(4) }),
  (one) => ({ ...one, token: undefined }),
)

interface Seen<T> {
  readonly value: T
  readonly atMs: number
  readonly seq: number
}

function seen<T>(history: History): Seen<T>[] {
  return history.events.flatMap((event) =>
    event.kind === 'effect' ? [{ value: event.value as T, atMs: event.atMs, seq: event.seq }] : [],
  ) // as written above
}

function violatedOr(contradictions: readonly string[], looked: boolean): Finding {
  return contradictions.length > 0 ? { kind: 'violated', contradictions } : is(looked ? 'holds' : 'vacuous')
}

export function leasesTwin(history: History): Finding {
  const all = seen<Lease>(history)
  if (all.some(({ value }) => Number.isNaN(value.until))) return is('unknown')
  const valid = all.filter(({ value: { from, until } }) => from < until)
  const locks = distinct(valid.map(({ value }) => value.lock))
  const found = locks.flatMap((name) => {
    const own = valid.filter(({ value }) => value.lock === name)
    const moments = ascending(own.map(({ value }) => value.from))
    for (const now of moments) {
      const inForce = own
        .filter(({ value: { from, until } }) => from <= now && now < until)
        .sort((a, b) => a.value.from - b.value.from)
      const later = inForce.find((one, i) =>
        inForce.slice(0, i).some((other) => other.value.holder !== one.value.holder),
      )
      const earlier = inForce.find((one) => one.value.holder !== later?.value.holder)
      if (later !== undefined && earlier !== undefined)
        return [contradiction('two-holders lease', name, ascending([earlier.seq, later.seq]))]
    }
    return []
  })
  return violatedOr(
    found,
    locks.some(
      (name) => distinct(valid.filter(({ value }) => value.lock === name).map(({ value }) => value.holder)).length > 1,
    ),
  )
}

/** @param forMs whether leases run out */
export function stepsTwin(forMs: boolean): (history: History) => Finding {
  return (history) => {
    const all = seen<Step>(history)
    if (all.some(({ value }) => value.step !== 'acquire' && value.step !== 'release')) return is('unknown')
    const taken = all.filter(({ value }) => value.step === 'acquire' && (!forMs || value.forMs > 0))
    const locks = distinct(taken.map(({ value }) => value.lock))
    const has = (one: Seen<Step>, now: Seen<Step>): boolean =>
      one.seq < now.seq &&
      (!forMs || now.atMs < one.atMs + one.value.forMs) &&
      !all.some(
        ({ value, seq }) =>
          value.step === 'release' &&
          value.lock === one.value.lock &&
          value.holder === one.value.holder &&
          seq > one.seq &&
          seq < now.seq,
      )
    const found = locks.flatMap((name) => {
      const own = taken.filter(({ value }) => value.lock === name)
      const rivals = (now: Seen<Step>): Seen<Step>[] =>
        own.filter((one) => one.value.holder !== now.value.holder && has(one, now))
      const second = own.find((one) => rivals(one).length > 0)
      const first = second && rivals(second)[0]
      return first === undefined ? [] : [contradiction('two-holders lock', name, [first.seq, second?.seq ?? -1])]
    })
    return violatedOr(
      found,
      locks.some(
        (name) =>
          distinct(taken.filter(({ value }) => value.lock === name).map(({ value }) => value.holder)).length > 1,
      ),
    )
  }
}

/** Compares every pair of writes. */
export function fencingTwin(history: History): Finding {
  const all = seen<Write>(history)
  if (all.some(({ value }) => value.token === undefined)) return is('unknown')
  const locks = distinct(all.map(({ value }) => value.lock))
  const found = locks.flatMap((name) => {
    const own = all.filter(({ value }) => value.lock === name)
    const stale = own.find((one) => own.some((other) => other.seq < one.seq && other.value.token > one.value.token))
    if (stale === undefined) return []
    const before = own.filter(({ seq }) => seq < stale.seq)
    const highest = before.find((one) => before.every(({ value }) => value.token <= one.value.token))
    return [contradiction('stale-token written', name, [highest?.seq ?? -1, stale.seq])]
  })
  return violatedOr(
    found,
    locks.some((name) => all.filter(({ value }) => value.lock === name).length > 1),
  )
}

const action = fc.record({
  f: fc.constantFrom('acquire', 'acquire', 'release', 'release', 'read'),
  key: lock,
  fate: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'fail', 'info'),
  gap: fc.nat(3),
})

/** Two clients that acquire and release; their operations may overlap. */
export const actHistory: fc.Arbitrary<History> = fc
  .tuple(
    fc.array(action, { minLength: 1, maxLength: 6, size: 'max' }),
    fc.array(action, { minLength: 1, maxLength: 4, size: 'max' }),
    fc.nat(30),
  )
  .map(([one, two, second]) => {
    const lines = [one, two].flatMap((all, client) => {
      let atMs = client * second
      return all.flatMap(({ f, key, fate, gap }, index): { readonly atMs: number; readonly line: Line }[] => {
        const id = 10 * client + index
        const [begin, end] = [(atMs += 2), (atMs += 2 * gap)]
        return [
          { atMs: begin, line: keyed(invoke(begin, f, id, undefined, client), key) },
          { atMs: end, line: ends(end, fate, id) },
        ]
      })
    })
    return historyOf(...lines.toSorted((a, b) => a.atMs - b.atMs).map(({ line }) => line))
  })

function keyed(line: Line, key: string): Line {
  if (line.kind !== 'event') return line
  // The cast holds: it is still an invoke
  return { kind: 'event', make: (seq, before) => ({ ...line.make(seq, before), key }) as HistoryEvent }
}

interface Turn {
  readonly client: number
  readonly f: string
  readonly key: unknown
  readonly begin: number
  readonly end: number
  readonly fate: string
}

export function actsTwin(history: History): Finding {
  const turns = history.events.flatMap((event): Turn[] => {
    if (event.kind !== 'invoke') return []
    const end = history.events.find(
      (other) => other.kind !== 'invoke' && 'invocation' in other && other.invocation === event.invocation,
    )
    return [
      {
        client: event.client,
        f: event.operation,
        key: event.key,
        begin: event.seq,
        end: end?.seq ?? Infinity,
        fate: end?.kind ?? 'open',
      },
    ]
  })
  const taken = turns.filter(({ f, fate }) => f === 'acquire' && fate === 'ok').sort((a, b) => a.end - b.end)
  const releaseOf = (one: Turn): Turn | undefined =>
    turns.find(
      ({ f, client, key, fate, begin }) =>
        f === 'release' && client === one.client && key === one.key && fate !== 'fail' && begin > one.end,
    )
  const found = distinct(taken.map(({ key }) => key)).flatMap((key) => {
    const own = taken.filter((one) => one.key === key)
    const rivals = (now: Turn): Turn[] =>
      own.filter(
        (one) => one.client !== now.client && one.end < now.end && (releaseOf(one)?.begin ?? Infinity) > now.end,
      )
    const second = own.find((one) => rivals(one).length > 0)
    const first = second && rivals(second)[0]
    if (first === undefined || second === undefined) return []
    return [
      contradiction(
        'two-holders lock',
        key,
        ascending([first, second].flatMap((one) => [one.end, releaseOf(one)?.begin ?? Infinity])),
      ),
    ]
  })
  return violatedOr(
    found,
    distinct(taken.map(({ key }) => key)).some(
      (key) => distinct(taken.filter((one) => one.key === key).map(({ client }) => client)).length > 1,
    ),
  )
}
