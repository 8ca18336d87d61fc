// A payment that is remembered when it is made (PHENOMENA 13): "seen this? Answer. Pay. Remember." Between the last two
// there is a gap, and whoever restarts in it pays again.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const seen = new Set<string>()
  const paid = journal<string>('payment')
  const bootBank =
    () =>
    async (request: Request): Promise<Response> => {
      paid.add((await request.json()) as string)
      return answer(201)
    }
  const shop = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    if (seen.has(order)) return answer(200)
    if (sound) seen.add(order)
    const { ok } = await post('http://bank/', order)
    seen.add(order)
    return answer(ok ? 201 : 502)
  }
  const pay = op('pay', fc.uuid(), (order) => post('http://shop/', order), { retries: 2, timeout: 10_000 })
  return {
    nodes: { shop: serve(() => shop), bank: serve(bootBank) },
    stores: [map(seen, { name: 'seen' })],
    operations: [pay],
    invariants: [atMostOnce(paid.by((order) => order))],
  }
}

export const paidNotRemembered: Planted = {
  name: 'a crash between the payment and its record',
  depth: 1,
  phenomena: [13],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: '00000000-0000-1000-8000-000000000000' }],
    [
      {
        kind: 'crash',
        at: 'pay#0 | client -> shop POST / pay#0 1 | shop -> bank POST / pay#0 1 reply',
        node: 'shop',
        restartAfterMs: 1_000,
      },
    ],
  ),
}
