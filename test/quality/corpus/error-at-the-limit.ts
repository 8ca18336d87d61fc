// A promise to answer within 5 s (PHENOMENA 8, 9): each of two attempts has 3 s, and only an error is tried again, at
// once. A timeout alone keeps the promise, and so does an error; an error just before its limit and a slow retry do
// not.
import * as fc from 'fast-check'
import { boundedCall, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const attemptMs = 3_000
const promisedMs = 5_000

function system(sound: boolean): System {
  const shop = async (): Promise<Response> => {
    const sinceMs = performance.now()
    for (let attempt = 1; attempt <= 2; attempt++) {
      const leftMs = sound ? Math.min(attemptMs, 4_000 - (performance.now() - sinceMs)) : attemptMs
      if (leftMs <= 0) return answer(504)
      const signal = AbortSignal.timeout(leftMs)
      const paid = await post('http://bank/', null, { signal }).catch(() => undefined)
      if (paid === undefined) return answer(504)
      if (paid.status < 500) return answer(201)
    }
    return answer(502)
  }
  const pay = op('pay', fc.constant(null), () => post('http://shop/', null))
  return {
    nodes: { shop: serve(() => shop), bank: serve(() => () => answer(201)) },
    operations: [pay],
    invariants: [boundedCall(promisedMs)],
    tolerates: { 'shop -> bank': ['lose', 'delay', 'error', 'refuse', 'hang', 'slow', 'partition', 'reset'] },
  }
}

const call = 'pay#0 | client -> shop POST / 1 | shop -> bank POST / 1'

export const errorAtTheLimit: Planted = {
  name: 'an error just before its limit, and a slow retry',
  depth: 2,
  phenomena: [8, 9],
  system,
  smallest: scenarioOf(
    [{ operation: 'pay', input: null }],
    [
      { kind: 'slow', at: `${call} request`, byMs: 2_900 },
      { kind: 'error', at: `${call} reply`, status: 503 },
    ],
  ),
}
