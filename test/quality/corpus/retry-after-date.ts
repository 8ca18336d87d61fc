// A client library that honours Retry-After (PHENOMENA 27), if it is a number: a date becomes NaN, and a wait of NaN is
// none at all.
import * as fc from 'fast-check'
import { actor, retryBudget, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const patienceMs = 300_000

function waitMs(header: string | null, sound: boolean): number {
  const seconds = Number(header ?? 1)
  if (!sound || !Number.isNaN(seconds)) return seconds * 1_000
  return Math.max(0, Date.parse(header ?? '') - Date.now()) + 60_000 // clocks differ
}

function system(sound: boolean): System {
  const sdk = actor('sdk', () => ({ tries: 3 }))
  const send = sdk.op('send', fc.uuid(), async ({ tries }, id) => {
    for (let attempt = 1; ; attempt++) {
      const response = await post('http://api/', id, { signal: AbortSignal.timeout(5_000) })
      const isBusy = response.status === 429 || response.status === 503
      const forMs = waitMs(response.headers.get('retry-after'), sound)
      if (!isBusy || attempt === tries || forMs > patienceMs) return response
      await sleep(forMs)
    }
  })
  return {
    nodes: { api: serve(() => () => answer(202)) },
    operations: [send],
    invariants: [retryBudget({ attempts: 3, honourRetryAfter: true })],
    tolerates: { except: ['jump', 'drift'] }, // its waits are by its own clocks
  }
}

export const retryAfterDate: Planted = {
  name: 'a Retry-After that is a date is not waited for',
  depth: 1,
  phenomena: [27, 35],
  system,
  smallest: scenarioOf(
    [{ operation: 'send', input: '00000000-0000-1000-8000-000000000000' }],
    [{ kind: 'throttle', at: 'send#0 | client -> api POST / send#0 1 request', retryAfterMs: 120_000, form: 'date' }],
  ),
}
