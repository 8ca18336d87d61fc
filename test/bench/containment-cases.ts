// Histories of any length for the checkers of exclusion, sagas, schedules, containment and budgets: each holds, so that
// nothing is left out.
import * as fc from 'fast-check'
import {
  authentic,
  contained,
  costBudget,
  journal,
  latencyBudget,
  mutualExclusion,
  op,
  saga,
  type History,
  type HistoryEvent,
  type Invariant,
} from '../../src/index.ts'
import { runsOncePerSlot } from '../../src/queues.ts'
import { rootOf } from '../address-of.ts'

interface Case {
  readonly invariant: Invariant
  readonly history: (events: number) => History
}

interface Turn {
  readonly n: number
  readonly holder: number
  readonly step: 'acquire' | 'release'
}

type Plain = HistoryEvent extends infer E
  ? E extends HistoryEvent
    ? Omit<E, 'seq' | 'node' | 'cause' | 'atMs'> & Partial<Pick<E, 'cause'>>
    : never
  : never

const [turn, run] = [journal<Turn>('turn'), journal<Turn>('run')]
const pay = op('pay', fc.integer(), () => undefined)
const step = (name: string) => journal<{ readonly id: number }>(name).by(({ id }) => id)
const lease = { holder: ({ holder }: Turn) => holder, from: ({ n }: Turn) => n, until: ({ n }: Turn) => n + 1 }

export const containmentCases: readonly Case[] = [
  { invariant: mutualExclusion(turn, lease), history: turns },
  { invariant: mutualExclusion(turn, { holder: ({ holder }) => holder, step: (t) => t.step }), history: turns },
  { invariant: mutualExclusion(turn, { token: ({ n }) => n }), history: turns },
  { invariant: mutualExclusion(), history: locking },
  {
    invariant: saga([
      { done: step('a'), undone: step('no a') },
      { done: step('b'), undone: step('no b') },
    ]),
    history: trips,
  },
  {
    invariant: runsOncePerSlot(run, { everyMs: 1, firstMs: 0, withinMs: 0.5 }),
    history: (events) => of(events, (n) => [effect('run', turnOf(n))]),
  },
  { invariant: latencyBudget({ p50: 10, p99: 10, max: 10 }), history: spending },
  { invariant: costBudget({ calls: 2 }), history: spending },
  {
    invariant: authentic(
      pay.as((id) => ({ key: id, content: id })),
      journal<number>('charge'),
      (id) => ({ key: id, content: id }),
      { maxAgeMs: 10 },
    ),
    history: spending,
  },
  {
    invariant: contained('bank', {
      spared: { operations: [pay], withinMs: 10 },
      breaker: { opensAfter: 3, openForMs: 10, probes: 20, timeoutMs: 5 },
      recoveryMs: 10,
    }),
    history: failing,
  },
]

function turnOf(n: number): Turn {
  return { n, holder: Math.floor(n / 2) % 5, step: n % 2 === 0 ? 'acquire' : 'release' }
}

function turns(events: number): History {
  return of(events, (n) => [effect('turn', turnOf(n))])
}

function trips(events: number): History {
  return of(events, (id) => ['a', 'b', ...(id % 2 === 0 ? [] : ['no b', 'no a'])].map((name) => effect(name, { id })))
}

function locking(events: number): History {
  return of(events, (n) => call(n, n % 2 === 0 ? 'acquire' : 'release', Math.floor(n / 2) % 5))
}

/** Operations with a charge and a request each. */
function spending(events: number): History {
  return of(events, (n) => call(n, 'pay', 0, n, effect('charge', n), send(n, -1, 0)))
}

/** A bank that fails all the time, whose caller asks once a millisecond; what does not need it is answered. */
function failing(events: number): History {
  const begin: readonly Plain[] = [
    { kind: 'fault', fault: { kind: 'lose', at: address(0, 'request') } },
    { kind: 'heal' },
  ]
  return of(events, (n, seq) => [
    ...(n === 0 ? begin : []),
    ...call(n, 'pay', 0, n),
    send(n, -1, 0),
    send(n, seq + 2 + (n === 0 ? 2 : 0), 503),
    { kind: 'arrive', cause: seq + 3 + (n === 0 ? 2 : 0), late: false },
  ])
}

function effect(name: string, value: unknown): Plain {
  return { kind: 'effect', effect: name, value }
}

function call(
  invocation: number,
  operation: string,
  client: number,
  input: unknown = null,
  ...between: readonly Plain[]
): readonly Plain[] {
  const about = { invocation, operation, client }
  return [{ kind: 'invoke', ...about, input }, ...between, { kind: 'ok', ...about }]
}

function address(n: number, leg: 'request' | 'reply') {
  return {
    root: rootOf(`pay#${n}`),
    path: [],
    from: 'shop',
    to: 'bank',
    operation: 'POST /charges',
    leg,
    nth: 1,
  } as const
}

function send(n: number, request: number, status: number): Plain {
  return { kind: 'send', address: address(n, request === -1 ? 'request' : 'reply'), request, copy: 0, status }
}

/** The n-th group of events happens in the n-th millisecond, until there are enough. */
function of(count: number, group: (n: number, seq: number) => readonly Plain[]): History {
  const events: HistoryEvent[] = []
  const add = (event: Plain, atMs: number): void => {
    events.push({ cause: -1, ...event, seq: events.length, atMs, node: 'shop' })
  }
  let n = 0
  for (; events.length < count; n++) for (const event of group(n, events.length)) add(event, n)
  add({ kind: 'end', reason: 'quiet' }, n - 1)
  return { events, readings: [], notes: [] }
}
