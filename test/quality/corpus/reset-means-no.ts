// A warehouse whose connection breaks (PHENOMENA 3, 11): every error counts as "it did not happen", and the customer is
// told that the order was declined. A connection that was reset after the work says nothing of the kind.
import * as fc from 'fast-check'
import { journal, map, noPhantom, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const shipped = new Set<string>()
  const shipment = journal<string>('shipment')
  const warehouse = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    if (!shipped.has(order)) shipment.add(order)
    shipped.add(order)
    return answer(201)
  }
  const shop = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    try {
      const { status } = await post('http://warehouse/', order, { signal: AbortSignal.timeout(3_000) })
      return answer(status === 201 ? 201 : 503)
    } catch (error) {
      const timedOut = error instanceof DOMException
      return answer(sound || timedOut ? 503 : 422) // "could not be reached"
    }
  }
  const order = op('order', fc.uuid(), (id) => post('http://shop/', id), { timeout: 10_000 })
  return {
    nodes: { shop: serve(() => shop), warehouse: serve(() => warehouse) },
    stores: [map(shipped, { name: 'shipped' })],
    operations: [order],
    invariants: [
      noPhantom(
        order.by((id) => id),
        shipment.by((id) => id),
      ),
    ],
  }
}

export const resetMeansNo: Planted = {
  name: 'a connection that was reset after the work counts as declined',
  depth: 1,
  phenomena: [3, 28],
  system,
  smallest: scenarioOf(
    [{ operation: 'order', input: '00000000-0000-1000-8000-000000000000' }],
    [{ kind: 'reset', at: 'order#0 | client -> shop POST / order#0 1 | shop -> warehouse POST / order#0 1 reply' }],
  ),
}
