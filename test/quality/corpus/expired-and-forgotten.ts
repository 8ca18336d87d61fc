// Two services that remember claims (PHENOMENA 14, 17): one in memory, the other for ten minutes by its wall clock.
// After a lost reply the order is charged again if the first restarts and the clock of the second jumps, both before
// the retry.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const keptMs = 600_000
const maxAgeMs = 60_000

function system(sound: boolean): System {
  const charge = journal<string>('charge')
  const [quick, kept] = [new Map<string, number>(), new Map<string, number>()]
  const claims =
    (claimed: Map<string, number>, forMs: number) =>
    async (request: Request): Promise<Response> => {
      const order = (await request.json()) as string
      const at = claimed.get(order)
      if (at !== undefined && Date.now() - at < forMs) return answer(409)
      claimed.set(order, Date.now())
      return answer(201)
    }
  const bootQuick = () => claims(sound ? quick : new Map<string, number>(), Infinity)
  const claim = (url: string, order: string): Promise<number> =>
    post(url, order, { signal: AbortSignal.timeout(1_000) }).then(
      ({ status }) => status,
      () => 0,
    )
  const shop = async (request: Request): Promise<Response> => {
    const { order, sentMs } = (await request.json()) as { readonly order: string; readonly sentMs: number }
    if (Date.now() - sentMs > maxAgeMs) return answer(408)
    const answers = await Promise.all([claim('http://quick/', order), claim('http://kept/', order)])
    if (answers.includes(409)) return answer(200)
    if (answers.some((status) => status !== 201)) return answer(503)
    charge.add(order)
    return answer(201)
  }
  const pay = op('pay', fc.uuid(), (order) => post('http://shop/orders', { order, sentMs: Date.now() }), {
    retries: 2,
    timeout: 5_000,
  })
  return {
    nodes: { shop: serve(() => shop), quick: serve(bootQuick), kept: serve(() => claims(kept, keptMs)) },
    stores: [map(quick, { name: 'quick-claims' }), map(kept, { name: 'kept-claims' })],
    operations: [pay],
    invariants: [atMostOnce(charge.by((order) => order))],
  }
}

const first = 'pay#0 | client -> shop POST /orders pay#0 1'

export const expiredAndForgotten: Planted = {
  name: 'a lost reply, one claim forgotten and the other one expired',
  depth: 3,
  phenomena: [2, 14, 17],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: '00000000-0000-1000-8000-000000000000' }],
    [
      { kind: 'lose', at: `${first} reply` },
      {
        kind: 'crash',
        at: `${first} | shop -> quick POST / pay#0 1 reply`,
        node: 'quick',
        restartAfterMs: 1_000,
        moment: 'after',
      },
      {
        kind: 'jump',
        at: 'pay#0 | client -> shop POST /orders pay#0 2 | shop -> kept POST / pay#0 1 request',
        node: 'kept',
        byMs: 3_600_000,
      },
    ],
  ),
}
