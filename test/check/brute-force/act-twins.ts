// Twins of counterBounds, uniqueIds and queueDelivery, written from their definitions, with small random histories of
// their acts. Shares no code with src/check.
import * as fc from 'fast-check'
import type { History, HistoryEvent } from '../../../src/history/history.ts'
import { ends, historyOf, invoke, over, type Line } from '../build-history.ts'
import { asks, distinct, endsQuietly, facts, keysAreSound } from './facts.ts'
import type { Said } from './session-twins.ts'

export interface RandomAct {
  readonly f: string
  readonly input: unknown
  readonly output: unknown
}

interface RandomCall extends RandomAct {
  readonly client: number
  readonly gapMs: number
  readonly takesMs: number
  readonly fate: 'ok' | 'fail' | 'info' | 'open'
}

/** Histories of these acts by two clients. */
export function actsIn(act: fc.Arbitrary<RandomAct>, maxLength: number): fc.Arbitrary<History> {
  const call: fc.Arbitrary<RandomCall> = fc
    .tuple(
      act,
      fc.record({
        client: fc.nat(1),
        gapMs: fc.nat(2),
        takesMs: fc.nat(5),
        fate: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'fail', 'info', 'open'),
      }),
    )
    .map(([one, when]) => ({ ...one, ...when }))
  return fc
    .tuple(fc.array(call, { maxLength, size: 'max' }), fc.boolean())
    .map(([calls, quiet]) => historyFrom(calls, quiet))
}

function historyFrom(calls: readonly RandomCall[], quiet: boolean): History {
  const free = new Map<number, number>()
  const timed = calls.flatMap(
    ({ f, input, output, client, gapMs, takesMs, fate }, id): { atMs: number; line: Line }[] => {
      const startMs = (free.get(client) ?? 0) + gapMs
      if (startMs === Infinity) return []
      const endMs = startMs + takesMs
      free.set(client, fate === 'open' ? Infinity : endMs + 1)
      const begin = { atMs: startMs, line: invoke(startMs, f, id, input, client) }
      return fate === 'open'
        ? [begin]
        : [begin, { atMs: endMs, line: ends(endMs, fate, id, undefined, fate === 'ok' ? output : undefined) }]
    },
  )
  return historyOf(...timed.toSorted((a, b) => a.atMs - b.atMs).map(({ line }) => line), ...(quiet ? [over(99)] : []))
}

interface Asked {
  readonly f: string
  readonly input: unknown
  readonly value: unknown
  readonly fate: 'ok' | 'fail' | 'info' | 'open'
  readonly begin: number
  readonly end: number
}

function asked(history: History): Asked[] {
  return history.events.flatMap((event) => {
    if (event.kind !== 'invoke') return []
    const end = history.events.find(
      (other): other is HistoryEvent & { kind: 'ok' | 'fail' | 'info'; value?: unknown } =>
        (other.kind === 'ok' || other.kind === 'fail' || other.kind === 'info') &&
        other.invocation === event.invocation,
    )
    return [
      {
        f: event.operation,
        input: event.input,
        value: end?.value ?? null,
        fate: end?.kind ?? 'open',
        begin: event.seq,
        end: end?.seq ?? Infinity,
      },
    ]
  })
}

export const counterActs: fc.Arbitrary<RandomAct> = fc.record({
  f: fc.constantFrom('add', 'add', 'read'),
  input: fc.integer({ min: -1, max: 3 }),
  output: fc.constantFrom(0, 0, 1, 2, 3, 4, -1),
})

/** Computes the sum for every subset of the possible adds, and takes the least and the largest. */
export function counterTwin(history: History): Said {
  const calls = asked(history)
  const reads = calls.filter(({ f, fate }) => f === 'read' && fate === 'ok')
  const classes = reads.flatMap((read) => {
    const adds = calls.filter(({ f, fate, begin }) => f === 'add' && fate !== 'fail' && begin < read.end)
    const sums = adds.reduce<number[]>(
      (totals, add) => {
        const certain = add.fate === 'ok' && add.end < read.begin
        return totals.flatMap((total) => (certain ? [total + Number(add.input)] : [total, total + Number(add.input)]))
      },
      [0],
    )
    const value = Number(read.value)
    return value < Math.min(...sums)
      ? ['counter-too-low undefined']
      : value > Math.max(...sums)
        ? ['counter-too-high undefined']
        : []
  })
  return classes.length > 0 ? { kind: 'violated', classes } : { kind: reads.length > 0 ? 'holds' : 'vacuous' }
}

export const idActs: fc.Arbitrary<RandomAct> = fc.record({
  f: fc.constantFrom('generate', 'generate', 'other'),
  input: fc.constant(null),
  output: fc.oneof(fc.integer({ min: 1, max: 14 }), fc.constantFrom('7', '8', { a: 1 })),
})

export function idTwin(history: History): Said {
  const given = asked(history)
    .filter(({ f, fate }) => f === 'generate' && fate === 'ok')
    .map(({ value }) => value)
  const same = (a: unknown, b: unknown): boolean => typeof a === typeof b && JSON.stringify(a) === JSON.stringify(b)
  const twice = given.filter((a, i) => given.some((b, j) => i !== j && same(a, b)))
  if (twice.length > 0) return { kind: 'violated', classes: twice.map((id) => `duplicate-id ${String(id)}`) }
  return { kind: given.length > 1 ? 'holds' : 'vacuous' }
}

export const queueActs: fc.Arbitrary<RandomAct> = fc.oneof(
  {
    arbitrary: fc.record({
      f: fc.constant('enqueue'),
      input: fc.constantFrom(1, 1, 2, 2, 3, 4, 5),
      output: fc.constant(null),
    }),
    weight: 5,
  },
  {
    arbitrary: fc.record({
      f: fc.constant('dequeue'),
      input: fc.constant(null),
      output: fc.constantFrom(null, 1, 1, 1, 2, 2, 3, 4, 5),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      f: fc.constant('drain'),
      input: fc.constant(null),
      output: fc.constantFrom([], [1], [2], [1, 2], [3], [4, 5]),
    }),
    weight: 1,
  },
)

/** Messages 1, 3, 5 form one partition and 2, 4 the other, in the order of their numbers. */
export function queueTwin(duplicates: number, ordered: boolean): (history: History) => Said {
  return (history) => {
    const calls = asked(history)
    const taken = calls.flatMap((call) =>
      call.fate !== 'ok' || call.value === null || call.f === 'enqueue'
        ? []
        : [call.value].flat().map((value) => ({ value, begin: call.begin, end: call.end })),
    )
    const [classes, gone]: [string[], string[]] = [[], []]
    let waiting = false
    for (const message of [1, 2, 3, 4, 5]) {
      const sent = calls.filter(({ f, input, fate }) => f === 'enqueue' && input === message && fate !== 'fail')
      const got = taken.filter(({ value }) => value === message)
      if (got.some(({ end }) => sent.every(({ begin }) => begin > end))) classes.push(`thin-air ${message}`)
      if (sent.length > 0 && got.length > sent.length + duplicates) classes.push(`too-many dequeue ${message}`)
      const accepted = sent.filter(({ fate }) => fate === 'ok')
      if (got.length > 0 || accepted.length === 0) continue
      if (
        calls.some((call) => call.f === 'drain' && call.fate === 'ok' && accepted.some(({ end }) => end < call.begin))
      )
        gone.push(`missing dequeue ${message}`)
      else waiting = true
    }
    const unsure = calls.filter(({ fate }) => fate === 'info' || fate === 'open')
    const unseen = unsure.some(({ f }) => f === 'drain') ? Infinity : unsure.filter(({ f }) => f === 'dequeue').length
    if (gone.length > unseen) classes.push(...gone)
    if (ordered)
      classes.push(
        ...[1, 2].filter((partition) => overtakes(taken, partition)).map((partition) => `out-of-order ${partition}`),
      )
    if (classes.length > 0) return { kind: 'violated', classes }
    if (waiting) return { kind: 'unknown' }
    return {
      kind: taken.length > 0 || calls.some(({ f, fate }) => f === 'enqueue' && fate === 'ok') ? 'holds' : 'vacuous',
    }
  }
}

/** Whether every reception of the earlier message is certainly after some reception of the later one. */
function overtakes(
  taken: readonly { readonly value: unknown; readonly begin: number; readonly end: number }[],
  partition: number,
): boolean {
  const messages = [1, 2, 3, 4, 5].filter((message) => message % 2 === partition % 2)
  return messages.some((early) =>
    messages.some((late) => {
      const [ofEarly, ofLate] = [
        taken.filter(({ value }) => value === early),
        taken.filter(({ value }) => value === late),
      ]
      return late > early && ofEarly.length > 0 && ofEarly.every(({ begin }) => ofLate.some(({ end }) => end < begin))
    }),
  )
}

/** For operations `pay` and effects `charge` with keys, as random-history makes them; no duplicates, any order. */
export function keyedQueueTwin(history: History): Said {
  const [charges, pays] = [facts(history, 'charge'), asks(history, ['pay'])]
  if (!keysAreSound(charges, pays)) return { kind: 'unknown' }
  const [classes, gone]: [string[], string[]] = [[], []]
  for (const key of distinct([...charges, ...pays].map((each) => each.key))) {
    const got = charges.filter((charge) => charge.key === key)
    const sent = pays.filter((pay) => pay.key === key && pay.end?.kind !== 'fail')
    if (got.some(({ when }) => sent.every(({ invoke: begun }) => begun.seq > when)))
      classes.push(`thin-air ${String(key)}`)
    if (sent.length > 0 && got.length > sent.length) classes.push(`too-many charge ${String(key)}`)
    if (got.length === 0 && sent.some(({ end }) => end?.kind === 'ok')) gone.push(`missing charge ${String(key)}`)
  }
  if (endsQuietly(history)) classes.push(...gone)
  if (classes.length > 0) return { kind: 'violated', classes }
  if (gone.length > 0) return { kind: 'unknown' }
  return { kind: charges.length > 0 || pays.some(({ end }) => end?.kind === 'ok') ? 'holds' : 'vacuous' }
}
