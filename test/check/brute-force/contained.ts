// Twin of contained, written from its definition: for every operation it searches for failures around it, and for every
// request it looks at everything that its caller had noticed before. With histories for both. Shares no code with
// src/check.
import * as fc from 'fast-check'
import type { Fault } from '../../../src/scenario/fault/registry.ts'
import type { Arrive, History, HistoryEvent, Lost, Send } from '../../../src/history/history.ts'
import { addressOn, arrives, ends, historyOf, invoke, over, replies, sends, type Line } from '../build-history.ts'
import { asks, ascending, endsQuietly, type Ask } from './facts.ts'
import { contradiction, is, seqsOf, type Finding } from './twins.ts'

function line(make: (seq: number) => HistoryEvent): Line {
  return { kind: 'event', make }
}

const at = addressOn({ root: 'buy#0', from: 'shop', to: 'bank' }, 'request')

/** Faults of the bank: on its link, or on the bank itself. */
export const faultsOfBank: readonly Fault[] = [
  { kind: 'lose', at },
  { kind: 'slow', at, byMs: 9 },
  { kind: 'crash', at, node: 'bank', restartAfterMs: 5 },
  { kind: 'partition', at, side: ['shop'], other: ['bank'], way: 'both' },
  { kind: 'lose', at: { ...at, from: 'bank', to: 'audit' } },
]
export const otherFaults: readonly Fault[] = [
  { kind: 'lose', at: { ...at, to: 'mail' } },
  { kind: 'crash', at, node: 'shop', restartAfterMs: 5 },
  { kind: 'partition', at, side: ['shop'], way: 'both' },
  { kind: 'slow', at: { ...at, from: 'bank', to: 'audit' }, byMs: 9 },
]

export function struckBy(atMs: number, fault: Fault): Line {
  return line((seq) => ({ kind: 'fault', seq, atMs, node: 'shop', cause: -1, fault }))
}

export function heals(atMs: number): Line {
  return line((seq) => ({ kind: 'heal', seq, atMs, node: 'client', cause: -1 }))
}

export function boots(atMs: number, node: string, instance?: number): Line {
  return line((seq) => ({
    kind: 'boot',
    seq,
    atMs,
    node,
    cause: -1,
    incarnation: 2,
    ...(instance === undefined ? {} : { instance }),
  }))
}

/** The shop pauses, or goes on. */
export function turns(atMs: number, kind: 'pause' | 'resume'): Line {
  return line((seq) => ({ kind, seq, atMs, node: 'shop', cause: -1, incarnation: 1 }))
}

export function loses(atMs: number, message: number, why: Lost['why']): Line {
  return line((seq) => ({ kind: 'lost', seq, atMs, node: 'shop', cause: message, why }))
}

const call = fc.record({
  operation: fc.constantFrom('browse', 'browse', 'buy'),
  startMs: fc.nat(12),
  takesMs: fc.nat(7),
  fate: fc.constantFrom('ok', 'ok', 'ok', 'refused', 'failed', 'info', 'open', 'open'),
})

/** Operations around a failure of the bank, sometimes one of something else, and healing. */
export const outageHistory: fc.Arbitrary<History> = fc
  .record({
    calls: fc.array(call, { maxLength: 3 }),
    bank: fc.option(fc.tuple(fc.nat(9), fc.constantFrom(...faultsOfBank)), { freq: 5 }),
    other: fc.option(fc.tuple(fc.nat(12), fc.constantFrom(...otherFaults)), { freq: 1 }),
    healMs: fc.option(fc.integer({ min: 3, max: 12 })),
    end: fc.constantFrom('quiet' as const, 'maxSteps' as const, 'recoverForMs' as const, 'none' as const),
  })
  .map(({ calls, bank, other, healMs, end }) => {
    const timed = [
      ...calls.flatMap(({ operation, startMs, takesMs, fate }, id) => {
        const begin = { atMs: startMs, line: invoke(startMs, operation, id, {}) }
        const kind = fate === 'refused' || fate === 'failed' ? 'fail' : fate
        const why = fate === 'refused' ? 'refused' : fate === 'failed' ? 'status 404' : undefined
        return kind === 'open'
          ? [begin]
          : [begin, { atMs: startMs + takesMs, line: ends(startMs + takesMs, kind, id, why) }]
      }),
      ...[bank, other].flatMap((one) => (one === null ? [] : [{ atMs: one[0], line: struckBy(one[0], one[1]) }])),
      ...(healMs === null ? [] : [{ atMs: healMs, line: heals(healMs) }]),
    ].sort((a, b) => a.atMs - b.atMs)
    return historyOf(
      ...timed.map((one) => one.line),
      ...(end === 'none' ? [] : [over(Math.max(12, timed.at(-1)?.atMs ?? 0), end)]),
    )
  })

interface Judged {
  readonly contradictions: readonly string[]
  readonly looked: boolean
  readonly open: boolean
}

function finding({ contradictions, looked, open }: Judged): Finding {
  return contradictions.length > 0
    ? { kind: 'violated', contradictions }
    : is(open ? 'unknown' : looked ? 'holds' : 'vacuous')
}

function lastSeq(history: History): number {
  return history.events.length - 1
}

function isAnswer({ end }: Ask): boolean {
  return end?.kind === 'ok' || (end?.kind === 'fail' && end.why === 'status 404')
}

export function sparedTwin(withinMs: number): (history: History) => Finding {
  return (history) => {
    const faults = (all: readonly Fault[]): HistoryEvent[] =>
      history.events.filter(
        (event) => event.kind === 'fault' && all.some((fault) => JSON.stringify(fault) === JSON.stringify(event.fault)),
      )
    const [bank, others] = [faults(faultsOfBank)[0], faults(otherFaults)]
    const judged =
      bank === undefined
        ? []
        : asks(history, ['browse']).filter(({ end }) => {
            const seq = end?.seq ?? Infinity
            return seq > bank.seq && others.every((other) => other.seq > seq)
          })
    const wrong = judged.filter((ask) => {
      if (ask.end === undefined)
        return endsQuietly(history) || (history.events.at(-1)?.atMs ?? 0) > ask.invoke.atMs + withinMs
      return !isAnswer(ask) || ask.end.atMs > ask.invoke.atMs + withinMs
    })
    const hasEnd = history.events.at(-1)?.kind === 'end'
    return finding({
      contradictions: wrong.map((ask) =>
        contradiction(
          'spread browse',
          undefined,
          ascending([bank?.seq ?? 0, ...seqsOf([ask]), ask.end === undefined && hasEnd ? lastSeq(history) : Infinity]),
        ),
      ),
      looked: judged.length > 0,
      open: judged.some(({ end }) => end === undefined),
    })
  }
}

export function recoveryTwin(recoveryMs: number): (history: History) => Finding {
  return (history) => {
    const heal = history.events.find(({ kind }) => kind === 'heal')
    const after = asks(history, ['browse', 'buy']).filter(({ invoke: { seq } }) => heal !== undefined && seq > heal.seq)
    const late = ({ end }: Ask): boolean => end !== undefined && heal !== undefined && end.atMs > heal.atMs + recoveryMs
    const wrong = after.filter((ask) => (ask.end === undefined ? endsQuietly(history) : late(ask) && !isAnswer(ask)))
    return finding({
      contradictions: wrong.map((ask) =>
        contradiction(
          `no-recovery ${ask.operation}`,
          undefined,
          ascending([heal?.seq ?? 0, ...seqsOf([ask]), ask.end === undefined ? lastSeq(history) : Infinity]),
        ),
      ),
      looked: after.some((ask) => isAnswer(ask) || late(ask)),
      open: after.some(({ end }) => end === undefined),
    })
  }
}

const request = fc.record({
  gapMs: fc.constantFrom(0, 1, 1, 2, 3, 5),
  from: fc.constantFrom('shop', 'shop', 'shop', 'desk'),
  takesMs: fc.constantFrom(1, 2, 3, 7),
  fate: fc.constantFrom(
    'good',
    'bad',
    'bad',
    'bad',
    'throttled',
    'refused',
    'silent',
    'silent',
    'late',
    'reset',
    'down',
  ),
  boots: fc.constantFrom(false, false, false, false, false, false, true),
})

/** Requests of a shop and a desk to the bank, with answers of every sort; callers sometimes restart. */
export const breakerHistory: fc.Arbitrary<History> = fc.array(request, { maxLength: 8, size: 'max' }).map((all) => {
  let nowMs = 0
  const timed = all
    .flatMap((one, index) => {
      const sentMs = (nowMs += one.gapMs)
      const link = { root: 'buy#0', from: one.from, to: 'bank' }
      const heardMs = sentMs + one.takesMs
      const status =
        one.fate === 'good' || one.fate === 'late'
          ? 200
          : one.fate === 'throttled'
            ? 429
            : one.fate === 'refused'
              ? 404
              : 503
      return [
        ...(one.boots ? [{ atMs: sentMs, id: '', make: () => boots(sentMs, one.from) }] : []),
        { atMs: sentMs, id: `request ${index}`, make: () => sends(sentMs, link) },
        ...(one.fate === 'silent'
          ? []
          : one.fate === 'down'
            ? [
                {
                  atMs: heardMs,
                  id: '',
                  make: (seqOf: (id: string) => number) => lostAt(heardMs, 'bank', seqOf(`request ${index}`), 'down'),
                },
              ]
            : one.fate === 'reset'
              ? [
                  {
                    atMs: heardMs,
                    id: '',
                    make: (seqOf: (id: string) => number) =>
                      lostAt(heardMs, one.from, seqOf(`request ${index}`), 'reset'),
                  },
                ]
              : [
                  {
                    atMs: heardMs,
                    id: `reply ${index}`,
                    make: (seqOf: (id: string) => number) => replies(heardMs, seqOf(`request ${index}`), status, link),
                  },
                  {
                    atMs: heardMs,
                    id: '',
                    make: (seqOf: (id: string) => number) =>
                      arrives(heardMs, seqOf(`reply ${index}`), one.fate === 'late'),
                  },
                ]),
      ]
    })
    .sort((a, b) => a.atMs - b.atMs)
  return historyOf(...timed.map(({ make }) => make((id) => timed.findIndex((one) => one.id === id))), over(99))
})

function lostAt(atMs: number, node: string, message: number, why: Lost['why']): Line {
  return line((seq) => ({ kind: 'lost', seq, atMs, node, cause: message, why }))
}

interface BreakerOf {
  readonly opensAfter: number
  readonly openForMs: number
  readonly probes: number
  readonly timeoutMs?: number
}

interface Heard {
  /** When it was noticed: a time, and a position in the history. A timeout comes before the first later event. */
  readonly atMs: number
  readonly place: number
  readonly good: boolean
  readonly seq: number
  readonly request: Send
}

/**
 * Everything that a caller noticed about its requests, without timeouts of requests that were open when a later one got
 * a good answer: the caller may have given these up before.
 */
function heardBy(history: History, own: readonly Send[], timeoutMs: number): Heard[] {
  const all = heardOfEach(history, own, timeoutMs)
  return all.filter(
    ({ place, request: { seq } }) =>
      Number.isInteger(place) || !all.some((other) => other.good && other.request.seq > seq && other.place < place),
  )
}

/** What the caller noticed of each request, in order. No event shows when a caller notices a refused connection. */
function heardOfEach(history: History, own: readonly Send[], timeoutMs: number): Heard[] {
  const { events } = history
  return own
    .flatMap((send): Heard[] => {
      if (
        events.some(
          (event) =>
            event.kind === 'lost' &&
            event.cause === send.seq &&
            event.why === 'down' &&
            event.atMs <= send.atMs + timeoutMs,
        )
      )
        return []
      const reply = events.find((event): event is Send => event.kind === 'send' && event.request === send.seq)
      const answer = events.find(
        (event): event is Arrive | Lost =>
          (event.kind === 'arrive' && !event.late && event.cause === reply?.seq) ||
          (event.kind === 'lost' && event.cause === send.seq),
      )
      const boot = events.find(
        (event) => event.kind === 'boot' && event.node === send.address.from && event.seq > send.seq,
      )
      const dueMs = send.atMs + timeoutMs
      const due = events.find((event) => event.atMs > dueMs)
      const good = answer?.kind === 'arrive' && (reply?.status ?? 0) < 500 && reply?.status !== 429
      const inTime = answer !== undefined && answer.atMs <= dueMs
      if (answer !== undefined && inTime && (boot === undefined || boot.seq > answer.seq))
        return [{ atMs: answer.atMs, place: answer.seq, good, seq: answer.seq, request: send }]
      const gaveUp: Heard[] =
        due === undefined || (boot !== undefined && boot.seq < due.seq)
          ? []
          : [{ atMs: dueMs, place: due.seq - 0.5, good: false, seq: send.seq, request: send }]
      return good && answer !== undefined
        ? [...gaveUp, { atMs: answer.atMs, place: answer.seq, good, seq: answer.seq, request: send }]
        : gaveUp
    })
    .sort((a, b) => (a.place === b.place ? a.request.seq - b.request.seq : a.place - b.place))
}

export function breakerTwin({
  opensAfter,
  openForMs,
  probes,
  timeoutMs = Infinity,
}: BreakerOf): (history: History) => Finding {
  return (history) => {
    const all = history.events.filter((event): event is Send => event.kind === 'send' && event.request === -1)
    const found = ['shop', 'desk'].map((from): Judged => {
      const own = all.filter(({ address }) => address.from === from)
      const heard = heardBy(history, own, timeoutMs)
      const resets = [
        ...history.events.filter((event) => event.kind === 'boot' && event.node === from).map(({ seq }) => seq),
        ...heard.filter(({ good }) => good).map(({ place }) => place),
      ]
      /** The failures in a row before a position, and the one that opened the breaker. */
      const openingBy = (
        place: number,
      ): { readonly since: number; readonly failures: readonly Heard[] } | undefined => {
        const since = Math.max(-1, ...resets.filter((one) => one < place))
        const failures = heard.filter((one) => !one.good && one.place > since && one.place < place)
        const last = failures[opensAfter - 1]
        return last === undefined ? undefined : { since: last.place, failures: failures.slice(0, opensAfter) }
      }
      for (const [index, send] of own.entries()) {
        const opening = openingBy(send.seq)
        if (opening === undefined) continue
        const probed = own.slice(0, index + 1).filter(({ seq }) => seq > opening.since)
        const stretch = probed.slice(-1 - probes)
        const [first] = stretch
        if (first === undefined || stretch.length <= probes || send.atMs - first.atMs >= openForMs) continue
        return {
          contradictions: [
            contradiction(
              `too-many-probes ${from} -> bank`,
              undefined,
              [...opening.failures.map(({ seq }) => seq), ...stretch.map(({ seq }) => seq)].sort((a, b) => a - b),
            ),
          ],
          looked: true,
          open: false,
        }
      }
      return {
        contradictions: [],
        looked: history.events.some(({ seq }) => openingBy(seq + 0.75) !== undefined),
        open: false,
      }
    })
    return finding({
      contradictions: found.flatMap(({ contradictions }) => contradictions),
      looked: found.some(({ looked }) => looked),
      open: false,
    })
  }
}
