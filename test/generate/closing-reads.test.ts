// Closing reads: what a lost update did to the state shows only to somebody who reads it afterwards, so workloads that
// write end with the user's own reads of the same keys.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  counter,
  keyValue,
  linearizable,
  map,
  op,
  serve,
  type Assessment,
  type System,
} from '../../src/index.ts'
import { closingReads } from '../../src/generate/closing-reads.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { sleep } from '../bench/sound/sound.ts'
import { full } from '../full.ts'

const seeds = full ? [1, 2, 3, 4, 5, 6] : [1, 2]
const keys = fc.constantFrom('a', 'b', 'c')

/** Reads, waits and writes: two at once are one too few. */
function counting(verb: 'GET' | 'POST', order: 'reads first' | 'reads last' = 'reads last'): System {
  const counts = new Map<string, number>()
  const add = op('add', keys, (key) => fetch(`http://shop/add/${key}`, { method: 'POST' }))
  const get = op('get', keys, (key) => fetch(`http://shop/get/${key}`, { method: verb }))
  return {
    nodes: {
      shop: serve(() => async (request: Request) => {
        const [, what, key = ''] = new URL(request.url).pathname.split('/')
        const count = counts.get(key) ?? 0
        if (what === 'get') return new Response(String(count))
        await sleep(5)
        counts.set(key, count + 1)
        return new Response(null, { status: 201 })
      }),
    },
    stores: [map(counts, { name: 'counts' })],
    operations: order === 'reads last' ? [add, get] : [get, add],
    invariants: [
      linearizable(counter(), [
        add.as((key) => ({ f: 'add', key, input: 1 })),
        get.as((key, answer) => ({ f: 'read', key, output: answer === undefined ? undefined : Number(answer.body) })),
      ]),
    ],
  }
}

/** Documents that are read, changed in one field and written whole: two fields at once, and one is lost. */
function documents(): System {
  const stored = new Map<string, Readonly<Record<string, string>>>()
  const place = { id: fc.constantFrom('x', 'y'), field: fc.constantFrom('title', 'text', 'tag', 'owner') }
  const set = op('set', fc.record({ ...place, value: fc.uuid() }), ({ id, ...body }) =>
    fetch(`http://documents/${id}`, { method: 'PATCH', body: JSON.stringify(body) }),
  )
  const get = op('get', fc.record(place), ({ id, field }) => fetch(`http://documents/${id}?field=${field}`))
  return {
    nodes: {
      documents: serve(() => async (request: Request) => {
        const { pathname, searchParams } = new URL(request.url)
        const found = stored.get(pathname) ?? {}
        if (request.method === 'GET') return Response.json(found[searchParams.get('field') ?? ''] ?? null)
        const { field, value } = (await request.json()) as { readonly field: string; readonly value: string }
        await sleep(5)
        stored.set(pathname, { ...found, [field]: value })
        return new Response(null, { status: 204 })
      }),
    },
    stores: [map(stored, { name: 'stored' })],
    operations: [set, get],
    invariants: [
      linearizable(keyValue(), [
        set.as(({ id, field, value }) => ({ f: 'put', key: `${id} ${field}`, input: value })),
        get.as(({ id, field }, answer) => ({
          f: 'get',
          key: `${id} ${field}`,
          output: answer === undefined ? undefined : JSON.parse(answer.body),
        })),
      ]),
    ],
  }
}

async function perfectNetworks(system: () => System): Promise<readonly Assessment['kind'][]> {
  const found: Assessment['kind'][] = []
  for (const seed of seeds)
    found.push((await assess({ ...system(), tolerates: ['lose'] }, { seed, numRuns: 0, shrink: false })).kind)
  return found
}

describe('a lost update is found whatever the seed, without faults', () => {
  test.each([
    ['of a counter', () => counting('GET')],
    ['of a counter that is read by POST', () => counting('POST')],
    ['where the read stands first in the list of operations', () => counting('GET', 'reads first')],
    ['of another field of one document', documents],
  ])('%s', async (_, system) => {
    expect(await perfectNetworks(system)).toEqual(seeds.map(() => 'violated'))
  })
})

describe('single faults', () => {
  /** Adds again when it is asked again: a lost answer counts twice. */
  function countingTwice(): System {
    const counts = new Map<string, number>()
    const add = op('add', keys, (key) => fetch(`http://shop/${key}`, { method: 'POST' }), {
      retries: 1,
      timeout: 1_000,
    })
    const get = op('get', keys, (key) => fetch(`http://shop/${key}`))
    return {
      nodes: {
        shop: serve(() => (request: Request) => {
          const count = counts.get(request.url) ?? 0
          if (request.method === 'GET') return new Response(String(count))
          counts.set(request.url, count + 1)
          return new Response(null, { status: 201 })
        }),
      },
      stores: [map(counts, { name: 'counts' })],
      operations: [get, add],
      invariants: [
        linearizable(counter(), [
          add.as((key) => ({ f: 'add', key, input: 1 })),
          get.as((key, answer) => ({ f: 'read', key, output: answer === undefined ? undefined : Number(answer.body) })),
        ]),
      ],
    }
  }

  test('are followed by a read, also where the read stands first in the list of operations', async () => {
    const assessment = await assess({ ...countingTwice(), tolerates: ['lose'] }, { seed: 1, numRuns: 0 })

    expect(assessment.kind).toBe('violated')
    expect(assessment.explored.singles.violated).toBeGreaterThan(0)
  })
})

describe('closing reads', () => {
  const put = op('put', fc.record({ sku: keys, price: fc.nat() }), () => undefined)
  const get = op('get', keys, () => undefined)
  const writes = ['c', 'a', 'c'].map((sku, id) => ({
    id,
    operation: 'put',
    client: id % 2,
    afterMs: 0,
    input: { sku, price: id },
  }))

  test('ask for each key that was written, the newest first, and for none twice', () => {
    const closing = closingReads(1, writes, { reads: [get], most: 3, shrinkers: new Shrinkers() })

    expect(closing.map(({ id, operation, input }) => [id, operation, input])).toEqual([
      [3, 'get', 'c'],
      [4, 'get', 'a'],
    ])
  })

  test('are no more than there is room for', () => {
    expect(closingReads(1, writes, { reads: [get], most: 1, shrinkers: new Shrinkers() })).toHaveLength(1)
    expect(closingReads(1, writes, { reads: [get, put], most: 3, shrinkers: new Shrinkers() })).toEqual([])
  })
})
