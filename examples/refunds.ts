// Recovery by hand (PHENOMENA 20): the shop dies between the charge and its record, and the order stays "charging" for
// ever. What brings it back to a known-good state is a procedure in the runbook: an operator refunds what is open, and
// cancels it. It is run in a hurry, dies in the middle, and is run again by whoever comes next. Three twins: one
// refunds twice when it is run again from the middle; one refunds twice whenever it is run twice; one does neither.
import * as fc from 'fast-check'
import { http, HttpResponse } from 'msw'
import { atMostOnce, eventually, map, op, requests, rows, serve, type System } from 'two-generals'

interface Order {
  readonly id: string
  readonly state: 'charging' | 'placed' | 'cancelled'
}

const orders = new Map<string, Order>()
const payments = 'https://api.payments.example/v1'

/** The gateway: an ordinary msw stub. */
const gateway = [
  http.post(`${payments}/charges`, () => HttpResponse.json({ status: 'succeeded' })),
  http.post(`${payments}/refunds`, () => HttpResponse.json({ status: 'succeeded' })),
]

/** Says what it is about to do, does it, and says that it is done. It may die in between. */
async function shop(request: Request): Promise<Response> {
  const { id } = (await request.json()) as Order
  orders.set(id, { id, state: 'charging' })
  const charged = await ask('charges', id, true).catch(() => false)
  if (!charged) return new Response('nobody knows', { status: 502 })
  orders.set(id, { id, state: 'placed' })
  return new Response('placed', { status: 201 })
}

/** @param isKeyed the gateway does for one order what it is asked twice only once */
async function ask(what: 'charges' | 'refunds', id: string, isKeyed: boolean): Promise<boolean> {
  const { ok } = await fetch(`${payments}/${what}`, {
    method: 'POST',
    headers: isKeyed ? { 'idempotency-key': `${what} ${id}` } : {},
    body: JSON.stringify({ id }),
    signal: AbortSignal.timeout(10_000),
  })
  return ok
}

function cancel(id: string): void {
  orders.set(id, { id, state: 'cancelled' })
}

const inState = (...states: readonly Order['state'][]): readonly Order[] =>
  [...orders.values()].filter(({ state }) => states.includes(state))

/** Refunds, and then cancels: who dies in between refunds again. */
export async function hasty(): Promise<void> {
  for (const { id } of inState('charging')) {
    await ask('refunds', id, false)
    cancel(id)
  }
}

/** Cancels first, and refunds whatever is cancelled: also what the last run has refunded. */
export async function forgetful(): Promise<void> {
  for (const { id } of inState('charging')) cancel(id)
  for (const { id } of inState('cancelled')) await ask('refunds', id, false)
}

/** The gateway knows the refund of an order when it sees it again. */
export async function sound(): Promise<void> {
  for (const { id } of inState('charging')) {
    await ask('refunds', id, true)
    cancel(id)
  }
}

const place = op('place', fc.record({ id: fc.uuid() }), (order) =>
  fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(order) }),
)
const refund = requests('refund', `POST ${payments}/refunds`, async (request) => (await request.json()) as Order, {
  replays: 'idempotency-key',
})
const order = rows('order', () => [...orders.values()])

/** A shop with a procedure, whichever twin that is; without one, nobody helps. */
export function recovering(recover?: () => Promise<void>): System {
  return {
    nodes: { shop: serve(() => shop) },
    outside: gateway,
    stores: [map(orders, { name: 'orders' })],
    operations: [place],
    ...(recover === undefined ? {} : { recover }),
    invariants: [
      atMostOnce(refund.by(({ id }) => id)),
      eventually('no order stays open', order, (all) => all.every(({ state }) => state !== 'charging')),
    ],
  }
}
