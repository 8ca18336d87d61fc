// A rate that is asked for before each order (PHENOMENA 9): without a limit of its own, a call that is accepted and
// never answered holds the order until the platform gives up, minutes later.
import * as fc from 'fast-check'
import { boundedCall, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const shop = async (): Promise<Response> => {
    const init = sound ? { signal: AbortSignal.timeout(2_000) } : {}
    const rate = await fetch('http://rates/eur', init).catch(() => undefined)
    return answer(rate?.ok === true ? 201 : 503)
  }
  const order = op('order', fc.constant(null), () => post('http://shop/', null))
  return {
    nodes: { shop: serve(() => shop), rates: serve(() => () => Response.json(1)) },
    operations: [order],
    invariants: [boundedCall(5_000)],
    tolerates: {
      'shop -> rates': ['lose', 'delay', 'error', 'refuse', 'reset', 'hang', 'slow', 'partition', 'garble'],
    },
  }
}

export const unlimitedCall: Planted = {
  name: 'a call without a limit is never answered',
  depth: 1,
  phenomena: [9, 25],
  system,
  smallest: scenarioOf(
    [{ operation: 'order', input: null }],
    [{ kind: 'hang', at: 'order#0 | client -> shop POST / 1 | shop -> rates GET /eur 1 request' }],
  ),
}
