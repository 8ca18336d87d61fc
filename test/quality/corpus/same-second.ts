// Ids of the second and a number within it (PHENOMENA 17): each new second begins at number 0. A clock that is set back
// lives through a second twice, and gives the same ids again.
import * as fc from 'fast-check'
import { map, op, serve, uniqueIds, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const last = new Map<string, { readonly second: number; readonly number: number }>()
  const ids = (): Response => {
    const before = last.get('last') ?? { second: 0, number: 0 }
    const now = Math.floor(Date.now() / 1_000)
    const second = sound ? Math.max(now, before.second) : now
    const number = second === before.second ? before.number + 1 : 0
    last.set('last', { second, number })
    return Response.json(`${second}-${number}`)
  }
  const next = op('next', fc.constant(null), () => post('http://ids/', null), { timeout: 2_000 })
  return {
    nodes: { ids: serve(() => ids) },
    stores: [map(last, { name: 'last' })],
    operations: [next],
    invariants: [uniqueIds(next.as((_, given) => given?.body))],
  }
}

export const sameSecond: Planted = {
  name: 'ids are given again after the clock was set back',
  depth: 1,
  phenomena: [17],
  system,
  smallest: scenarioOf(
    [
      { operation: 'next', input: null },
      { operation: 'next', input: null, afterMs: 10_000 },
      { operation: 'next', input: null },
    ],
    [{ kind: 'jump', at: 'next#2 | client -> ids POST / 1 request', node: 'ids', byMs: -10_000 }],
  ),
}
