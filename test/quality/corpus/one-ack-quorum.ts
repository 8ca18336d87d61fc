// Three replicas, of which two are asked to read and one is enough to write (PHENOMENA 7, 18): 1 + 2 is not more than
// 3. A write that only one replica received is acknowledged, and missed by a read that this replica does not answer.
import * as fc from 'fast-check'
import { always, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const replicas = ['a', 'b', 'c'] as const

function system(sound: boolean): System {
  const copies = replicas.map((name) => ({ name, versions: new Map<string, number>() }))
  const meta = new Map<string, number>()
  const read = journal<{ readonly version: number; readonly acked: number }>('read')
  const replica =
    (versions: Map<string, number>) =>
    async (request: Request): Promise<Response> => {
      if (request.method === 'GET') return Response.json(versions.get('x') ?? 0)
      const version = (await request.json()) as number
      versions.set('x', Math.max(versions.get('x') ?? 0, version))
      return answer(204)
    }
  const coordinator = async (request: Request): Promise<Response> => {
    const signal = AbortSignal.timeout(2_000)
    if (request.method === 'GET') {
      const acked = meta.get('acked') ?? 0
      const asked = replicas.map(async (name) => (await fetch(`http://${name}/`, { signal })).json() as Promise<number>)
      const versions = (await Promise.allSettled(asked)).flatMap((one) =>
        one.status === 'fulfilled' ? [one.value] : [],
      )
      const known = versions.filter(Number.isInteger)
      if (known.length < 2) return answer(503)
      const version = Math.max(...known)
      read.add({ version, acked })
      return Response.json(version)
    }
    const version = (meta.get('version') ?? 0) + 1
    meta.set('version', version)
    const sent = replicas.map(async (name) => (await post(`http://${name}/`, version, { signal })).status === 204)
    const acks = (await Promise.allSettled(sent)).filter((one) => one.status === 'fulfilled' && one.value).length
    if (acks < (sound ? 2 : 1)) return answer(503)
    meta.set('acked', Math.max(meta.get('acked') ?? 0, version))
    return answer(204)
  }
  const put = op('put', fc.constant(null), () => post('http://kv/', null), { timeout: 5_000 })
  const get = op('get', fc.constant(null), () => fetch('http://kv/'), { timeout: 5_000 })
  return {
    nodes: {
      kv: serve(() => coordinator),
      ...Object.fromEntries(copies.map(({ name, versions }) => [name, serve(() => replica(versions))])),
    },
    stores: [
      map(meta, { name: 'meta' }),
      ...copies.map(({ name, versions }) => map(versions, { name: `copy-${name}` })),
    ],
    operations: [put, get],
    invariants: [
      always('no read misses what was acknowledged before it', read, (all) =>
        all.every(({ version, acked }) => version >= acked),
      ),
    ],
  }
}

const write = 'put#0 | client -> kv POST / 1'

export const oneAckQuorum: Planted = {
  name: 'a write that one replica of three has',
  depth: 3,
  phenomena: [7, 18],
  system,
  smallest: scenarioOf(
    [
      { operation: 'put', input: null },
      { operation: 'get', input: null },
    ],
    [
      { kind: 'lose', at: `${write} | kv -> a POST / 1 request` },
      { kind: 'lose', at: `${write} | kv -> b POST / 1 request` },
      { kind: 'lose', at: 'get#1 | client -> kv GET / 1 | kv -> c GET / 1 request' },
    ],
  ),
}
