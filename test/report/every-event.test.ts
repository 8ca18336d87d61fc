// The story points at every event of a violated reason, and at nothing else: on random histories of every checker, on
// the failures of the broken examples, and on the histories of the report's tests.
// @module-tag full
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ackDurable } from '../../src/check/ack-durable.ts'
import { always } from '../../src/check/always.ts'
import { atLeastOnce } from '../../src/check/at-least-once.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { authentic } from '../../src/check/authentic.ts'
import { boundedCall } from '../../src/check/bounded-call.ts'
import { boundedStaleness } from '../../src/check/bounded-staleness.ts'
import { check } from '../../src/check/check.ts'
import { conservation } from '../../src/check/conservation.ts'
import { contained } from '../../src/check/contained.ts'
import { convergence } from '../../src/check/convergence.ts'
import { costBudget } from '../../src/check/cost-budget.ts'
import { counterBounds } from '../../src/check/counter-bounds.ts'
import { eventually } from '../../src/check/eventually.ts'
import { exactlyOnce } from '../../src/check/exactly-once.ts'
import { idempotentReplay } from '../../src/check/idempotent-replay.ts'
import { parallelSnapshotIsolation, readCommitted, strictSerializable } from '../../src/check/isolation.ts'
import { latencyBudget } from '../../src/check/latency-budget.ts'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { sequential } from '../../src/check/linearizable/sequential.ts'
import { monotonic } from '../../src/check/monotonic.ts'
import { mutualExclusion } from '../../src/check/mutual-exclusion.ts'
import { noHang } from '../../src/check/no-hang.ts'
import { noLostUpdate } from '../../src/check/no-lost-update.ts'
import { counted, noOversell } from '../../src/check/no-oversell.ts'
import { noPhantom } from '../../src/check/no-phantom.ts'
import { noticed } from '../../src/check/noticed.ts'
import { queueDelivery } from '../../src/check/queue-delivery.ts'
import { retryBudget } from '../../src/check/retry-budget.ts'
import { runsOncePerSlot } from '../../src/check/runs-once-per-slot.ts'
import { noLeftovers } from '../../src/check/no-leftovers.ts'
import { saga } from '../../src/check/saga.ts'
import { causal } from '../../src/check/session/causal.ts'
import { monotonicReads } from '../../src/check/session/monotonic-reads.ts'
import { monotonicWrites } from '../../src/check/session/monotonic-writes.ts'
import { readYourWrites } from '../../src/check/session/read-your-writes.ts'
import { writesFollowReads } from '../../src/check/session/writes-follow-reads.ts'
import { takenOver } from '../../src/check/taken-over.ts'
import { traced } from '../../src/check/traced.ts'
import { uniqueIds } from '../../src/check/unique-ids.ts'
import { journal, rows } from '../../src/history/effect.ts'
import type { History, HistoryEvent } from '../../src/history/history.ts'
import { assess } from '../../src/property.ts'
import { simulate } from '../../src/simulation.ts'
import { serve } from '../../src/transport/serve.ts'
import { noFaults } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { reasonKinds, type Reason, type ReasonKind } from '../../src/verdict/reason.ts'
import type { Invariant } from '../../src/verdict/verdict.ts'
import { lastWriteWins, moving } from '../../examples/last-write.ts'
import { trusting, working } from '../../examples/lease.ts'
import { pushing, replicating } from '../../examples/recovery.ts'
import { asItIs, naming } from '../../examples/stale-read.ts'
import { lastArrival, subscribing } from '../../examples/subscription.ts'
import { acknowledging } from '../../examples/two-generals.ts'
import { broken } from '../bench/systems.ts'
import { actsIn, counterActs, idActs, queueActs } from '../check/brute-force/act-twins.ts'
import { messageHistory, slotHistory, spendingHistory, type Run } from '../check/brute-force/budgets.ts'
import { breakerHistory, outageHistory } from '../check/brute-force/contained.ts'
import {
  actHistory,
  leaseHistory,
  stepHistory,
  writeHistory,
  type Lease,
  type Step,
  type Write,
} from '../check/brute-force/mutual-exclusion.ts'
import { failingHistory } from '../check/brute-force/noticed.ts'
import { charge, keyOf, level, pay, quantityOf, restock } from '../check/brute-force/nouns.ts'
import { randomFrom, randomHistory, workloads } from '../check/brute-force/random-acts.ts'
import { smallHistory, type Item } from '../check/brute-force/random-history.ts'
import {
  answeredHistory,
  askingHistory,
  replicatedHistory,
  smallReplicas,
} from '../check/brute-force/random-replays.ts'
import { smallStores } from '../check/brute-force/random-stores.ts'
import { conversations, transactionsOf } from '../check/brute-force/random-transactions.ts'
import { sagaHistory } from '../check/brute-force/saga.ts'
import { workingHistory } from '../check/brute-force/taken-over.ts'
import { answers, commit, effect, ends, historyOf, invoke, over, sends } from '../check/build-history.ts'
import { amount } from '../full.ts'
import { crashBeforeRemembering, naiveDoubleCharge, noisy, twoBuyers } from './histories.ts'
import { expectPointed } from './pointed.ts'

const begun = journal<string>('begun')
const finished = journal<string>('finished')

const nothingAsked: Scenario = { workload: { invocations: [] }, plan: noFaults, seed: 1 }

const register = transactionsOf({
  clients: 2,
  transactions: 8,
  keys: 2,
  steps: 2,
  kind: 'register',
  writesIn: [true, true, false, false, false],
})
const lists = transactionsOf({
  clients: 3,
  transactions: 7,
  keys: 2,
  steps: 2,
  kind: 'list',
  writesIn: [true, true, false],
})

const overwrites = transactionsOf({
  clients: 3,
  transactions: 9,
  atLeast: 5,
  writes: 6,
  keys: 1,
  steps: 3,
  kind: 'register',
  writesIn: [true, true, false, false],
})

const lease = journal<Lease>('lease')
const lock = journal<Step>('lock')
const written = journal<Write>('written')
const report = journal<Run>('report')
const [flight, noFlight] = [journal<Item>('flight'), journal<Item>('noFlight')]
const [hotel, noHotel] = [journal<Item>('hotel'), journal<Item>('noHotel')]
const trip = [
  { done: flight.by(keyOf), undone: noFlight.by(keyOf) },
  { done: hotel.by(keyOf), undone: noHotel.by(keyOf) },
]
const book = op('book', fc.record({ key: fc.string() }), () => undefined)
const browse = op('browse', fc.constant(null), () => undefined)
const content = ({ key, quantity }: Item) => ({ key, content: quantity })
const [left, middle, right] = smallReplicas

/** Each checker, with the random histories on which it is compared with its twin. */
const compared: readonly (readonly [Invariant, fc.Arbitrary<History>])[] = [
  [exactlyOnce(pay.by(keyOf), charge.by(keyOf)), smallHistory],
  [atMostOnce(charge.by(keyOf)), smallHistory],
  [atLeastOnce(pay.by(keyOf), charge.by(keyOf)), smallHistory],
  [ackDurable(pay.by(keyOf), charge.by(keyOf)), smallHistory],
  [noPhantom(pay.by(keyOf), charge.by(keyOf)), smallHistory],
  [noHang(), smallHistory],
  [boundedCall(5), smallHistory],
  [latencyBudget({ p50: 4, max: 7 }), smallHistory],
  [always('little', charge, (all) => all.length < 2), smallHistory],
  [eventually('something', charge, (all) => all.length > 2), smallHistory],
  [conservation(charge, quantityOf, { total: 1 }), smallHistory],
  [monotonic(charge, keyOf, { state: quantityOf, order: [0, 1, 2, 3, -1], terminal: [1, -1] }), smallHistory],
  [monotonic(charge, keyOf, { state: quantityOf, order: [1, 0] }), smallHistory],
  [
    noOversell(counted(charge, keyOf, quantityOf), {
      stock: 2,
      restocked: counted(restock, keyOf, quantityOf),
      level: counted(level, keyOf, quantityOf),
    }),
    smallHistory,
  ],
  [costBudget({ calls: 1 }), spendingHistory],
  [costBudget({ calls: 2, storeCalls: 1 }, pay), spendingHistory],
  [costBudget({ bytes: 2 }), spendingHistory],
  [retryBudget({ attempts: 2 }), askingHistory],
  [retryBudget({ perOperation: 2 }), askingHistory],
  [retryBudget({ backoffMs: 250 }), askingHistory],
  [retryBudget({ honourRetryAfter: true }), askingHistory],
  [contained('bank', { spared: { operations: [browse], withinMs: 4 } }), outageHistory],
  [contained('bank', { recoveryMs: 3 }), outageHistory],
  [contained('bank', { breaker: { opensAfter: 2, openForMs: 4, timeoutMs: 3 } }), breakerHistory],
  [runsOncePerSlot(report, { everyMs: 5, firstMs: 3, withinMs: 2 }), slotHistory],
  [authentic(pay.as(content), charge, content, { maxAgeMs: 4 }), messageHistory],
  [idempotentReplay(pay.by(keyOf)), answeredHistory],
  [convergence([left, middle, right]), replicatedHistory],
  [saga(trip, { operation: book.by((b) => b.key) }), sagaHistory],
  [
    mutualExclusion(lease, { holder: (l) => l.holder, from: (l) => l.from, until: (l) => l.until, key: (l) => l.lock }),
    leaseHistory,
  ],
  [mutualExclusion(lock, { holder: (l) => l.holder, step: (l) => l.step, key: (l) => l.lock }), stepHistory],
  [mutualExclusion(written, { token: (w) => w.token, key: (w) => w.lock }), writeHistory],
  [mutualExclusion(), actHistory],
  [takenOver(begun.by(String), finished.by(String), { withinMs: 6 }), workingHistory],
  [noticed({ withinMs: 6, by: ['logs'] }), failingHistory],
  [counterBounds(), actsIn(counterActs, 7)],
  [uniqueIds(), actsIn(idActs, 6)],
  [queueDelivery(), actsIn(queueActs, 7)],
  [
    queueDelivery(undefined, {
      duplicates: 1,
      order: (message: number) => ({ partition: message % 2 === 1 ? 1 : 2, sequence: message }),
    }),
    actsIn(queueActs, 8),
  ],
  [readYourWrites(), register],
  [monotonicReads(), register],
  [monotonicWrites(), register],
  [writesFollowReads(), conversations],
  [causal(), fc.oneof(register, lists)],
  [boundedStaleness(3), register],
  [noLostUpdate(), overwrites],
  [readCommitted(), smallStores('list')],
  [parallelSnapshotIsolation(), smallStores('register')],
  [strictSerializable(), smallStores('list')],
  ...workloads.flatMap(({ model, ...workload }): readonly (readonly [Invariant, fc.Arbitrary<History>])[] => {
    const drawn = fc.nat().map((seed) => randomHistory({ model, ...workload }, randomFrom(seed)))
    return [
      [linearizable(model), drawn],
      [sequential(model), drawn],
    ]
  }),
]

const seed = 20_260_101
const seen = new Set<ReasonKind>()

describe('of random histories', () => {
  test.each(compared.map(([invariant, histories]) => ({ name: invariant.name, invariant, histories })))(
    '$name',
    ({ invariant, histories }) => {
      let violated = 0
      fc.assert(
        fc.property(histories, (history) => {
          const [verdict] = check(history, [invariant])
          if (verdict?.kind !== 'violated') return
          violated += 1
          for (const reason of verdict.reasons) {
            seen.add(reason.kind)
            expectPointed(history, nothingAsked, reason)
          }
        }),
        { seed, numRuns: amount(2_000) },
      )

      expect(violated).toBeGreaterThan(0)
    },
  )
})

const failing: readonly (readonly [string, System])[] = [
  ...Object.entries(broken),
  ['last write wins', moving(lastWriteWins)],
  ['a lease that is trusted', working(trusting)],
  ['push and forget', replicating(pushing)],
  ['the last arrival wins', subscribing(lastArrival)],
  ['two generals', acknowledging(1)],
  ['a replica read as it is', naming(asItIs)],
]

describe('of the broken systems of the examples', () => {
  test.each(failing)('%s', async (name, system) => {
    const assessment = await assess(system, { numRuns: 20, seed: 1 })

    if (assessment.kind !== 'violated') throw new Error(`Bug: ${name} is ${assessment.kind}`)
    const { history, scenario, violation } = assessment.counterexample
    seen.add(violation.reason.kind)

    expectPointed(history, scenario, violation.reason)
  })
})

/** Two accounts that hold 100 together; after the second commit they do not. */
function committed(cents: number): History {
  const account = (value: number) => ({ id: 'a', cents: value })
  return {
    ...historyOf(commit(0), invoke(1, 'move', 0), commit(2), commit(3), over(9)),
    snapshots: [
      { effect: 'account', rows: [account(100)], atMs: 0, event: 0 },
      { effect: 'account', rows: [account(cents)], atMs: 2, event: 2 },
      { effect: 'account', rows: [account(100)], atMs: 3, event: 3 },
    ],
  }
}

const accounts = rows<{ readonly id: string; readonly cents: number }>('account', () => [], { everyCommit: true })
const kept = conservation(accounts, ({ cents }) => cents, { total: 100 })

/** The shop's request to the bank does not carry the client's trace. */
function untraced(trace: string | undefined): History {
  const links = [
    { root: 'pay#0', from: 'client', to: 'shop' },
    { root: 'pay#0', path: ['client -> shop POST /work 1'], from: 'shop', to: 'bank' },
  ]
  const traces = [`00-${'a'.repeat(32)}-${'1'.repeat(16)}-01`, trace]
  const history = historyOf(invoke(0, 'pay', 0), ...links.map((link, index) => sends(index + 1, link)), over(9))
  const carrying = (event: HistoryEvent): HistoryEvent => {
    const carried = traces[event.seq - 1]
    return event.kind === 'send' && carried !== undefined ? { ...event, trace: carried } : event
  }
  return { ...history, events: history.events.map(carrying) }
}

const readsOfEachOther = historyOf(
  invoke(0, 'txn', 0, [
    ['r', 'y', null],
    ['w', 'x', 1],
  ]),
  invoke(
    0,
    'txn',
    1,
    [
      ['r', 'x', null],
      ['w', 'y', 2],
    ],
    1,
  ),
  answers(5, 0, [
    ['r', 'y', 2],
    ['w', 'x', 1],
  ]),
  answers(5, 1, [
    ['r', 'x', 1],
    ['w', 'y', 2],
  ]),
)

/** Two payments, each of which leaves an interval behind. */
const leaking: History = {
  ...historyOf(invoke(0, 'pay', 0), ends(10, 'ok', 0), invoke(20, 'pay', 1), ends(30, 'ok', 1), over(100)),
  leftovers: {
    opened: 2,
    left: [0, 1].map((invocation) => ({
      kind: 'timer',
      what: 'an interval of 1 s',
      node: 'shop',
      invocation,
      at: 'src/shop.ts:7',
      class: 'beat',
    })),
  },
}

test.each<readonly [string, Invariant, History]>([
  ['more in between', kept, committed(130)],
  ['less in between', kept, committed(70)],
  ['no trace', traced(), untraced(undefined)],
  ['another trace', traced(), untraced(`00-${'b'.repeat(32)}-${'1'.repeat(16)}-01`)],
  ['circular causes', causal(), readsOfEachOther],
  [
    'what a failed saga leaves',
    saga(trip, { operation: book.by((b) => b.key) }),
    historyOf(
      invoke(0, 'book', 0, { key: 't-1' }),
      effect(1, 'flight', { key: 't-1' }),
      effect(2, 'hotel', { key: 't-1' }),
      ends(5, 'fail', 0),
      over(9),
    ),
  ],
  ['what operations leave open', noLeftovers(), leaking],
])('of %s, as the checkers find it', (_, invariant, history) => {
  const [verdict] = check(history, [invariant])

  expect(verdict?.kind).toBe('violated')

  for (const reason of verdict?.reasons ?? []) {
    seen.add(reason.kind)
    expectPointed(history, nothingAsked, reason)
  }
})

test('of an event that is given up', () => {
  const history = historyOf(invoke(0, 'deliver', 0), ends(5, 'fail', 0), over(9))
  const refused: Reason = { kind: 'event-not-accepted', text: 'deliver was given up.', events: [1] }

  seen.add(refused.kind)

  expectPointed(history, nothingAsked, refused)
})

test('of a handler that never settles', async () => {
  const shop = serve(() => () => new Promise<Response>(() => undefined))
  const ask = op('ask', fc.constant(null), () => fetch('http://shop/'))
  const scenario: Scenario = {
    workload: { invocations: [{ id: 0, operation: 'ask', client: 0, afterMs: 0, input: null }] },
    plan: noFaults,
    seed: 1,
  }
  const history = await simulate({ nodes: { shop }, operations: [ask], invariants: [noHang()] }, scenario)
  const [verdict] = check(history, [noHang()])

  expect(verdict?.reasons.map(({ kind }) => kind)).toEqual(['ended-by-platform', 'unanswered'])

  for (const reason of verdict?.reasons ?? []) {
    seen.add(reason.kind)
    expectPointed(history, scenario, reason)
  }
})

test.each([
  ['the naive double charge', naiveDoubleCharge()],
  ['a crash before remembering', crashBeforeRemembering()],
  ['two buyers', twoBuyers()],
  ['a noisy history', noisy()],
])('of %s, written by hand', (_, { history, scenario, violation }) => {
  expectPointed(history, scenario, violation.reason)
})

/** Kinds of reason that no violation of a single history has. */
const notViolated: ReadonlySet<ReasonKind> = new Set<ReasonKind>([
  'model-violated',
  'unknown',
  'undecided',
  'no-verdict',
  'vacuous',
])

test('every kind of failure was among them', () => {
  expect(reasonKinds.filter((kind) => !seen.has(kind) && !notViolated.has(kind))).toEqual([])
})
