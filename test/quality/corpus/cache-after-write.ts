// A cache of 5 s in each instance of a service (PHENOMENA 23): the instance that wrote drops its copy, the other one
// does not. Whoever is sent there reads the old label for as long as the cache lives, though the budget says 1 s.
import * as fc from 'fast-check'
import { boundedStaleness, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const ttlMs = sound ? 800 : 5_000
  const labels = new Map<string, string>()
  const boot = () => {
    const cache = new Map<string, { readonly label: string; readonly untilMs: number }>()
    return async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url)
      if (request.method === 'PUT') {
        labels.set(pathname, await request.text())
        cache.delete(pathname)
        return new Response(null, { status: 204 })
      }
      const kept = cache.get(pathname)
      if (kept !== undefined && kept.untilMs > performance.now()) return Response.json(kept.label)
      const label = labels.get(pathname) ?? null
      if (label !== null) cache.set(pathname, { label, untilMs: performance.now() + ttlMs })
      return Response.json(label)
    }
  }
  const item = fc.constantFrom('tea', 'coffee')
  const put = op(
    'put',
    fc.record({ item, label: fc.uuid() }),
    ({ item: name, label }) => fetch(`http://labels/${name}`, { method: 'PUT', body: label }),
    { timeout: 2_000 },
  )
  const get = op('get', item, (name) => fetch(`http://labels/${name}`), { timeout: 2_000 })
  return {
    nodes: { labels: serve(boot, { instances: 2 }) },
    stores: [map(labels, { name: 'db' })],
    operations: [put, get],
    tolerates: { except: ['duplicate'] }, // a late copy of an older put would make the older label the truth again
    invariants: [
      boundedStaleness(1_000, [
        put.as(({ item: name, label }) => [['w', name, label]]),
        get.as((name, answer) => [['r', name, answer === undefined ? undefined : JSON.parse(answer.body)]]),
      ]),
    ],
  }
}

export const cacheAfterWrite: Planted = {
  name: 'a cache in each instance outlives a write',
  depth: 0,
  phenomena: [23, 24],
  system,
  smallest: scenarioOf([
    { operation: 'put', input: { item: 'tea', label: 'one' } },
    { operation: 'get', input: 'tea' },
    { operation: 'put', input: { item: 'tea', label: 'two' } },
    { operation: 'get', input: 'tea', afterMs: 2_000 },
  ]),
}
