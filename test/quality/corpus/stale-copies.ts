// A primary that acknowledges before its copies have the write (PHENOMENA 18, 20): a client that cannot reach the
// primary reads the newer of both copies. If both updates of the copies were lost, it misses what was acknowledged to
// itself.
import * as fc from 'fast-check'
import { actor, always, journal, map, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const names = ['primary', 'east', 'west'] as const
  const stores = {
    primary: new Map<string, number>(),
    east: new Map<string, number>(),
    west: new Map<string, number>(),
  }
  const seen = journal<{ readonly wrote: number; readonly read: number }>('seen')
  const node =
    (name: (typeof names)[number]) =>
    async (request: Request): Promise<Response> => {
      const store = stores[name]
      if (request.method === 'GET') return Response.json(store.get('x') ?? 0)
      if (name !== 'primary') {
        const sent = (await request.json()) as number
        store.set('x', Math.max(store.get('x') ?? 0, sent))
        return answer(204)
      }
      const version = (store.get('x') ?? 0) + 1
      store.set('x', version)
      const signal = AbortSignal.timeout(1_000)
      const copied = await Promise.all(
        ['east', 'west'].map((copy) =>
          post(`http://${copy}/`, version, { signal }).then(
            ({ status }) => status === 204,
            () => false,
          ),
        ),
      )
      return sound && !copied.includes(true) ? answer(503) : Response.json(version)
    }
  const read = async (name: string): Promise<number> => {
    const response = await fetch(`http://${name}/`, { signal: AbortSignal.timeout(1_000) })
    const version: unknown = response.ok ? await response.json() : undefined
    if (typeof version !== 'number') throw new Error(`${name} does not answer`)
    return version
  }
  const client = actor('sdk', () => ({ wrote: 0 }))
  const put = client.op('put', fc.constant(null), async (state) => {
    const response = await post('http://primary/', null, { signal: AbortSignal.timeout(3_000) })
    if (response.ok) state.wrote = Math.max(state.wrote, Number(await response.json()))
    return response
  })
  const get = client.op('get', fc.constant(null), async ({ wrote }) => {
    const copies = async () => Math.max(...(await Promise.all([read('east'), read('west')])))
    const version = await read('primary').catch(copies)
    seen.add({ wrote, read: version })
    return version
  })
  return {
    nodes: Object.fromEntries(names.map((name) => [name, serve(() => node(name))])),
    stores: names.map((name) => map(stores[name], { name: `${name}-store` })),
    operations: [put, get],
    invariants: [
      always('a client reads what it wrote', seen, (all) => all.every(({ wrote, read: got }) => got >= wrote)),
    ],
  }
}

export const staleCopies: Planted = {
  name: 'two copies that missed a write, read while the primary is away',
  depth: 3,
  phenomena: [18, 20],
  system,
  smallest: scenarioOf(
    [
      { operation: 'put', input: null },
      { operation: 'get', input: null },
    ],
    [
      { kind: 'lose', at: 'put#0 | client -> primary POST / 1 | primary -> east POST / 1 request' },
      { kind: 'lose', at: 'put#0 | client -> primary POST / 1 | primary -> west POST / 1 request' },
      { kind: 'refuse', at: 'get#1 | client -> primary GET / 1 request' },
    ],
  ),
}
