// A catalogue that is copied from a supplier (PHENOMENA 30, 35): an item that is missing three times in a row is
// deleted. An empty body counts as an empty list, so three empty bodies in a row delete what the supplier still has.
import * as fc from 'fast-check'
import { eventually, map, op, rows, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const patience = 3

function system(sound: boolean): System {
  const items = new Map([['tea', 0]])
  const supplier = (): Response => Response.json(['tea'])
  const sync = async (): Promise<Response> => {
    const response = await fetch('http://supplier/items', { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (response?.ok !== true) return answer(503)
    const list = parsed(await response.text().catch(() => '<'), sound)
    if (list === undefined) return answer(503)
    for (const [item, missed] of items) {
      if (list.includes(item)) items.set(item, 0)
      else if (missed + 1 < patience) items.set(item, missed + 1)
      else items.delete(item)
    }
    return answer(204)
  }
  const run = op('sync', fc.constant(null), () => post('http://catalogue/sync', null), { timeout: 5_000 })
  return {
    nodes: { catalogue: serve(() => sync), supplier: serve(() => supplier) },
    stores: [map(items, { name: 'items' })],
    operations: [run],
    invariants: [
      eventually(
        'what the supplier has is in the catalogue',
        rows('item', () => [...items.keys()]),
        (all) => all.includes('tea'),
      ),
    ],
  }
}

/** Undefined where it is no list. */
function parsed(text: string, strict: boolean): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text === '' && !strict ? '[]' : text)
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}

const sync = (n: number): string =>
  `sync#${n} | client -> catalogue POST /sync 1 | catalogue -> supplier GET /items 1 reply`

export const emptyThreeTimes: Planted = {
  name: 'three empty bodies delete what the supplier has',
  depth: 3,
  phenomena: [30, 35],
  system,
  smallest: scenarioOf(
    [
      { operation: 'sync', input: null },
      { operation: 'sync', input: null },
      { operation: 'sync', input: null },
    ],
    [
      { kind: 'garble', at: sync(0), body: 'empty' },
      { kind: 'garble', at: sync(1), body: 'empty' },
      { kind: 'garble', at: sync(2), body: 'empty' },
    ],
  ),
}
