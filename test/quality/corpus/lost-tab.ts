// A session that is loaded when a request begins and saved when it ends (PHENOMENA 19, 24): two tabs put something into
// the cart at once, and the later save has only what it loaded itself.
import * as fc from 'fast-check'
import { ackDurable, map, op, rows, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const sessions = new Map<string, readonly string[]>()
  const shop = async (request: Request): Promise<Response> => {
    const item = (await request.json()) as string
    const loaded = sessions.get('ada') ?? []
    const priced = await post('http://prices/', item, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (priced?.ok !== true) return answer(503)
    sessions.set('ada', [...(sound ? (sessions.get('ada') ?? []) : loaded), item])
    return answer(201)
  }
  const add = op('add', fc.uuid(), (item) => post('http://shop/', item), { timeout: 5_000 })
  return {
    nodes: { shop: serve(() => shop), prices: serve(() => () => answer(200)) },
    stores: [map(sessions, { name: 'sessions' })],
    operations: [add],
    invariants: [
      ackDurable(
        add.by((item) => item),
        rows('item', () => [...sessions.values()].flat()).by((item) => item),
      ),
    ],
  }
}

export const lostTab: Planted = {
  name: 'two tabs save one session',
  depth: 0,
  phenomena: [19, 24],
  system,
  smallest: scenarioOf([
    { operation: 'add', input: '00000000-0000-1000-8000-000000000000' },
    { operation: 'add', input: '00000000-0000-1000-8000-000000000001', client: 1 },
  ]),
}
