// Histories of any length, for each checker one that it has to read to the end: it holds, so that nothing is left out.
// What many keys and what one key cost are different questions, so that each shape says how its keys are spread.
import * as fc from 'fast-check'
import {
  ackDurable,
  always,
  atLeastOnce,
  atMostOnce,
  boundedCall,
  conservation,
  convergence,
  counted,
  eventually,
  exactlyOnce,
  idempotentReplay,
  journal,
  monotonic,
  noHang,
  noOversell,
  noPhantom,
  op,
  retryBudget,
  serializable,
  snapshotIsolation,
  sometimes,
  strictSerializable,
  traced,
  type History,
  type HistoryEvent,
  type Invariant,
} from '../../src/index.ts'
import { rootOf, stepOf } from '../address-of.ts'
import { consistencyCases } from './consistency-cases.ts'
import { containmentCases } from './containment-cases.ts'

/** A checker, and a history of about so many events in which it holds. */
export interface ScaleCase {
  readonly invariant: Invariant
  /** Of what sort the history is, where there are several. */
  readonly shape?: string
  readonly history: (events: number) => History
}

interface Item {
  readonly id: string
  readonly n: number
}

const item: fc.Arbitrary<Item> = fc.record({ id: fc.string(), n: fc.nat() })
const pay = op('pay', item, () => undefined)
const charge = journal<Item>('charge')
const copy = journal<Item>('copy')
const idOf = ({ id }: Item): string => id

export const scaleCases: readonly ScaleCase[] = [
  ...[
    atMostOnce(charge.by(idOf)),
    exactlyOnce(pay.by(idOf), charge.by(idOf)),
    atLeastOnce(pay.by(idOf), charge.by(idOf)),
    noPhantom(pay.by(idOf), charge.by(idOf)),
    ackDurable(pay.by(idOf), charge.by(idOf)),
    noHang(),
    boundedCall(1_000),
    eventually('all paid', charge, (all) => all.length > 0),
    sometimes('paid', charge, (all) => all.length > 3),
  ].map((invariant) => ({ invariant, history: paidOrders })),
  { invariant: always('few', charge, (all) => all.length >= 0), history: paidOrders },
  {
    invariant: noOversell(
      counted(
        charge,
        () => 'seat',
        () => 1,
      ),
      { stock: 1_000_000 },
    ),
    history: paidOrders,
  },
  { invariant: conservation(charge, ({ n }) => n - n, { total: 0 }), history: paidOrders },
  { invariant: monotonic(charge, () => 'document', { version: ({ n }) => n }), history: paidOrders },
  {
    invariant: monotonic(charge, () => 'order', { state: ({ n }) => Math.min(n, 2), order: [0, 1, 2] }),
    history: paidOrders,
  },
  {
    invariant: idempotentReplay(pay.by(() => 'key')),
    history: (events) => calls(events, () => ({ id: 'order', n: 0 })),
  },
  { invariant: convergence([charge, copy]), history: copied },
  { invariant: retryBudget({ link: 'shop -> bank', attempts: 3 }), history: sent },
  { invariant: traced(), history: asked },
  { invariant: serializable(), history: transacted('append') },
  { invariant: strictSerializable(), history: transacted('append') },
  { invariant: snapshotIsolation(), history: transacted('w') },
  ...containmentCases,
  ...consistencyCases,
]

/** Each order is asked for, charged and answered: three events. */
export function paidOrders(events: number): History {
  return calls(events, (n) => ({ id: `o-${n}`, n }))
}

const clients = 8

function calls(count: number, input: (n: number) => Item): History {
  const events: HistoryEvent[] = []
  for (let n = 0; events.length < count; n++) {
    const client = n % clients
    const at = { atMs: n, node: `client#${client}`, cause: -1 } as const
    const asked = input(n)
    events.push({ ...at, kind: 'invoke', seq: events.length, invocation: n, operation: 'pay', client, input: asked })
    events.push({ ...at, kind: 'effect', seq: events.length, node: 'shop', effect: 'charge', value: asked })
    events.push({
      ...at,
      kind: 'ok',
      seq: events.length,
      invocation: n,
      operation: 'pay',
      client,
      value: { status: 201, body: 'done' },
    })
  }
  return over(events)
}

function copied(count: number): History {
  const events: HistoryEvent[] = []
  for (let n = 0; events.length < count; n++) {
    for (const effect of ['charge', 'copy'])
      events.push({
        kind: 'effect',
        seq: events.length,
        atMs: n,
        node: 'shop',
        cause: -1,
        effect,
        value: { id: `o-${n}`, n },
      })
  }
  return over(events)
}

/** Calls of one operation each from the shop to its bank. */
function sent(count: number): History {
  const events: HistoryEvent[] = []
  for (let n = 0; events.length < count; n++) {
    const address = {
      root: rootOf(`pay#${n}`),
      path: [],
      from: 'shop',
      to: 'bank',
      operation: 'POST /charges',
      leg: 'request',
      nth: 1,
    } as const
    const request = events.length
    events.push({
      kind: 'send',
      seq: request,
      atMs: n,
      node: 'shop',
      cause: -1,
      address,
      request: -1,
      copy: 0,
      status: 0,
    })
    events.push({
      kind: 'arrive',
      seq: request + 1,
      atMs: n,
      node: 'bank',
      cause: request,
      late: false,
    })
    events.push({
      kind: 'send',
      seq: request + 2,
      atMs: n,
      node: 'bank',
      cause: request,
      address: { ...address, leg: 'reply' },
      request,
      copy: 0,
      status: 201,
    })
    events.push({
      kind: 'arrive',
      seq: request + 3,
      atMs: n,
      node: 'shop',
      cause: request + 2,
      late: false,
    })
  }
  return over(events)
}

/** Operations with a trace, each with one request of its client and one of the shop. */
function asked(count: number): History {
  const events: HistoryEvent[] = []
  for (let n = 0; events.length < count; n++) {
    const trace = `00-${(n + 1).toString(16).padStart(32, '0')}-00f067aa0ba902b7-01`
    const call = {
      root: rootOf(`pay#${n}`),
      path: [],
      from: 'client',
      to: 'shop',
      operation: 'POST /orders',
      leg: 'request',
      nth: 1,
    } as const
    const at = { atMs: n, node: 'client#0', cause: -1 }
    events.push({ ...at, kind: 'invoke', seq: events.length, invocation: n, operation: 'pay', client: 0, input: n })
    events.push({ ...at, kind: 'send', seq: events.length, address: call, request: -1, copy: 0, status: 0, trace })
    events.push({
      ...at,
      kind: 'send',
      seq: events.length,
      address: { ...call, path: [stepOf('client')], from: 'shop', to: 'bank' },
      request: -1,
      copy: 0,
      status: 0,
      trace,
    })
    events.push({ ...at, kind: 'ok', seq: events.length, invocation: n, operation: 'pay', client: 0 })
  }
  return over(events)
}

/**
 * Transactions of eight clients at a time, each of which reads a key of its own and writes it; after 32 writes a key is
 * left alone.
 */
function transacted(write: 'append' | 'w'): (count: number) => History {
  return (count) => {
    const events: HistoryEvent[] = []
    const states = new Map<number, readonly number[]>()
    for (let round = 0; events.length < count; round++) {
      const steps = Array.from({ length: clients }, (_, client) => {
        const key = Math.floor(round / 32) * clients + client
        const state = states.get(key) ?? []
        states.set(key, [...state, round])
        return [
          ['r', key, write === 'append' ? state : (state.at(-1) ?? null)],
          [write, key, round],
        ]
      })
      steps.forEach((input, client) =>
        events.push({
          kind: 'invoke',
          seq: events.length,
          atMs: round,
          node: `client#${client}`,
          cause: -1,
          invocation: round * clients + client,
          operation: 'txn',
          client,
          input,
        }),
      )
      steps.forEach((value, client) =>
        events.push({
          kind: 'ok',
          seq: events.length,
          atMs: round,
          node: `client#${client}`,
          cause: -1,
          invocation: round * clients + client,
          operation: 'txn',
          client,
          value,
        }),
      )
    }
    return over(events)
  }
}

function over(events: HistoryEvent[]): History {
  const last = events.at(-1)
  events.push({ kind: 'end', seq: events.length, atMs: last?.atMs ?? 0, node: 'client', cause: -1, reason: 'quiet' })
  return { events, readings: [], notes: [] }
}
