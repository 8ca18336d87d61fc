// Claims that are kept for ten minutes by the wall clock (PHENOMENA 17): a retry comes within seconds, so that is long.
// If the reply is lost and the clock jumps before the retry, the order is charged again.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const keptMs = 600_000
const maxAgeMs = 60_000

function system(sound: boolean): System {
  const charge = journal<string>('charge')
  const claimed = new Map<string, number>()
  const claims = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    const at = claimed.get(order)
    if (at !== undefined && (sound || Date.now() - at < keptMs)) return answer(409)
    claimed.set(order, Date.now())
    return answer(201)
  }
  const shop = async (request: Request): Promise<Response> => {
    const { order, sentMs } = (await request.json()) as { readonly order: string; readonly sentMs: number }
    if (Date.now() - sentMs > maxAgeMs) return answer(408)
    const claim = await post('http://claims/', order, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    if (claim?.status === 409) return answer(200)
    if (claim?.status !== 201) return answer(503)
    charge.add(order)
    return answer(201)
  }
  const pay = op('pay', fc.uuid(), (order) => post('http://shop/orders', { order, sentMs: Date.now() }), {
    retries: 2,
    timeout: 5_000,
  })
  return {
    nodes: { shop: serve(() => shop), claims: serve(() => claims) },
    stores: [map(claimed, { name: 'claimed' })],
    operations: [pay],
    invariants: [atMostOnce(charge.by((order) => order))],
  }
}

export const expiredClaim: Planted = {
  name: 'a lost reply, and a jump of the clock that expires the claim',
  depth: 2,
  phenomena: [2, 17],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: '00000000-0000-1000-8000-000000000000' }],
    [
      { kind: 'lose', at: 'pay#0 | client -> shop POST /orders pay#0 1 reply' },
      {
        kind: 'jump',
        at: 'pay#0 | client -> shop POST /orders pay#0 2 | shop -> claims POST / pay#0 1 request',
        node: 'claims',
        byMs: 3_600_000,
      },
    ],
  ),
}
