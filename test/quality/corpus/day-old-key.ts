// Events that are known for a day (PHENOMENA 5, 31): the provider sends one again after 25 hours, as it says it may,
// and it counts again.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const dayMs = 24 * 60 * 60 * 1_000

function system(sound: boolean): System {
  const seen = new Map<string, number>()
  const credit = journal<string>('credit')
  const wallet = async (request: Request): Promise<Response> => {
    const id = (await request.json()) as string
    const at = seen.get(id)
    if (at !== undefined && (sound || Date.now() - at < dayMs)) return answer(200)
    seen.set(id, Date.now())
    credit.add(id)
    return answer(201)
  }
  const deliver = op('deliver', fc.constantFrom('event-1', 'event-2'), (id) => post('http://wallet/', id), {
    retries: 2,
    timeout: 10_000,
  })
  return {
    nodes: { wallet: serve(() => wallet) },
    stores: [map(seen, { name: 'seen' })],
    operations: [deliver],
    invariants: [atMostOnce(credit.by((id) => id))],
  }
}

export const dayOldKey: Planted = {
  name: 'an event comes again after 25 hours',
  depth: 0,
  phenomena: [5, 31],
  system,
  smallest: scenarioOf([
    { operation: 'deliver', input: 'event-1' },
    { operation: 'deliver', input: 'event-1', afterMs: 90_000_000 },
  ]),
}
