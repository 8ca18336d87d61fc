// A price that is shown from a cache while its source is away (PHENOMENA 40): an answer that may be old has to say
// so, and how old it is, is asked of the wall clock. If that was set back, an old price looks fresh.
import * as fc from 'fast-check'
import { always, journal, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const freshMs = 20_000

function system(sound: boolean): System {
  const shown = journal<{ readonly ageMs: number; readonly stale: boolean }>('shown')
  const now = (): number => (sound ? performance.now() : Date.now())
  const boot = () => {
    let kept: { readonly atMs: number; readonly timerMs: number } | undefined
    return async (): Promise<Response> => {
      const asked = { atMs: now(), timerMs: performance.now() }
      const source = await fetch('http://source/', { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
      if (source?.ok === true) kept = asked
      if (kept === undefined) return answer(503)
      const stale = now() - kept.atMs > freshMs
      shown.add({ ageMs: performance.now() - kept.timerMs, stale })
      return Response.json({ stale })
    }
  }
  const show = op('show', fc.constant(null), () => post('http://shop/', null), { timeout: 5_000 })
  return {
    nodes: { shop: serve(boot), source: serve(() => () => answer(200)) },
    operations: [show],
    invariants: [
      always('what is older than half a minute is marked', shown, (all) =>
        all.every(({ ageMs, stale }) => stale || ageMs <= 30_000),
      ),
    ],
  }
}

export const unmarkedStale: Planted = {
  name: 'an old answer without a mark, since the clock was set back',
  depth: 2,
  phenomena: [17, 40],
  system,
  smallest: scenarioOf(
    [
      { operation: 'show', input: null },
      { operation: 'show', input: null, afterMs: 35_000 },
    ],
    [
      { kind: 'jump', at: 'show#1 | client -> shop POST / 1 request', node: 'shop', byMs: -20_000 },
      { kind: 'error', at: 'show#1 | client -> shop POST / 1 | shop -> source GET / 1 request', status: 503 },
    ],
  ),
}
