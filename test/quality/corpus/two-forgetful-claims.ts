// Two services that remember claims in memory (PHENOMENA 14): either of them is enough to stop a second charge. After a
// lost reply, the restart of one is harmless, and that of both is not.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const charge = journal<string>('charge')
  const bootClaims = (kept: Set<string>) => () => {
    const claimed = sound ? kept : new Set<string>()
    return async (request: Request): Promise<Response> => {
      const order = (await request.json()) as string
      if (claimed.has(order)) return answer(409)
      claimed.add(order)
      return answer(201)
    }
  }
  const claim = (url: string, order: string): Promise<number> =>
    post(url, order, { signal: AbortSignal.timeout(1_000) }).then(
      ({ status }) => status,
      () => 0,
    )
  const shop = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    const claims = await Promise.all([claim('http://north/', order), claim('http://south/', order)])
    if (claims.includes(409)) return answer(200)
    if (claims.some((status) => status !== 201)) return answer(503)
    charge.add(order)
    return answer(201)
  }
  const [north, south] = [new Set<string>(), new Set<string>()]
  const pay = op('pay', fc.uuid(), (order) => post('http://shop/orders', order), { retries: 2, timeout: 5_000 })
  return {
    nodes: { shop: serve(() => shop), north: serve(bootClaims(north)), south: serve(bootClaims(south)) },
    stores: [map(north, { name: 'kept-north' }), map(south, { name: 'kept-south' })],
    operations: [pay],
    invariants: [atMostOnce(charge.by((order) => order))],
  }
}

const first = 'pay#0 | client -> shop POST /orders pay#0 1'

export const twoForgetfulClaims: Planted = {
  name: 'a lost reply, and both services that remember claims restart',
  depth: 3,
  phenomena: [2, 14],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: '00000000-0000-1000-8000-000000000000' }],
    [
      { kind: 'lose', at: `${first} reply` },
      {
        kind: 'crash',
        at: `${first} | shop -> north POST / pay#0 1 reply`,
        node: 'north',
        restartAfterMs: 1_000,
        moment: 'after',
      },
      {
        kind: 'crash',
        at: `${first} | shop -> south POST / pay#0 1 reply`,
        node: 'south',
        restartAfterMs: 1_000,
        moment: 'after',
      },
    ],
  ),
}
