// Four ambiguous silences (PHENOMENA 3): a caller asks for an order to be saved and hears nothing. The request never
// arrived; or it was saved and the answer was lost; or it is merely slow; or the service died half-way. The caller
// cannot tell which. Code that takes silence for "not done" saves the order twice; code whose retry is safe in all four
// cases needs no answer to that question.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import {
  exactlyOnce,
  listed,
  op,
  rows,
  serve,
  sqlite,
  type Address,
  type Fault,
  type History,
  type Operation,
  type Scenario,
  type System,
} from 'two-generals'

interface Order {
  readonly order: string
  readonly article: string
}

const db = new DatabaseSync(':memory:')
db.exec(`
  create table orders (id integer primary key, reference text not null);
  create table lines (order_id integer not null, article text not null)
`)

const insertOrder = db.prepare('insert into orders (reference) values (?) returning id')
const insertLine = db.prepare('insert into lines (order_id, article) values (?, ?)')
const findOrder = db.prepare('select id from orders where reference = ?')

/**
 * POST saves a new order whenever it is asked to. PUT saves the order of that reference: all of it or nothing, and only
 * once.
 */
const app = new Hono()
  .post('/orders', async (c) => {
    const order = await c.req.json<Order>()
    save(order)
    return c.json({ saved: order.order }, 201)
  })
  .put('/orders/:reference', async (c) => {
    const { article } = await c.req.json<Pick<Order, 'article'>>()
    const order = c.req.param('reference')
    db.exec('begin immediate')
    try {
      if (findOrder.get(order) === undefined) save({ order, article })
      db.exec('commit')
    } catch (error) {
      db.exec('rollback')
      throw error
    }
    return c.json({ saved: order })
  })

function save({ order, article }: Order): void {
  const id = Number(insertOrder.get(order)?.['id'])
  insertLine.run(id, article)
}

const patienceMs = 5_000
const attempts = 5

/** Asks once. */
async function ask(order: Order): Promise<Response> {
  return fetch('http://orders/orders', {
    method: 'POST',
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(patienceMs),
  })
}

/** "No answer: it was not done. Then once more." */
async function guess(order: Order): Promise<Response> {
  return ask(order).catch(() => ask(order))
}

/** Asks for the same order again until it is answered: whichever silence it was, asking again does no harm. */
async function insist({ order, article }: Order): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`http://orders/orders/${order}`, {
      method: 'PUT',
      body: JSON.stringify({ article }),
      signal: AbortSignal.timeout(patienceMs),
    }).catch(() => undefined)
    if (answer?.ok === true) return answer
    if (attempt === attempts) throw new Error('nobody knows whether the order was saved')
    await new Promise((resolve) => setTimeout(resolve, attempt * 1_000))
  }
}

const order = fc.record({ order: fc.uuid(), article: fc.constantFrom('lamp', 'chair') })
const saved = rows(
  'order',
  () => db.prepare('select reference from orders').all() as unknown as readonly { readonly reference: string }[],
)
const line = rows(
  'order line',
  () =>
    db.prepare('select reference from lines join orders on orders.id = order_id').all() as unknown as readonly {
      readonly reference: string
    }[],
)

/** An order is saved once, with its line. */
function saving(save: Operation<Order>): System {
  return {
    nodes: { orders: serve(() => app) },
    stores: [sqlite(db, { name: 'db' })],
    operations: [save],
    invariants: [
      exactlyOnce(
        save.by((o) => o.order),
        saved.by((s) => s.reference),
      ),
      exactlyOnce(
        save.by((o) => o.order),
        line.by((l) => l.reference),
      ),
    ],
  }
}

export const asking: System = saving(op('save', order, ask))
export const guessing: System = saving(op('save', order, guess))
export const insisting: System = saving(op('save', order, insist))

const root = { kind: 'operation', operation: 'save', invocation: 0 } as const

const request: Address = {
  root,
  path: [],
  from: 'client',
  to: 'orders',
  operation: 'POST /orders',
  key: 'order#0',
  leg: 'request',
  nth: 1,
}
const firstInsert: Address = {
  root,
  path: [{ from: 'client', to: 'orders', operation: 'POST /orders', key: 'order#0', nth: 1 }],
  from: 'orders',
  to: 'db',
  operation: 'insert orders',
  key: 'order#0',
  leg: 'reply',
  nth: 1,
}

/** The four: one fault each. */
const faults: Readonly<Record<'never reached' | 'done, unanswered' | 'slow' | 'dead', Fault>> = {
  'never reached': { kind: 'lose', at: request },
  'done, unanswered': { kind: 'lose', at: { ...request, leg: 'reply' } },
  slow: { kind: 'delay', at: request, byMs: 6_000 },
  dead: { kind: 'crash', at: firstInsert, node: 'orders', restartAfterMs: 1_000 },
}

/** One order, and one silence, for {@link asking}: four scenarios to `simulate`. */
export const silences: readonly (readonly [name: string, scenario: Scenario])[] = Object.entries(faults).map(
  ([name, fault]) => [
    name,
    {
      workload: {
        invocations: [
          {
            id: 0,
            operation: 'save',
            client: 0,
            afterMs: 0,
            input: { order: '6e3d0ed2-6b1c-4a6f-9d3e-0d7f5c1e7a11', article: 'lamp' },
          },
        ],
      },
      plan: listed([fault]),
      seed: 1,
    },
  ],
)

/** All that the caller can know: what it did and what it was told. What arrives after it gave up, it never sees. */
export function callersView(history: History): readonly string[] {
  return history.events.flatMap((event) => {
    const sees =
      event.kind === 'arrive'
        ? !event.late
        : ['invoke', 'attempt', 'attempt-end', 'send', 'ok', 'fail', 'info'].includes(event.kind)
    return event.node === 'client#0' && sees
      ? [`${event.atMs} ms: ${event.kind}${'why' in event ? ` (${event.why})` : ''}`]
      : []
  })
}

/** What became true in the world, and when. */
export function worldsView({ readings }: History): readonly string[] {
  return readings.map(({ effect, atMs }) => `${atMs} ms: ${effect}`)
}
