// throughput-direct: what a simulated history costs beside the very same handlers called directly. Three orders by two
// clients, each client -> checkout -> payments: 6 round trips and 6 calls on a Map a history.
import * as fc from 'fast-check'
import {
  check,
  exactlyOnce,
  map,
  noFaults,
  noHang,
  noPhantom,
  op,
  rows,
  serve,
  type Scenario,
  type System,
} from '../../src/index.ts'
import { open } from '../../src/simulation.ts'
import { alternate, type Measured } from './alternate.ts'
import type { Effort, Result } from './result.ts'

interface Order {
  readonly order: string
  readonly amount: number
}

/** `fetch`, as far as the handlers use it. */
type Send = (url: string, init: { readonly method: string; readonly body: string }) => Promise<Response>
type Handler = (request: Request) => Promise<Response>

/** The services, on a store and a network of their own. */
export interface Shop {
  readonly charges: Map<string, Order>
  readonly checkout: Handler
  readonly payments: Handler
  /** What a client does: one order. */
  readonly buy: (order: Order) => Promise<Response>
}

/** Two round trips and two store calls an order, whoever carries them. */
export function shop(send: Send): Shop {
  const charges = new Map<string, Order>()
  return {
    charges,
    async checkout(request) {
      const order = (await request.json()) as Order
      const reply = await send('http://payments/charges', { method: 'POST', body: JSON.stringify(order) })
      const charge = (await reply.json()) as { readonly id: string }
      return Response.json({ order: order.order, charge: charge.id }, { status: 201 })
    },
    async payments(request) {
      const order = (await request.json()) as Order
      if (!charges.has(order.order)) charges.set(order.order, order)
      return Response.json({ id: `ch_${order.order}`, amount: order.amount })
    },
    buy: (order) => send('http://checkout/orders', { method: 'POST', body: JSON.stringify(order) }),
  }
}

const orders: readonly Order[] = [
  { order: '7c9e6679-7425-40de-944b-e07fc1f90ae7', amount: 4_200 },
  { order: '550e8400-e29b-41d4-a716-446655440000', amount: 1 },
  { order: '6ba7b810-9dad-41d1-80b4-00c04fd430c8', amount: 99_999 },
]

export const scenario: Scenario = {
  workload: { invocations: orders.map((input, id) => ({ id, operation: 'buy', client: id % 2, afterMs: 0, input })) },
  plan: noFaults,
  seed: 1,
}

/** The shop as a system under test. Its three checkers read every history. */
export function shopSystem({ charges, checkout, payments, buy }: Shop): System {
  const buying = op('buy', fc.record({ order: fc.uuid(), amount: fc.integer({ min: 1 }) }), (order) => buy(order))
  const charge = rows('charge', () => [...charges.values()])
  const byOrder = [buying.by((o) => o.order), charge.by((c) => c.order)] as const
  return {
    nodes: { checkout: serve(() => checkout), payments: serve(() => payments) },
    stores: [map(charges, { name: 'charges' })],
    operations: [buying],
    invariants: [exactlyOnce(...byOrder), noPhantom(...byOrder), noHang()],
  }
}

/** The same handlers, called directly: a native Request a trip, the handler's own Response, a Map; no history. */
export function direct(): () => Promise<void> {
  const handlers: Readonly<Record<'checkout' | 'payments', Handler>> = {
    checkout: (request) => own.checkout(request),
    payments: (request) => own.payments(request),
  }
  const own = shop((url, init) =>
    handlers[url.startsWith('http://payments/') ? 'payments' : 'checkout'](new Request(url, init)),
  )
  const client = async (ofClient: readonly Order[]): Promise<void> => {
    for (const order of ofClient) {
      const response = await own.buy(order)
      if (!response.ok || (await response.text()) === '') throw new Error('Bug: the baseline does not work')
    }
  }
  const byClient = [0, 1].map((client) => orders.filter((_, id) => id % 2 === client))
  return async () => {
    own.charges.clear()
    await Promise.all(byClient.map(client))
    if (own.charges.size !== orders.length) throw new Error('Bug: the baseline does not work')
  }
}

const pairs = { quick: 25, full: 100 }

/** What is measured: three simulated orders a call, judged by three checkers. */
export async function simulatedOrders(): Promise<Measured> {
  const system = shopSystem(shop((url, init) => fetch(url, init)))
  const simulation = await open(system)
  return {
    work: async () => {
      const { history } = await simulation.run(scenario)
      const failed = check(history, system.invariants).find(({ kind }) => kind !== 'holds')
      if (failed !== undefined) throw new Error(`Bug: ${failed.reasons[0]?.text ?? failed.kind}`)
    },
    close: () => simulation.close(),
  }
}

export async function* throughputDirect({ quick }: Effort): AsyncGenerator<Result, void> {
  const { work, close } = await simulatedOrders()
  try {
    const { ours: value, ...rest } = await alternate(work, direct(), quick ? pairs.quick : pairs.full)
    yield { name: 'throughput-direct', value, unit: 'histories/s', ...rest }
  } finally {
    await close()
  }
}
