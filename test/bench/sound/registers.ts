// Sound single copies: one node that reads and writes one store in one step is linearizable, and keeps every session
// guarantee. A write is a POST without retries, since a late copy of it would undo a newer one.
import * as fc from 'fast-check'
import { Hono } from 'hono'
import {
  boundedStaleness,
  casRegister,
  causal,
  convergence,
  fifoQueue,
  keyValue,
  linearizable,
  map,
  monotonicReads,
  monotonicWrites,
  op,
  readYourWrites,
  register,
  rows,
  sequential,
  serve,
  set,
  writesFollowReads,
  type System,
} from '../../../src/index.ts'
import { sleep, type Sound } from './sound.ts'

const nothing = fc.constant(null)
const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body) })

/** What an answer of 200 says. */
function told(answer: { readonly status: number; readonly body: string } | undefined): unknown {
  return answer?.status === 200 ? (JSON.parse(answer.body) as unknown) : undefined
}

/** Broken where reads are answered from a copy in memory that a restart loses. */
function oneRegister(): System {
  const cell = new Map<string, number>()
  const read = op('read', nothing, () => fetch('http://cell/'), { retries: 1, timeout: 2_000 })
  const write = op('write', fc.integer({ min: 1, max: 5 }), (value) => post('http://cell/', value))
  const handler = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json(cell.get('x') ?? null)
    cell.set('x', (await request.json()) as number)
    return new Response()
  }
  return {
    nodes: { cell: serve(() => handler) },
    stores: [map(cell)],
    operations: [read, write],
    invariants: [
      linearizable(register(), [
        read.as((_, answer) => ({ f: 'read', output: told(answer) })),
        write.as((value) => ({ f: 'write', input: value })),
      ]),
    ],
  }
}

/** Broken with a wait between the comparison and the write. */
function compareAndSet(): System {
  const cell = new Map<string, number>([['x', 0]])
  const small = fc.integer({ min: 0, max: 2 })
  const read = op('read', nothing, () => fetch('http://cell/'), { retries: 1, timeout: 2_000 })
  const cas = op('cas', fc.tuple(small, small), (pair) => post('http://cell/', pair))
  const handler = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json(cell.get('x'))
    const [before, after] = (await request.json()) as [number, number]
    if (cell.get('x') !== before) return new Response(null, { status: 409 })
    cell.set('x', after)
    return new Response()
  }
  return {
    nodes: { cell: serve(() => handler) },
    stores: [map(cell)],
    operations: [read, cas],
    invariants: [
      linearizable(casRegister(0), [
        read.as((_, answer) => ({ f: 'read', output: told(answer) })),
        cas.as((pair) => ({ f: 'cas', input: pair })),
      ]),
    ],
  }
}

/** Broken where a reader asks a copy that lags. */
function sessions(): System {
  const names = new Map<string, string>()
  const key = fc.constant('a')
  const put = op('put', fc.record({ key, value: fc.uuid() }), (p) => post('http://names/', p), { timeout: 3_000 })
  const get = op('get', key, (name) => fetch(`http://names/${name}`), { retries: 2, timeout: 3_000 })
  const app = new Hono()
    .get('/:key', (c) => c.json(names.get(c.req.param('key')) ?? null))
    .post('/', async (c) => {
      const { key: name, value } = await c.req.json<{ key: string; value: string }>()
      names.set(name, value)
      return c.body(null, 204)
    })
  const accesses = [
    put.as(({ key: name, value }) => [['w', name, value] as const]),
    get.as((name, answer) => [['r', name, told(answer)] as const]),
  ]
  return {
    nodes: { names: serve(() => app) },
    stores: [map(names)],
    operations: [put, get, get],
    maxOperations: 20,
    invariants: [
      readYourWrites(accesses),
      monotonicReads(accesses),
      monotonicWrites(accesses),
      writesFollowReads(accesses),
      causal(accesses),
    ],
  }
}

/** Broken where the age counts from the answer, or where the entry is never thrown away. */
function cache(): System {
  const prices = new Map<string, string>()
  const put = op('put', fc.uuid(), (price) => post('http://prices/', price))
  const get = op('get', nothing, () => fetch('http://cache/'), { retries: 2, timeout: 4_000 })
  const origin = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json(prices.get('p') ?? null)
    prices.set('p', (await request.json()) as string)
    return new Response()
  }
  const caching = () => {
    let kept: { readonly body: string; readonly askedAt: number } | undefined
    return async (): Promise<Response> => {
      const askedAt = performance.now()
      if (kept === undefined || askedAt - kept.askedAt > 5_000) {
        const answer = await fetch('http://prices/', { signal: AbortSignal.timeout(2_000) })
        const body = await answer.text()
        if (!answer.ok) return new Response(null, { status: 502 })
        JSON.parse(body) // what was cut off is no answer
        kept = { body, askedAt }
      }
      return new Response(kept.body)
    }
  }
  return {
    nodes: { prices: serve(() => origin), cache: serve(caching) },
    stores: [map(prices)],
    operations: [put, get, get],
    maxOperations: 20,
    invariants: [
      boundedStaleness(6_000, [
        put.as((price) => [['w', 'p', price] as const]),
        get.as((_, answer) => [['r', 'p', told(answer)] as const]),
      ]),
    ],
  }
}

/** Broken where the set is read, and written as a whole after a wait. */
function tags(): System {
  const kept = new Set<number>()
  const add = op('add', fc.integer({ min: 1, max: 9 }), (tag) => post('http://tags/', tag), {
    retries: 1,
    timeout: 2_000,
  })
  const read = op('read', nothing, () => fetch('http://tags/'))
  const handler = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json([...kept])
    kept.add((await request.json()) as number)
    return new Response()
  }
  return {
    nodes: { tags: serve(() => handler) },
    stores: [map(kept)],
    operations: [add, read],
    invariants: [
      linearizable(set(), [
        add.as((tag) => ({ f: 'add', input: tag })),
        read.as((_, answer) => ({ f: 'read', output: told(answer) })),
      ]),
    ],
  }
}

/** Broken where what was written is visible only after a wait. */
function pairs(): System {
  const kept = new Map<string, number>()
  const key = fc.constantFrom('a', 'b')
  const get = op('get', key, (name) => fetch(`http://pairs/${name}`))
  const put = op('put', fc.record({ key, value: fc.integer({ min: 1, max: 3 }) }), ({ key: name, value }) =>
    post(`http://pairs/${name}`, value),
  )
  const app = new Hono()
    .get('/:key', (c) => c.json(kept.get(c.req.param('key')) ?? null))
    .post('/:key', async (c) => {
      const value = await c.req.json<number>()
      kept.set(c.req.param('key'), value)
      return c.body(null, 204)
    })
  const acts = [
    get.as((name, answer) => ({ f: 'get', key: name, output: told(answer) })),
    put.as(({ key: name, value }) => ({ f: 'put', key: name, input: value })),
  ]
  return {
    nodes: { pairs: serve(() => app) },
    stores: [map(kept)],
    operations: [get, put],
    invariants: [linearizable(keyValue(), acts), sequential(keyValue(), acts)],
  }
}

/** Broken where the first item is read, and taken away after a wait. */
function queue(): System {
  const kept = new Map<string, readonly string[]>([['items', []]])
  const enqueue = op('enqueue', fc.uuid(), (id) => post('http://queue/in', id))
  const dequeue = op('dequeue', nothing, () => post('http://queue/out', null))
  const handler = async (request: Request): Promise<Response> => {
    const item = (await request.json()) as string | null
    const items = kept.get('items') ?? []
    if (item !== null) {
      kept.set('items', [...items, item])
      return new Response()
    }
    kept.set('items', items.slice(1))
    return Response.json(items[0] ?? null)
  }
  return {
    nodes: { queue: serve(() => handler) },
    stores: [map(kept)],
    operations: [enqueue, dequeue],
    invariants: [
      linearizable(fifoQueue(), [
        enqueue.as((id) => ({ f: 'enqueue', input: id })),
        dequeue.as((_, answer) => ({ f: 'dequeue', output: told(answer) })),
      ]),
    ],
  }
}

/** Broken where each note is pushed once. */
function replicas(): System {
  const notes = { left: new Map<string, string>(), right: new Map<string, string>() }
  const replica = (side: 'left' | 'right') => () => {
    const mine = notes[side]
    setInterval(
      () =>
        void fetch(`http://${side === 'left' ? 'right' : 'left'}/merge`, {
          method: 'POST',
          body: JSON.stringify([...mine]),
          signal: AbortSignal.timeout(5_000),
        }).catch(() => undefined),
      20_000,
    )
    return async (request: Request): Promise<Response> => {
      for (const [id, text] of (await request.json()) as [string, string][]) if (!mine.has(id)) mine.set(id, text)
      await sleep(5)
      return new Response(null, { status: 204 })
    }
  }
  const write = op('write', fc.uuid(), (id) => post('http://left/notes', [[id, 'text']]))
  const [left, right] = (['left', 'right'] as const).map((side) => rows(side, () => [...notes[side].keys()]))
  if (left === undefined || right === undefined) throw new Error('Bug: two sides')
  return {
    nodes: { left: serve(replica('left')), right: serve(replica('right')) },
    stores: [map(notes.left, { name: 'left notes' }), map(notes.right, { name: 'right notes' })],
    operations: [write],
    invariants: [
      convergence(
        [left.by((id) => id), right.by((id) => id)],
        write.by((id) => id),
      ),
    ],
  }
}

export const registers: readonly Sound[] = [
  { name: 'a register', system: oneRegister },
  { name: 'a register with compare-and-set', system: compareAndSet },
  { name: 'names on one node', system: sessions },
  { name: 'a cache of five seconds', system: cache },
  { name: 'a set of tags', system: tags },
  { name: 'keys and values, in Hono', system: pairs },
  { name: 'a queue in one store', system: queue },
  { name: 'replicas that compare notes', system: replicas, polls: true },
]
