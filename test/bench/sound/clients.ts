// Sound clients, and services that call others: own retry loops, breakers, time limits, sessions, screens. Each says
// what would break it.
import * as fc from 'fast-check'
import {
  ackDurable,
  actor,
  boundedCall,
  contained,
  convergence,
  costBudget,
  counterBounds,
  eventually,
  exactlyOnce,
  latencyBudget,
  map,
  noHang,
  noPhantom,
  op,
  retryBudget,
  rows,
  serve,
  type System,
} from '../../../src/index.ts'
import { sleep, type Sound } from './sound.ts'

const nothing = fc.constant(null)
const self = (id: string): string => id

/** A node that keeps what is put. */
function keeper() {
  const kept = new Map<string, string>()
  const node = serve(() => async (request: Request) => {
    kept.set(new URL(request.url).pathname.slice(1), await request.text())
    return new Response(null, { status: 204 })
  })
  return { node, store: map(kept), entry: rows('entry', () => [...kept.keys()]).by(self) }
}

/** Broken where the client says "failed" after its last try was refused. */
function ownLoop(): System {
  const { node, store, entry } = keeper()
  const put = op('put', fc.uuid(), async (key) => {
    for (let tries = 1; ; tries++) {
      try {
        return await fetch(`http://keeper/${key}`, { method: 'PUT', body: 'x', signal: AbortSignal.timeout(300) })
      } catch (error) {
        if (tries === 3) throw error
      }
    }
  })
  return {
    nodes: { keeper: node },
    stores: [store],
    operations: [put],
    invariants: [ackDurable(put.by(self), entry), noPhantom(put.by(self), entry)],
  }
}

/** How long an answer asks to wait, in milliseconds: so many seconds, or until a date by the same server's clock. */
function waitOf({ headers }: Response): number {
  const after = headers.get('retry-after') ?? '0'
  if (/^\d+$/.test(after)) return Number(after) * 1_000
  return Math.max(0, Date.parse(after) - Date.now()) + 1_000
}

/** Broken where it tries again at once. A date says something only to a clock that is right. */
function retryAfter(): System {
  const { node, store, entry } = keeper()
  const put = op('put', fc.uuid(), async (key) => {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(`http://keeper/${key}`, {
        method: 'PUT',
        body: 'x',
        signal: AbortSignal.timeout(4_000),
      })
      if (answer.ok || tries === 3) return answer
      await sleep(Math.max(200 * 2 ** tries, waitOf(answer)))
    }
  })
  return {
    nodes: { keeper: node },
    stores: [store],
    operations: [put],
    invariants: [
      retryBudget({ attempts: 3, backoffMs: 200, honourRetryAfter: true, link: 'client -> keeper' }),
      retryBudget({ perOperation: 3 }),
      ackDurable(put.by(self), entry),
    ],
    tolerates: { except: ['skew', 'jump'] },
  }
}

/** Broken without a counter of failures, or where an open breaker lets everybody through. */
function breaker(): System {
  const shop = () => {
    let failures = 0
    let openUntil = 0
    return async (): Promise<Response> => {
      if (performance.now() < openUntil) return new Response(null, { status: 503 })
      if (failures >= 2) openUntil = performance.now() + 12_000 // one probe; the others wait for it
      try {
        const answer = await fetch('http://bank/', { method: 'POST', signal: AbortSignal.timeout(1_000) })
        if (!answer.ok) throw new Error(`status ${answer.status}`)
        failures = 0
        openUntil = 0
        return new Response()
      } catch {
        failures += 1
        if (failures >= 2) openUntil = performance.now() + 12_000
        return new Response(null, { status: 502 })
      }
    }
  }
  const pay = op('pay', nothing, () => fetch('http://shop/', { method: 'POST' }), { timeout: 5_000 })
  return {
    nodes: { shop: serve(shop), bank: serve(() => () => new Response()) },
    operations: [pay],
    probe: [pay],
    maxOperations: 20,
    invariants: [
      contained('bank', { breaker: { opensAfter: 3, openForMs: 10_000, timeoutMs: 1_500 }, recoveryMs: 60_000 }),
    ],
  }
}

/** Broken where browsing asks the bank, too. */
function spared(): System {
  const shop = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json(['tea'])
    const answer = await fetch('http://bank/', { method: 'POST', signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    )
    return new Response(null, { status: answer?.ok === true ? 200 : 502 })
  }
  const browse = op('browse', nothing, () => fetch('http://shop/'))
  const pay = op('pay', nothing, () => fetch('http://shop/', { method: 'POST' }))
  return {
    nodes: { shop: serve(() => shop), bank: serve(() => () => new Response()) },
    operations: [browse, pay],
    probe: [pay],
    invariants: [contained('bank', { spared: { operations: [browse], withinMs: 500 }, recoveryMs: 10_000 }), noHang()],
    tolerates: { 'shop -> bank': ['lose', 'delay', 'error', 'hang', 'refuse', 'reset'] },
  }
}

/** Broken where the client has no time limit, or asks for each quote by itself. */
function quotes(): System {
  const ask = async (host: string): Promise<number> => {
    const answer = await fetch(`http://${host}/`, { signal: AbortSignal.timeout(800) })
    return Number(await answer.text())
  }
  const shop = async (): Promise<Response> => {
    const answers = await Promise.allSettled([ask('ups'), ask('dhl')])
    return Response.json(answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
  }
  const quote = op('quote', nothing, () => fetch('http://shop/'), { retries: 1, timeout: 3_000 })
  return {
    nodes: {
      shop: serve(() => shop),
      ups: serve(() => () => new Response('5')),
      dhl: serve(() => () => new Response('6')),
    },
    operations: [quote],
    invariants: [boundedCall(10_000, quote), noHang(), costBudget({ calls: 12 }, quote)],
  }
}

/** Broken where each row of a cart is looked up by a request of its own. */
function cart(): System {
  const stock = new Map([
    ['tea', 3],
    ['cup', 5],
  ])
  const warehouse = async (request: Request): Promise<Response> => {
    const skus = new URL(request.url).searchParams.getAll('sku')
    return Response.json(skus.map((sku) => stock.get(sku) ?? 0))
  }
  const show = op('show', fc.uniqueArray(fc.constantFrom('tea', 'cup'), { minLength: 1 }), (skus) =>
    fetch(`http://shop/?${new URLSearchParams(skus.map((sku) => ['sku', sku])).toString()}`),
  )
  const shop = (request: Request): Promise<Response> => fetch(`http://warehouse/${new URL(request.url).search}`)
  return {
    nodes: { shop: serve(() => shop), warehouse: serve(() => warehouse) },
    stores: [map(stock)],
    operations: [show],
    invariants: [costBudget({ calls: 2, storeCalls: 2 }, show), latencyBudget({ max: 20_000 }, show)],
    tolerates: ['skew', 'drift', 'jump'],
  }
}

/** Broken where the server does not compare the number, or the client gives a new one to each try. */
function sessions(): System {
  const sdk = actor('sdk', () => ({ id: crypto.randomUUID(), next: 0 }))
  const save = sdk.op('save', fc.uuid(), async (session, text) => {
    const number = session.next++
    for (;;) {
      const answer = await fetch('http://notes/', {
        method: 'POST',
        body: JSON.stringify({ key: `${session.id} ${number}`, text }),
        signal: AbortSignal.timeout(2_000),
      }).catch(() => undefined)
      if (answer?.ok === true) return answer
      await sleep(1_000)
    }
  })
  const lines = new Map<string, string>()
  const handler = async (request: Request): Promise<Response> => {
    const { key, text } = (await request.json()) as { key: string; text: string }
    if (!lines.has(key)) lines.set(key, text)
    return new Response(null, { status: 204 })
  }
  return {
    nodes: { notes: serve(() => handler) },
    stores: [map(lines)],
    operations: [save],
    invariants: [exactlyOnce(save.by(self), rows('line', () => [...lines.values()]).by(self))],
  }
}

/** Broken where the answer that came last is shown, instead of the newest version. */
function screens(): System {
  const items = new Map<string, number>()
  interface Screen {
    shown: { readonly items: readonly string[]; readonly version: number }
  }
  const screen = actor('screen', () => {
    const made: Screen = { shown: { items: [], version: -1 } }
    const load = async (): Promise<void> => {
      const answer = await fetch('http://items/', { signal: AbortSignal.timeout(3_000) })
      if (!answer.ok) return
      const list = (await answer.json()) as string[]
      if (list.length > made.shown.version) made.shown = { items: list, version: list.length }
    }
    setInterval(() => void load().catch(() => undefined), 10_000)
    return made
  })
  const add = screen.op('add', fc.uuid(), (_, id) => fetch('http://items/', { method: 'POST', body: id }), {
    timeout: 5_000,
  })
  const handler = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json([...items.keys()])
    items.set(await request.text(), 1)
    return new Response(null, { status: 201 })
  }
  return {
    nodes: { items: serve(() => handler) },
    stores: [map(items)],
    operations: [add],
    invariants: [
      convergence([screen.reads('shown', ({ shown }) => shown.items), rows('item', () => [...items.keys()])]),
    ],
  }
}

/** Broken without the lock: both read one number. One process at a time is part of the claim: a zombie has its own lock. */
function locked(): System {
  const counter = new Map([['n', 0]])
  const handler = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json(counter.get('n'))
    await navigator.locks.request('n', async () => {
      const n = counter.get('n') ?? 0
      await sleep(3)
      counter.set('n', n + 1)
    })
    return new Response()
  }
  const add = op('add', nothing, () => fetch('http://counter/', { method: 'POST' }))
  const read = op('read', nothing, () => fetch('http://counter/'))
  return {
    nodes: { counter: serve(() => handler) },
    stores: [map(counter)],
    operations: [add, read, add, read],
    maxOperations: 20,
    invariants: [
      counterBounds([
        add.as(() => ({ f: 'add', input: 1 })),
        read.as((_, answer) => ({ f: 'read', output: answer?.status === 200 ? Number(answer.body) : undefined })),
      ]),
    ],
    tolerates: { except: ['pause'] },
  }
}

/** Broken where the node beats once, when it starts. */
function heartbeats(): System {
  const seen = new Map<string, string>()
  const node = () => {
    const beat = () =>
      fetch('http://monitor/', { method: 'POST', body: 'worker', signal: AbortSignal.timeout(2_000) }).catch(
        () => undefined,
      )
    setInterval(() => void beat(), 5_000)
    return () => new Response('up')
  }
  const monitor = async (request: Request): Promise<Response> => {
    if (request.method === 'POST') seen.set(await request.text(), 'alive')
    return Response.json([...seen.keys()])
  }
  const look = op('look', nothing, () => fetch('http://monitor/'), { timeout: 3_000 })
  return {
    nodes: { worker: serve(node), monitor: serve(() => monitor) },
    stores: [map(seen)],
    operations: [look],
    invariants: [
      eventually(
        'the worker was heard',
        rows('alive', () => [...seen.keys()]),
        (all) => all.length === 1,
      ),
      noHang(),
    ],
  }
}

export const clients: readonly Sound[] = [
  { name: 'an own retry loop', system: ownLoop },
  { name: 'Retry-After that is honoured', system: retryAfter },
  { name: 'a breaker', system: breaker },
  { name: 'a shop that is browsed while the bank fails', system: spared },
  { name: 'quotes within a time limit', system: quotes },
  { name: 'a cart by one request', system: cart },
  { name: 'sessions that number what they save', system: sessions },
  { name: 'screens that look again', system: screens, polls: true },
  { name: 'a counter under a lock of its process', system: locked },
  { name: 'heartbeats', system: heartbeats, polls: true },
]
