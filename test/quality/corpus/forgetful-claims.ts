// Claims that live in memory (PHENOMENA 14): the shop claims an order before it charges, so a retry is harmless. If the
// reply is lost, and the claims forget in a restart before the retry, the customer pays twice.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const kept = new Set<string>()
  const charge = journal<string>('charge')
  const bootClaims = () => {
    const claimed = sound ? kept : new Set<string>()
    return async (request: Request): Promise<Response> => {
      const order = (await request.json()) as string
      if (claimed.has(order)) return answer(409)
      claimed.add(order)
      return answer(201)
    }
  }
  const shop = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    const claim = await post('http://claims/', order, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    if (claim?.status === 409) return answer(200) // charged before, or just now by another attempt
    if (claim?.status !== 201) return answer(503)
    const paid = await post('http://bank/charges', order)
    return answer(paid.ok ? 201 : 502)
  }
  const bank = async (request: Request): Promise<Response> => {
    charge.add((await request.json()) as string)
    return answer(201)
  }
  const pay = op('pay', fc.uuid(), (order) => post('http://shop/orders', order), { retries: 2, timeout: 5_000 })
  return {
    nodes: { shop: serve(() => shop), claims: serve(bootClaims), bank: serve(() => bank) },
    stores: [map(kept, { name: 'kept' })],
    operations: [pay],
    invariants: [atMostOnce(charge.by((order) => order))],
  }
}

const first = 'pay#0 | client -> shop POST /orders pay#0 1'

export const forgetfulClaims: Planted = {
  name: 'a lost reply, and the claims restart before the retry',
  depth: 2,
  phenomena: [2, 14],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: '00000000-0000-1000-8000-000000000000' }],
    [
      { kind: 'lose', at: `${first} reply` },
      {
        kind: 'crash',
        at: `${first} | shop -> claims POST / pay#0 1 reply`,
        node: 'claims',
        restartAfterMs: 1_000,
        moment: 'after',
      },
    ],
  ),
}
