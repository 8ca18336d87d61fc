// An order that is sent twice by an impatient click (PHENOMENA 5, 19): looked up, checked for fraud, and then inserted.
// The second click looks it up while the first is being checked.
import * as fc from 'fast-check'
import { journal, map, atMostOnce, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const orders = new Set<string>()
  const placed = journal<string>('order')
  const shop = async (request: Request): Promise<Response> => {
    const id = (await request.json()) as string
    if (orders.has(id)) return answer(200)
    const checked = await post('http://fraud/', id, { signal: AbortSignal.timeout(2_000) })
    if (!checked.ok) return answer(503)
    if (sound && orders.has(id)) return answer(200)
    orders.add(id)
    placed.add(id)
    return answer(201)
  }
  const place = op('place', fc.uuid(), (id) => post('http://shop/', id), { timeout: 5_000, doubleSubmit: true })
  return {
    nodes: { shop: serve(() => shop), fraud: serve(() => () => answer(200)) },
    stores: [map(orders, { name: 'orders' })],
    operations: [place],
    invariants: [atMostOnce(placed.by((id) => id))],
  }
}

export const doubleClick: Planted = {
  name: 'a double click places an order twice',
  depth: 0,
  phenomena: [5, 19],
  system,
  smallest: scenarioOf([
    { operation: 'place', input: '00000000-0000-1000-8000-000000000000' },
    { operation: 'place', input: '00000000-0000-1000-8000-000000000000', client: 1 },
  ]),
}
