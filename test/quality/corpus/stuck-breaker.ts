// A circuit breaker that opens after three failures in a row (PHENOMENA 26): after 10 s one call may probe. If the
// probe itself fails, nobody notes that it has ended, and no other call may probe ever again.
import * as fc from 'fast-check'
import { contained, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const boot = () => {
    let failures = 0
    let openedMs = 0
    let isProbing = false
    return async (): Promise<Response> => {
      if (failures >= 3) {
        if (isProbing || performance.now() - openedMs < 10_000) return answer(503)
        isProbing = true
      }
      const paid = await post('http://bank/', null, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
      if (sound) isProbing = false
      if (paid?.ok === true) {
        failures = 0
        isProbing = false
        return answer(201)
      }
      failures += 1
      openedMs = performance.now()
      return answer(502)
    }
  }
  const pay = op('pay', fc.constant(null), () => post('http://shop/', null), { timeout: 3_000 })
  return {
    nodes: { shop: serve(boot), bank: serve(() => () => answer(201)) },
    operations: [pay],
    probe: [pay],
    invariants: [contained('bank', { recoveryMs: 60_000 })],
  }
}

export const stuckBreaker: Planted = {
  name: 'a breaker whose probe failed stays open',
  depth: 1,
  phenomena: [20, 26],
  system,
  smallest: scenarioOf(
    [
      { operation: 'pay', input: null },
      { operation: 'pay', input: null },
      { operation: 'pay', input: null },
      { operation: 'pay', input: null, afterMs: 12_000 },
    ],
    [
      {
        kind: 'partition',
        at: 'pay#0 | client -> shop POST / 1 | shop -> bank POST / 1 request',
        side: ['shop'],
        other: ['bank'],
        way: 'both',
      },
    ],
  ),
}
