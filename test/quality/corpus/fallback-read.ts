// A read that falls back to a copy (PHENOMENA 18, 23): the first copy that answers is believed, whether or not it has
// the last write. A write is acknowledged by the primary and one of two copies.
import * as fc from 'fast-check'
import { always, journal, map, op, serve, type System } from '../../../src/index.ts'
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
  const meta = new Map<string, number>()
  const read = journal<{ readonly version: number; readonly acked: number }>('read')
  const replica =
    (store: Map<string, number>) =>
    async (request: Request): Promise<Response> => {
      if (request.method === 'GET') return Response.json(store.get('x') ?? 0)
      const version = (await request.json()) as number
      store.set('x', Math.max(store.get('x') ?? 0, version))
      return answer(204)
    }
  const ask = async (name: string): Promise<number | undefined> => {
    const response = await fetch(`http://${name}/`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    return response?.ok === true ? ((await response.json()) as number) : undefined
  }
  const tell = async (name: string, version: number): Promise<boolean> =>
    post(`http://${name}/`, version, { signal: AbortSignal.timeout(1_000) }).then(
      ({ status }) => status === 204,
      () => false,
    )
  const front = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') {
      const acked = meta.get('acked') ?? 0
      const version = (await ask('primary')) ?? (sound ? await newest() : ((await ask('east')) ?? (await ask('west'))))
      if (version === undefined) return answer(503)
      read.add({ version, acked })
      return Response.json(version)
    }
    const version = (meta.get('version') ?? 0) + 1
    meta.set('version', version)
    const [first, ...others] = await Promise.all(names.map((name) => tell(name, version)))
    if (first !== true || !others.includes(true)) return answer(503)
    meta.set('acked', Math.max(meta.get('acked') ?? 0, version))
    return answer(204)
  }
  const newest = async (): Promise<number | undefined> => {
    const [east, west] = await Promise.all([ask('east'), ask('west')])
    return east === undefined || west === undefined ? undefined : Math.max(east, west)
  }
  const put = op('put', fc.constant(null), () => post('http://front/', null), { timeout: 5_000 })
  const get = op('get', fc.constant(null), () => fetch('http://front/'), { timeout: 5_000 })
  return {
    nodes: {
      front: serve(() => front),
      ...Object.fromEntries(names.map((name) => [name, serve(() => replica(stores[name]))])),
    },
    stores: [map(meta, { name: 'meta' }), ...names.map((name) => map(stores[name], { name: `${name}-store` }))],
    operations: [put, get],
    invariants: [
      always('no read misses what was acknowledged before it', read, (all) =>
        all.every(({ version, acked }) => version >= acked),
      ),
    ],
  }
}

export const fallbackRead: Planted = {
  name: 'a read falls back to the copy that missed the write',
  depth: 2,
  phenomena: [18, 23],
  system,
  smallest: scenarioOf(
    [
      { operation: 'put', input: null },
      { operation: 'get', input: null },
    ],
    [
      { kind: 'lose', at: 'put#0 | client -> front POST / 1 | front -> east POST / 1 request' },
      { kind: 'refuse', at: 'get#1 | client -> front GET / 1 | front -> primary GET / 1 request' },
    ],
  ),
}
