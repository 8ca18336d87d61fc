// Twins of latencyBudget, costBudget, runsOncePerSlot and authentic, written from their definitions: they examine every
// operation, every slot, and every way to match effects with messages. With histories for each. Shares no code with
// src/check.
import * as fc from 'fast-check'
import { rootText } from '../../../src/scenario/address-text.ts'
import type { History } from '../../../src/history/history.ts'
import { rootOf } from '../../address-of.ts'
import { effect, ends, historyOf, invoke, over, row, sends, type Line } from '../build-history.ts'
import { asks, ascending, distinct, endsQuietly, facts, type Fact } from './facts.ts'
import { contradiction, is, seqsOf, type Finding } from './twins.ts'

function violatedOr(contradictions: readonly string[], otherwise: Finding): Finding {
  return contradictions.length > 0 ? { kind: 'violated', contradictions } : otherwise
}

interface Timed {
  readonly atMs: number
  readonly line: Line
}

function ordered(timed: readonly Timed[], ...rest: readonly Line[]): History {
  return historyOf(...timed.toSorted((a, b) => a.atMs - b.atMs).map(({ line }) => line), ...rest)
}

// latencyBudget

/** Counts one by one how many of the operations ended within the limit. */
export function latencyTwin(
  limits: readonly (readonly [percentile: string, thousandths: number, ms: number])[],
): (history: History) => Finding {
  return (history) => {
    const all = asks(history, ['pay', 'buy'])
    const nowMs = history.events.at(-1)?.atMs ?? 0
    const verdicts = limits.map(([percentile, thousandths, ms]) => {
      const ended = all.filter(({ invoke: { atMs }, end }) => end !== undefined && end.atMs - atMs <= ms)
      const mayEnd = all.filter(
        ({ invoke: { atMs }, end }) => end === undefined && !endsQuietly(history) && nowMs - atMs <= ms,
      )
      const enough = (count: number): boolean => count * 1_000 >= thousandths * all.length
      const slow = all.filter((ask) => !ended.includes(ask) && !mayEnd.includes(ask))
      const wrong = contradiction(
        `percentile-too-slow ${percentile} of all operations`,
        undefined,
        ascending(seqsOf(slow)),
      )
      return { broken: enough(ended.length + mayEnd.length) ? [] : [wrong], open: !enough(ended.length) }
    })
    const broken = verdicts.flatMap((verdict) => verdict.broken)
    return violatedOr(
      broken,
      is(all.length === 0 ? 'vacuous' : verdicts.some(({ open }) => open) ? 'unknown' : 'holds'),
    )
  }
}

// costBudget

const cost = fc.record({
  root: fc.constantFrom('pay#0', 'pay#0', 'pay#1', 'buy#2', 'boot(shop)'),
  store: fc.boolean(),
  gapMs: fc.nat(2),
})

/** Three operations, with the requests and store calls that these and a boot cause. */
export const spendingHistory: fc.Arbitrary<History> = fc
  .array(cost, { maxLength: 7, size: 'max' })
  .map((all) =>
    historyOf(
      invoke(0, 'pay', 0, {}),
      invoke(0, 'pay', 1, {}),
      invoke(0, 'buy', 2, {}),
      ...all.map(({ root, store }, index) =>
        store
          ? stores(index, root)
          : sends(index, { root, from: 'shop', to: index % 2 === 0 ? 'bank' : 'mail', bytes: index % 3 }),
      ),
    ),
  )

export function stores(atMs: number, root: string): Line {
  const address = {
    root: rootOf(root),
    path: [],
    from: 'shop',
    to: 'db',
    operation: 'select items',
    leg: 'reply',
    nth: 1,
  } as const
  return {
    kind: 'event',
    make: (seq) => ({ kind: 'store', seq, atMs, node: 'db', cause: -1, address, write: false, open: false }),
  }
}

export function costTwin(
  limits: { readonly calls?: number; readonly storeCalls?: number; readonly bytes?: number },
  roots: readonly string[],
  only?: string,
): (history: History) => Finding {
  return (history) => {
    let looked = false
    const of = only === undefined ? '' : ` ${only}`
    const found = roots.flatMap((root) =>
      (
        [
          ['send', 'too-many-requests', limits.calls],
          ['store', 'too-many-store-calls', limits.storeCalls],
          ['body', 'too-many-bytes', limits.bytes],
        ] as const
      ).flatMap(([kind, failure, limit]) => {
        const all = history.events
          .filter((event) => event.kind === 'send' || event.kind === 'store')
          .filter(({ address }) => rootText(address.root) === root)
          // Each byte is one of its message
          .flatMap((event) =>
            kind === 'body'
              ? Array.from({ length: event.kind === 'send' ? (event.bytes ?? 0) : 0 }, () => event.seq)
              : event.kind === kind
                ? [event.seq]
                : [],
          )
        if (limit === undefined || all.length === 0) return []
        looked = true
        const spent = [...new Set(all)]
        return all.length > limit ? [contradiction(`${failure}${of}`, undefined, spent)] : []
      }),
    )
    return violatedOr(found, is(looked ? 'holds' : 'vacuous'))
  }
}

// runsOncePerSlot

export interface Run {
  readonly job: string
  readonly slot: number
}

interface Due {
  readonly index: number
  readonly late: number
  readonly job: string
}

const run: fc.Arbitrary<Due> = fc.record({
  index: fc.nat(4),
  late: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 7, -1),
  job: fc.constantFrom('a', 'a', 'a', 'b'),
})
const regular: fc.Arbitrary<readonly Due[]> = fc
  .constantFrom([0, 1, 2], [0, 1], [0], [])
  .map((slots) => slots.map((index) => ({ index, late: 0, job: 'a' })))

/**
 * Runs for slots that begin at 3 and then every 5 ms, often without a mistake. One history in ten has a run for no
 * slot; in one of eight the runs are rows.
 */
export const slotHistory: fc.Arbitrary<History> = fc
  .record({
    runs: fc.oneof<fc.Arbitrary<readonly Due[]>[]>(fc.array(run, { maxLength: 4 }), regular, regular),
    flaw: fc.nat(9),
    rows: fc.nat(7),
    endMs: fc.constantFrom(1, 3, 4, 5, 6, 8, 10, 11, 13, 16, 20),
  })
  .map(({ runs, flaw, rows, endMs }) => {
    const values = runs.map(({ index, late, job }, n) => ({
      atMs: Math.max(0, 3 + 5 * index + late),
      value: { job, slot: flaw === 0 && n === 0 ? 0.5 : index },
    }))
    if (rows === 0) return historyOf(over(endMs), ...values.map(({ value }) => row('report', value)))
    return ordered(
      values.map(({ atMs, value }) => ({ atMs, line: effect(atMs, 'report', value) })),
      over(Math.max(endMs, ...values.map(({ atMs }) => atMs))),
    )
  })

interface SlotRun extends Run {
  readonly seq: number | undefined
  readonly atMs: number | undefined
}

/** Examines every slot. `told`: runs name their slot. `jobs`: each job is judged on its own. */
export function slotTwin({
  told,
  jobs,
  withinMs,
}: {
  readonly told: boolean
  readonly jobs: boolean
  readonly withinMs: number
}): (history: History) => Finding {
  return (history) => {
    const timed = history.events.flatMap((event): SlotRun[] =>
      event.kind === 'effect' ? [{ ...(event.value as Run), seq: event.seq, atMs: event.atMs }] : [],
    ) // as written above
    const all = [
      ...timed,
      ...history.readings.map((reading): SlotRun => ({ ...(reading.value as Run), seq: undefined, atMs: undefined })),
    ]
    if (told ? all.some(({ slot }) => slot === 0.5) : all.some(({ atMs }) => atMs === undefined)) return is('unknown')
    const nowMs = history.events.at(-1)?.atMs ?? 0
    const begin = (slot: number): number => 3 + 5 * slot
    const slots = [0, 1, 2, 3, 4, 5, 6]
    const over = slots.filter((slot) => begin(slot) + withinMs < nowMs)
    if (all.length === 0 && (jobs || over.length === 0)) return is('vacuous')
    const found = (jobs ? distinct(all.map(({ job }) => job)) : [undefined]).flatMap((job) => {
      const own = all.filter((one) => job === undefined || one.job === job)
      const isOf = (one: SlotRun, slot: number): boolean =>
        told ? one.slot === slot : one.atMs !== undefined && one.atMs >= begin(slot) && one.atMs < begin(slot + 1)
      const wrong = (what: string, runs: readonly SlotRun[]): string =>
        contradiction(`${what} report`, job, ascending(runs.map(({ seq }) => seq ?? Infinity)))
      const reasons = slots.flatMap((slot) => {
        const ran = own.filter((one) => isOf(one, slot))
        return [
          ...(ran.length > 1 ? [wrong('ran-twice', ran)] : []),
          ...ran.filter(({ atMs }) => atMs !== undefined && atMs < begin(slot)).map((one) => wrong('ran-early', [one])),
          ...ran
            .filter(({ atMs }) => atMs !== undefined && atMs > begin(slot) + withinMs)
            .map((one) => wrong('ran-late', [one])),
        ]
      })
      const none = (slot: number): boolean => over.includes(slot) && !own.some((one) => isOf(one, slot))
      const gaps = over
        .filter((slot) => none(slot) && !none(slot - 1))
        .map((first) => {
          const last = over.findLast((slot) => slots.every((one) => one < first || one > slot || none(one))) ?? first
          return wrong(
            'run-missed',
            [first - 1, last + 1].flatMap((slot) => own.filter((one) => isOf(one, slot)).slice(0, 1)),
          )
        })
      const before = told
        ? []
        : own.filter(({ atMs }) => atMs !== undefined && atMs < begin(0)).map((one) => wrong('ran-early', [one]))
      return [...reasons, ...gaps, ...before]
    })
    return violatedOr(found, is('holds'))
  }
}

// authentic

const sending = fc.record({
  operation: fc.constantFrom('pay', 'pay', 'pay', 'buy'),
  key: fc.constantFrom('a', 'a', 'b'),
  quantity: fc.constantFrom(1, 1, 2),
  atMs: fc.nat(9),
  fate: fc.constantFrom('ok', 'fail', 'info', 'open'),
})
const happening = fc.record({
  key: fc.constantFrom('a', 'a', 'b'),
  quantity: fc.constantFrom(1, 1, 2),
  atMs: fc.nat(14),
})

/**
 * Genuine operations `pay`, others `buy`, and charges, which are rows in one history of six. One in ten has a charge
 * without a key.
 */
export const messageHistory: fc.Arbitrary<History> = fc
  .record({
    sent: fc.array(sending, { maxLength: 5, size: 'max' }),
    done: fc.array(happening, { maxLength: 4 }),
    flaw: fc.nat(9),
    rows: fc.nat(5),
  })
  .map(({ sent, done, flaw, rows }) => {
    const calls = sent.flatMap(({ operation, key, quantity, atMs, fate }, id): Timed[] => {
      const begin = { atMs, line: invoke(atMs, operation, id, { key, quantity }) }
      return fate === 'open' ? [begin] : [begin, { atMs: atMs + 1, line: ends(atMs + 1, fate, id) }]
    })
    const values = done.map(({ key, quantity, atMs }, index) => ({
      atMs,
      value: { key: flaw === 0 && index === 0 ? undefined : key, quantity },
    }))
    if (rows === 0) return ordered(calls, ...values.map(({ value }) => row('charge', value)))
    return ordered([...calls, ...values.map(({ atMs, value }) => ({ atMs, line: effect(atMs, 'charge', value) }))])
  })

/**
 * Judges effects in order. An effect is right if it and the earlier right ones can all be matched with messages, in any
 * way.
 */
export function authenticTwin(maxAgeMs: number): (history: History) => Finding {
  return (history) => {
    const charges = facts(history, 'charge').toSorted((a, b) => (a.when === b.when ? 0 : a.when < b.when ? -1 : 1))
    if (charges.some(({ key }) => key === undefined)) return is('unknown')
    const sent = asks(history, ['pay']).map((ask) => ({
      ...ask,
      quantity: ask.invoke.kind === 'invoke' ? (ask.invoke.input as { quantity: number }).quantity : 0,
    }))
    const timeOf = (one: Fact): number => (one.when === Infinity ? -Infinity : (history.events[one.when]?.atMs ?? 0))
    const agree = (one: Fact): typeof sent =>
      sent.filter(({ key, quantity, invoke }) => key === one.key && quantity === one.quantity && invoke.seq < one.when)
    const fresh = (one: Fact): typeof sent => agree(one).filter(({ invoke }) => timeOf(one) - invoke.atMs <= maxAgeMs)
    const canAccount = (all: readonly Fact[], used: readonly unknown[]): boolean => {
      const [first, ...rest] = all
      return (
        first === undefined ||
        fresh(first).some((message) => !used.includes(message) && canAccount(rest, [...used, message]))
      )
    }
    const right: Fact[] = []
    const found: string[] = []
    for (const one of charges) {
      if (canAccount([...right, one], [])) {
        right.push(one)
        continue
      }
      const ofKey = sent.filter(({ key, invoke }) => key === one.key && invoke.seq < one.when)
      const [kind, about] =
        agree(one).length > 0
          ? [fresh(one).length > 0 ? 'replayed' : 'expired', agree(one).at(-1)]
          : ofKey.length > 0
            ? ['tampered', ofKey[0]]
            : ['forged', undefined]
      found.push(
        contradiction(
          `${kind} charge`,
          one.key,
          ascending([one.when, ...(about === undefined ? [] : seqsOf([about]))]),
        ),
      )
    }
    return violatedOr(found, is(charges.length === 0 ? 'vacuous' : 'holds'))
  }
}
