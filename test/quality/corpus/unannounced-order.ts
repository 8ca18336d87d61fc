// An order that is written down and then announced (PHENOMENA 13): two writes to two places. Who restarts in between
// has an order that nobody was told of. The sound twin announces what is not yet known to be announced, at each
// start.
import * as fc from 'fast-check'
import { atLeastOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const orders = new Map<string, 'placed' | 'announced'>()
  const announced = journal<string>('announcement')
  const broker = async (request: Request): Promise<Response> => {
    announced.add((await request.json()) as string)
    return answer(202)
  }
  const boot = () => {
    const announce = async (order: string): Promise<void> => {
      for (;;) {
        const sent = await post('http://broker/', order, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
        if (sent?.status === 202) break
        await sleep(3_000)
      }
      orders.set(order, 'announced')
    }
    if (sound) for (const [order, state] of orders) if (state === 'placed') void announce(order)
    return async (request: Request): Promise<Response> => {
      const order = (await request.json()) as string
      if (!orders.has(order)) {
        orders.set(order, 'placed')
        void announce(order)
      }
      return answer(202)
    }
  }
  const place = op('place', fc.uuid(), (order) => post('http://shop/', order), { retries: 1, timeout: 5_000 })
  return {
    nodes: { shop: serve(boot), broker: serve(() => broker) },
    stores: [map(orders, { name: 'orders' })],
    operations: [place],
    invariants: [
      atLeastOnce(
        place.by((order) => order),
        announced.by((order) => order),
      ),
    ],
    tolerates: { except: ['pause'] }, // one process at a time: nobody sees what a replaced one accepts
  }
}

export const unannouncedOrder: Planted = {
  name: 'a crash between the order and its announcement',
  depth: 1,
  phenomena: [13, 20],
  system,
  smallest: scenarioOf(
    [{ operation: 'place', input: '00000000-0000-1000-8000-000000000000' }],
    [
      {
        kind: 'crash',
        at: 'place#0 | client -> shop POST / place#0 1 | shop -> orders set orders place#0 1 reply',
        node: 'shop',
        restartAfterMs: 1_000,
      },
    ],
  ),
}
