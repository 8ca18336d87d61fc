// A charge that is tried three times (PHENOMENA 2, 3): whatever was answered with 5xx three times is taken for
// declined, though a 5xx may come after the work. The customer is told "declined", and has paid.
import * as fc from 'fast-check'
import { journal, map, noPhantom, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const charged = new Set<string>()
  const charge = journal<string>('charge')
  const bank = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    if (!charged.has(order)) charge.add(order)
    charged.add(order)
    return answer(201)
  }
  const shop = async (request: Request): Promise<Response> => {
    const order = (await request.json()) as string
    for (let attempt = 1; attempt <= 3; attempt++) {
      const paid = await post('http://bank/', order, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
      if (paid?.status === 201) return answer(201)
      if (paid === undefined || paid.status < 500) return answer(504) // nobody knows
    }
    return answer(sound ? 504 : 422)
  }
  const pay = op('pay', fc.uuid(), (order) => post('http://shop/', order), { timeout: 10_000 })
  return {
    nodes: { shop: serve(() => shop), bank: serve(() => bank) },
    stores: [map(charged, { name: 'charged' })],
    operations: [pay],
    invariants: [
      noPhantom(
        pay.by((order) => order),
        charge.by((order) => order),
      ),
    ],
  }
}

const attempt = (n: number): string => `pay#0 | client -> shop POST / pay#0 1 | shop -> bank POST / pay#0 ${n} reply`

export const declinedByErrors: Planted = {
  name: 'three 5xx after the work count as declined',
  depth: 3,
  phenomena: [2, 3],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: '00000000-0000-1000-8000-000000000000' }],
    [
      { kind: 'error', at: attempt(1), status: 503 },
      { kind: 'error', at: attempt(2), status: 503 },
      { kind: 'error', at: attempt(3), status: 503 },
    ],
  ),
}
