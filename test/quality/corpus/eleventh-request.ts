// Ten requests a minute (PHENOMENA 19, 27): the count is compared before it is raised, and "more than ten" lets an
// eleventh through.
import * as fc from 'fast-check'
import { always, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const allowed = 10
const windowMs = 60_000

function system(sound: boolean): System {
  const counts = new Map<number, number>()
  const passed = journal<{ readonly window: number }>('passed')
  const api = (): Response => {
    const window = Math.floor(Date.now() / windowMs)
    const count = counts.get(window) ?? 0
    if (sound ? count >= allowed : count > allowed) return answer(429)
    counts.set(window, count + 1)
    passed.add({ window })
    return answer(200)
  }
  const call = op('call', fc.constant(null), () => post('http://api/', null), { timeout: 2_000 })
  return {
    nodes: { api: serve(() => api) },
    stores: [map(counts, { name: 'counts' })],
    operations: [call],
    invariants: [
      always('at most ten in a window', passed, (all) =>
        [...Map.groupBy(all, ({ window }) => window).values()].every((group) => group.length <= allowed),
      ),
    ],
  }
}

export const eleventhRequest: Planted = {
  name: 'the eleventh request in a minute passes',
  depth: 0,
  phenomena: [19, 27],
  system,
  smallest: scenarioOf(Array.from({ length: 11 }, () => ({ operation: 'call', input: null }))),
}
