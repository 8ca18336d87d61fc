// A profile with a copy to read from (PHENOMENA 18): the copy is told of each change and nobody waits for that. Whoever
// reads after the change and before the copy was told, reads the old profile.
import * as fc from 'fast-check'
import { map, op, readYourWrites, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const primary = new Map<string, string>()
  const replica = new Map<string, string>()
  const put = (url: string, body: string): Promise<Response> =>
    fetch(url, { method: 'PUT', body, signal: AbortSignal.timeout(10_000) })
  const profile = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json((sound ? primary : replica).get('ada') ?? null)
    const value = await request.text()
    primary.set('ada', value)
    void put('http://copy/', value).catch(() => undefined)
    return answer(204)
  }
  const copy = async (request: Request): Promise<Response> => {
    replica.set('ada', await request.text())
    return answer(204)
  }
  const write = op('write', fc.uuid(), (value) => put('http://profile/', value))
  const read = op('read', fc.constant(null), () => fetch('http://profile/', { signal: AbortSignal.timeout(2_000) }))
  return {
    nodes: { profile: serve(() => profile), copy: serve(() => copy) },
    stores: [map(primary, { name: 'primary' }), map(replica, { name: 'replica' })],
    operations: [write, read],
    clients: 1,
    // A copy of an older write may come behind a newer one, and nothing here would tell them apart
    tolerates: { except: { 'client -> profile': ['duplicate'] } },
    invariants: [
      readYourWrites([
        write.as((value) => [['w', 'ada', value]]),
        read.as((_, got) => [['r', 'ada', got === undefined ? undefined : JSON.parse(got.body)]]),
      ]),
    ],
  }
}

export const lateCopy: Planted = {
  name: 'the copy is told late, and read first',
  depth: 1,
  phenomena: [4, 18],
  system,
  smallest: scenarioOf(
    [
      { operation: 'write', input: '00000000-0000-1000-8000-000000000000' },
      { operation: 'read', input: null, afterMs: 100 },
    ],
    [
      {
        kind: 'delay',
        at: 'write#0 | client -> profile PUT / write#0 1 | profile -> copy PUT / write#0 1 request',
        byMs: 1_000,
      },
    ],
  ),
}
