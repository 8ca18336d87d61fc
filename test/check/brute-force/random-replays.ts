// Small random histories for checkers that need more than the shared ones have: answers with values, replicas, retried
// requests. For tests only.
import * as fc from 'fast-check'
import { rows, type Effect } from '../../../src/history/effect.ts'
import type { History } from '../../../src/history/history.ts'
import {
  arrives,
  ends,
  historyOf,
  invoke,
  over,
  replies,
  row,
  sends,
  throttled,
  tries,
  type Line,
} from '../build-history.ts'
import type { Item } from './random-history.ts'

interface Answered {
  readonly key: string
  readonly quantity: number
  readonly fate: 'ok' | 'fail' | 'info' | 'open'
  readonly answer: number
  readonly takes: number
}

const answered: fc.Arbitrary<Answered> = fc.record({
  key: fc.constantFrom('a', 'a', 'b'),
  quantity: fc.constantFrom(1, 1, 1, 2),
  fate: fc.constantFrom('ok', 'ok', 'ok', 'fail', 'info', 'open'),
  answer: fc.constantFrom(7, 7, 7, 8),
  takes: fc.nat(5),
})

/**
 * Operations `pay` with few keys, payloads and answers; `{ status, body }` as a Response has. One in ten has an input
 * without a key.
 */
export const answeredHistory: fc.Arbitrary<History> = fc
  .tuple(fc.array(answered, { maxLength: 5, size: 'max' }), fc.nat(9))
  .map(([calls, flaw]) => {
    const timed = calls.flatMap(({ key, quantity, fate, answer, takes }, id) => {
      const input = flaw === 0 && id === 0 ? { quantity } : { key, quantity }
      const begin = { atMs: id, line: invoke(id, 'pay', id, input) }
      const value = fate === 'ok' ? { status: 200, body: String(answer) } : undefined
      return fate === 'open'
        ? [begin]
        : [begin, { atMs: id + takes, line: ends(id + takes, fate, id, undefined, value) }]
    })
    return historyOf(...timed.toSorted((a, b) => a.atMs - b.atMs).map(({ line }) => line), over(20))
  })

/** The replicas of {@link replicatedHistory}. */
export const smallReplicas: readonly [Effect<Item>, Effect<Item>, Effect<Item>] = [
  rows('left', () => []),
  rows('middle', () => []),
  rows('right', () => []),
]

const item = fc.record({ key: fc.constantFrom('a', 'b'), quantity: fc.constantFrom(1, 1, 2) })
const put = fc.record({ key: fc.constantFrom('a', 'b'), fate: fc.constantFrom('ok', 'ok', 'fail', 'info', 'open') })

/** Operations `put`, and rows of `left`, `middle` and `right` that are often equal. */
export const replicatedHistory: fc.Arbitrary<History> = fc
  .record({
    puts: fc.array(put, { maxLength: 3 }),
    common: fc.array(item, { maxLength: 2 }),
    extra: fc.array(fc.tuple(fc.constantFrom('left', 'middle', 'right'), item), { maxLength: 2 }),
    turned: fc.boolean(),
    flawless: fc.nat(3),
    end: fc.constantFrom('quiet' as const, 'quiet' as const, 'quiet' as const, 'maxSteps' as const, 'none' as const),
  })
  .map(({ puts, common, extra, turned, flawless, end }) => {
    const calls = puts.flatMap(({ key, fate }, id): Line[] => {
      const begin = invoke(id, 'put', id, { key })
      return fate === 'open' ? [begin] : [begin, ends(id + 1, fate, id)]
    })
    const rows = ['left', 'middle', 'right'].flatMap((name) =>
      (turned && name === 'right' ? common.toReversed() : common).map((value) => row(name, value)),
    )
    const others = flawless > 0 ? [] : extra.map(([name, value]) => row(name, value))
    return historyOf(...calls, ...(end === 'none' ? [] : [over(9, end)]), ...rows, ...others)
  })

interface RandomSend {
  readonly root: 'pay#0' | 'boot(shop)'
  readonly to: 'bank' | 'mail'
  readonly gapMs: number
  readonly fate: 'good' | 'bad' | 'throttled' | 'lost' | 'late'
  readonly takesMs: number
  readonly client: boolean
}

const oneSend: fc.Arbitrary<RandomSend> = fc.record({
  root: fc.constantFrom('pay#0', 'pay#0', 'pay#0', 'boot(shop)'),
  to: fc.constantFrom('bank', 'bank', 'bank', 'mail'),
  gapMs: fc.constantFrom(0, 10, 60, 300, 900, 1_500),
  fate: fc.constantFrom('good', 'bad', 'bad', 'throttled', 'lost', 'late'),
  takesMs: fc.constantFrom(5, 40, 200),
  client: fc.constantFrom(false, false, false, true),
})

/** Requests of a shop and of a client of one operation, with answers of every sort; the client tries twice. */
export const askingHistory: fc.Arbitrary<History> = fc.array(oneSend, { maxLength: 5, size: 'max' }).map((all) => {
  let atMs = 0
  const begin: readonly Timed[] = [
    { atMs: 0, make: () => invoke(0, 'pay', 0, {}) },
    { atMs: 0, make: () => tries(0, 0, 1) },
  ]
  const timed = all.flatMap((one, index): Timed[] => {
    atMs += one.gapMs
    const { takesMs, fate } = one
    const place = one.client
      ? { root: 'pay#0', from: 'client', to: 'shop' }
      : { root: one.root, from: 'shop', to: one.to, path: ['client -> shop POST / 1'] }
    const status = fate === 'throttled' ? 429 : fate === 'good' ? 200 : 503
    return [
      ...(index === 3 ? [{ atMs, make: () => tries(0, 0, 2) }] : []),
      { atMs, id: `request ${index}`, make: () => sends(0, place) },
      ...(fate === 'throttled' ? [{ atMs, make: (seqOf: SeqOf) => throttled(0, seqOf(`request ${index}`), 700) }] : []),
      ...(fate === 'lost'
        ? []
        : [
            {
              atMs: atMs + takesMs - 1,
              id: `reply ${index}`,
              make: (seqOf: SeqOf) => replies(0, seqOf(`request ${index}`), status, place),
            },
            { atMs: atMs + takesMs, make: (seqOf: SeqOf) => arrives(0, seqOf(`reply ${index}`), fate === 'late') },
          ]),
    ]
  })
  return laidOut([...begin, ...timed])
})

type SeqOf = (id: string) => number

interface Timed {
  readonly atMs: number
  readonly id?: string
  make(seqOf: SeqOf): Line
}

/** The lines in order of time. A line may refer to the position of others, so it is made only now. */
function laidOut(timed: readonly Timed[]): History {
  const ordered = timed.toSorted((a, b) => a.atMs - b.atMs)
  const seqOf: SeqOf = (id) => ordered.findIndex((one) => one.id === id)
  const { events, ...rest } = historyOf(...ordered.map((one) => one.make(seqOf)), over(99_999))
  return { ...rest, events: events.map((event, index) => ({ ...event, atMs: ordered[index]?.atMs ?? event.atMs })) }
}
