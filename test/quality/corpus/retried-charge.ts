// A charge without a key (PHENOMENA 2): its reply is lost, the client tries again, and the customer pays twice.
import * as fc from 'fast-check'
import { http, HttpResponse } from 'msw'
import { exactlyOnce, op, requests, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

interface Order {
  readonly order: string
  readonly cents: number
}

const gateway = 'https://api.pay.example/v1/charges'

function system(sound: boolean): System {
  const shop = async (request: Request): Promise<Response> => {
    const { order, cents } = (await request.json()) as Order
    const headers: HeadersInit = sound ? { 'idempotency-key': order } : {}
    const charged = await post(gateway, { order, cents }, { headers })
    return answer(charged.ok ? 201 : 502)
  }
  const pay = op(
    'pay',
    fc.record({ order: fc.uuid(), cents: fc.integer({ min: 1, max: 100_000 }) }),
    (order) => post('http://shop/orders', order),
    { retries: 2, timeout: 5_000 },
  )
  const charge = requests('charge', `POST ${gateway}`, (request) => request.json() as Promise<Order>, {
    replays: 'idempotency-key',
  })
  return {
    nodes: { shop: serve(() => shop) },
    outside: [http.post(gateway, () => HttpResponse.json({ id: 'ch_1' }))],
    operations: [pay],
    invariants: [
      exactlyOnce(
        pay.by(({ order }) => order),
        charge.by(({ order }) => order),
      ),
    ],
  }
}

export const retriedCharge: Planted = {
  name: 'lost reply, retried charge',
  depth: 1,
  phenomena: [2, 21],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: { order: '00000000-0000-1000-8000-000000000000', cents: 1 } }],
    [{ kind: 'lose', at: 'pay#0 | client -> shop POST /orders order#0 1 reply' }],
  ),
}
