// A charge without an answer is looked up before it is tried again (PHENOMENA 2, 3): an answer to that question that
// cannot be read counts as "there is none", so that one lost and one broken reply charge twice.
import * as fc from 'fast-check'
import { atMostOnce, journal, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const charge = journal<string>('charge')
  const bootBank = () => {
    const charged = new Set<string>()
    return async (request: Request): Promise<Response> => {
      if (request.method === 'GET') return Response.json([...charged])
      const order = (await request.json()) as string
      charged.add(order)
      charge.add(order)
      return answer(201)
    }
  }
  const find = async (order: string): Promise<boolean | undefined> => {
    const response = await fetch('http://bank/charges', { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
    if (response?.ok !== true) return undefined
    const list = (await response.json().catch(() => (sound ? undefined : []))) as readonly string[] | undefined
    return list?.includes(order)
  }
  const shop = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    for (let attempt = 1; attempt <= 2; attempt++) {
      const found = attempt === 1 ? false : await find(order)
      if (found !== false) return answer(found === true ? 201 : 503)
      const paid = await post('http://bank/charges', order, { signal: AbortSignal.timeout(3_000) }).catch(
        () => undefined,
      )
      if (paid !== undefined) return answer(paid.status === 201 ? 201 : 503)
    }
    return answer(503)
  }
  const pay = op('pay', fc.uuid(), (order) => post('http://shop/orders', order), { timeout: 15_000 })
  return {
    nodes: { shop: serve(() => shop), bank: serve(bootBank) },
    operations: [pay],
    invariants: [atMostOnce(charge.by((order) => order))],
    tolerates: { 'shop -> bank': ['lose', 'error', 'refuse', 'garble', 'reset', 'hang', 'throttle'] },
  }
}

const toBank = 'pay#0 | client -> shop POST /orders pay#0 1 | shop -> bank'

export const unreadableLookup: Planted = {
  name: 'a lost reply, and a lookup that cannot be read',
  depth: 2,
  phenomena: [2, 3],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: '00000000-0000-1000-8000-000000000000' }],
    [
      { kind: 'lose', at: `${toBank} POST /charges pay#0 1 reply` },
      { kind: 'garble', at: `${toBank} GET /charges 1 reply`, body: 'truncated' },
    ],
  ),
}
