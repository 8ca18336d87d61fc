// A cart in the memory of one service, with a copy in each of two others (PHENOMENA 14, 24): an item is acknowledged
// though neither copy has it. A restart then forgets the item.
import * as fc from 'fast-check'
import { always, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

type Seen =
  | { readonly kind: 'acked'; readonly item: string }
  | { readonly kind: 'asked'; readonly by: string }
  | { readonly kind: 'listed'; readonly by: string; readonly items: readonly string[] }

function system(sound: boolean): System {
  const copies = { north: new Set<string>(), south: new Set<string>() }
  const seen = journal<Seen>('seen')
  const copy =
    (items: Set<string>) =>
    async (request: Request): Promise<Response> => {
      if (request.method === 'GET') return Response.json([...items])
      items.add((await request.json()) as string)
      return answer(204)
    }
  const ask = (name: string, init: RequestInit = {}): Promise<Response | undefined> =>
    fetch(`http://${name}/`, { ...init, signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
  const bootCart = () => {
    const items = new Set<string>()
    return async (request: Request): Promise<Response> => {
      if (request.method === 'GET') {
        const answers = await Promise.all(Object.keys(copies).map((name) => ask(name)))
        const lists = await Promise.all(
          answers.map(async (one): Promise<unknown> => (one?.ok ? one.json() : undefined)),
        )
        const known = lists.filter(Array.isArray)
        return known.length === 0 ? answer(503) : Response.json([...new Set([...items, ...known.flat()])])
      }
      const item = (await request.json()) as string
      items.add(item)
      const init = { method: 'POST', body: JSON.stringify(item) }
      const kept = await Promise.all(Object.keys(copies).map((name) => ask(name, init)))
      return answer(sound && kept.some((one) => one?.status !== 204) ? 503 : 201)
    }
  }
  const add = op('add', fc.uuid(), async (item) => {
    const response = await post('http://cart/', item, { signal: AbortSignal.timeout(5_000) })
    if (response.status === 201) seen.add({ kind: 'acked', item })
    return response
  })
  const list = op('list', fc.uuid(), async (by) => {
    seen.add({ kind: 'asked', by })
    const response = await fetch('http://cart/', { signal: AbortSignal.timeout(5_000) })
    const items: unknown = response.ok ? await response.json() : undefined
    if (Array.isArray(items)) seen.add({ kind: 'listed', by, items })
    return response.status
  })
  return {
    nodes: { cart: serve(bootCart), north: serve(() => copy(copies.north)), south: serve(() => copy(copies.south)) },
    stores: [map(copies.north, { name: 'north-items' }), map(copies.south, { name: 'south-items' })],
    operations: [add, list],
    invariants: [always('a list has all that was acknowledged before', seen, everyListIsWhole)],
  }
}

function everyListIsWhole(all: readonly Seen[]): boolean {
  return all.every((one) => {
    if (one.kind !== 'listed') return true
    const asked = all.findIndex((other) => other.kind === 'asked' && other.by === one.by)
    return all.slice(0, asked).every((other) => other.kind !== 'acked' || one.items.includes(other.item))
  })
}

const adding = 'add#0 | client -> cart POST / add#0 1'

export const cartCopies: Planted = {
  name: 'a cart whose two copies missed an item restarts',
  depth: 3,
  phenomena: [14, 24],
  system,
  smallest: scenarioOf(
    [
      { operation: 'add', input: '00000000-0000-1000-8000-000000000000' },
      { operation: 'list', input: '00000000-0000-1000-8000-000000000001', afterMs: 2_000 },
    ],
    [
      { kind: 'lose', at: `${adding} | cart -> north POST / add#0 1 request` },
      { kind: 'lose', at: `${adding} | cart -> south POST / add#0 1 request` },
      { kind: 'crash', at: `${adding} reply`, node: 'cart', restartAfterMs: 1_000, moment: 'after' },
    ],
  ),
}
