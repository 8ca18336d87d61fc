// Dispatchers of undici inside a simulation: Node's own Agent stands for all of them, since user code has no other one
// here.
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { assess, exactlyOnce, journal, op, serve, type Assessment } from '../../src/index.ts'
import { settled } from '../../src/conformance/observed.ts'
import { play, rehearse } from '../../src/conformance/rehearse.ts'
import type { SceneHandler } from '../../src/conformance/scene.ts'

type Options = Readonly<Record<string, unknown>>
type Handlers = Readonly<Record<string, (...args: unknown[]) => unknown>>

interface Dispatcher {
  dispatch(options: Options, handler: Handlers): boolean
}

interface Answer {
  readonly statusCode: number
  readonly headers: Options
  readonly body: { json(): Promise<unknown>; text(): Promise<string> }
}

interface AgentLike extends Dispatcher {
  request(options: Options): Promise<Answer>
}

/** Which one `fetch` reads depends on the undici of this Node. */
const keys = ['undici.globalDispatcher.2', 'undici.globalDispatcher.1']
  .map((name) => Symbol.for(name))
  .filter((symbol) => symbol in globalThis)
const [key = Symbol('none')] = keys
const own = Reflect.get(globalThis, key) as AgentLike // undici puts an Agent there
const Agent = own.constructor as new (options?: Options) => AgentLike // its class

afterEach(() => {
  for (const one of keys) Reflect.set(globalThis, one, own)
})

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const echo: SceneHandler = async (request) =>
  Response.json([request.method, new URL(request.url).pathname, [...request.headers], await request.text()])
const silent: SceneHandler = () => new Promise(() => undefined)
const slow: SceneHandler = async () => {
  await sleep(100)
  return new Response('slow')
}
const trickle: SceneHandler = () =>
  new Response(
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('first')),
    }),
  )
const nodes = {
  shop: serve(() => echo),
  silent: serve(() => silent),
  slow: serve(() => slow),
  trickle: serve(() => trickle),
}

/** fetch by a dispatcher, which lib.dom does not know. */
function by(dispatcher: Dispatcher, url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, dispatcher } as RequestInit)
}

async function seenBy(client: () => unknown): Promise<unknown> {
  return (await rehearse({ nodes }, client)).seen
}

/** Virtual milliseconds, from the first one's start, at which each piece of work ended. */
function endsOf(...works: (() => Promise<unknown>)[]): Promise<number[]> {
  const startMs = performance.now()
  return Promise.all(
    works.map(async (work) => {
      await settled(work)
      return performance.now() - startMs
    }),
  )
}

test('a dispatcher that is given carries the request over the simulated network', async () => {
  const seen = await seenBy(async () => (await by(new Agent(), 'http://shop/a', { method: 'PUT', body: 'x' })).json())

  expect(seen).toEqual(['PUT', '/a', [['content-type', 'text/plain;charset=UTF-8']], 'x'])
})

test('undici.request goes the same way', async () => {
  const seen = await seenBy(async () => {
    const answer = await new Agent().request({
      origin: 'http://shop',
      path: '/a?b=1',
      method: 'POST',
      headers: { 'x-one': ['1', '2'] },
      body: 'x',
    })
    return [answer.statusCode, answer.headers, await answer.body.json()]
  })

  expect(seen).toEqual([200, { 'content-type': 'application/json' }, ['POST', '/a', [['x-one', '1, 2']], 'x']])
})

test('a dispatcher that answers by itself is asked, and one that changes requests changes them', async () => {
  const changing: Dispatcher = {
    dispatch: (options, handler) => own.dispatch({ ...options, path: '/changed', headers: ['x-by', 'it'] }, handler),
  }
  const refusing: Dispatcher = {
    dispatch: (_, handler) => {
      const hear = handler['onResponseError'] ?? handler['onError']
      hear?.call(handler, ...(handler['onResponseError'] === undefined ? [] : [{}]), new RangeError('out of order'))
      return true
    },
  }

  expect(await seenBy(async () => (await by(changing, 'http://shop/a')).json())).toEqual([
    ...['GET', '/changed', [['x-by', 'it']], ''],
  ])
  expect(await seenBy(() => settled(() => by(refusing, 'http://shop/a')))).toMatchObject({
    threw: { message: 'fetch failed', cause: { name: 'RangeError' } },
  })
})

test('the time limits of a dispatcher count in virtual time', async () => {
  const impatient = new Agent({ headersTimeout: 1_500, bodyTimeout: 2_500 })

  expect(await seenBy(() => settled(() => by(impatient, 'http://silent')))).toEqual({
    threw: {
      ...{ type: 'TypeError', name: 'TypeError', message: 'fetch failed' },
      cause: { type: 'Error', name: 'HeadersTimeoutError', code: 'UND_ERR_HEADERS_TIMEOUT' },
    },
  })
  expect(await seenBy(() => settled(async () => (await by(impatient, 'http://trickle')).text()))).toEqual({
    threw: {
      ...{ type: 'TypeError', name: 'TypeError', message: 'terminated' },
      cause: { type: 'Error', name: 'BodyTimeoutError', code: 'UND_ERR_BODY_TIMEOUT' },
    },
  })
  expect(await seenBy(() => endsOf(() => by(impatient, 'http://silent')))).toEqual([1_500])
})

test('a global dispatcher that somebody chose is the one that fetch uses', async () => {
  const chosen = new Agent({ headersTimeout: 700 })
  for (const one of keys) Reflect.set(globalThis, one, chosen)

  expect(await seenBy(() => endsOf(() => fetch('http://silent')))).toEqual([700])
})

test('a limit of connections holds back requests, in their order, for each process and origin', async () => {
  const single = new Agent({ connections: 1 })
  const work = (): Promise<unknown> => by(single, 'http://slow')

  // 20 ms there, 100 of work and 20 back, one after the other; another origin has a connection of its own.
  expect(await seenBy(() => endsOf(work, work, work, () => by(single, 'http://shop')))).toEqual([140, 280, 420, 40])
  expect(await seenBy(() => endsOf(work, () => by(new Agent(), 'http://slow')))).toEqual([140, 140])
})

test('a request that fails, or is given up, gives its connection to the next', async () => {
  const single = new Agent({ connections: 1 })
  const given = (): Promise<unknown> => by(single, 'http://silent', { signal: AbortSignal.timeout(300) })

  expect(await seenBy(() => endsOf(given, given))).toEqual([300, 300])
  expect(
    await seenBy(() =>
      endsOf(
        () => by(single, 'http://silent', { signal: AbortSignal.timeout(300) }),
        async () => {
          await sleep(100)
          return by(single, 'http://silent', { signal: AbortSignal.timeout(1_000) })
        },
      ),
    ),
  ).toEqual([300, 1_100])
})

test('an upgrade is refused by name', async () => {
  const upgrading = (): Promise<unknown> =>
    new Promise((_, reject) => {
      own.dispatch(
        { origin: 'http://shop', path: '/', method: 'GET', upgrade: 'websocket' },
        { onRequestStart: () => undefined, onResponseError: (_controller, error) => reject(error) },
      )
    })

  await expect(play({ nodes }, upgrading)).rejects.toThrow('the upgrade of a connection, as a WebSocket makes it')
})

const charge = op('charge', fc.uuid(), (id) => fetch('http://front/', { method: 'POST', body: id }))

/** A front that charges through a dispatcher that sends again what failed; the bank counts by id, or does not. */
async function retrying(bankKnowsIds: boolean): Promise<Assessment> {
  const charged = journal<string>('charged')
  const retry: Dispatcher = {
    dispatch: (options, handler) => {
      let left = 2
      const again = (...args: unknown[]): unknown => {
        left -= 1
        const fail = handler['onResponseError'] ?? handler['onError']
        return left > 0 ? own.dispatch(options, guarded) : fail?.apply(handler, args)
      }
      const guarded: Handlers = new Proxy(handler, {
        get: (target, name, receiver) =>
          name === 'onResponseError' || name === 'onError' ? again : bound(Reflect.get(target, name, receiver), target),
      })
      return own.dispatch(options, guarded)
    },
  }
  return assess(
    {
      nodes: {
        front: serve(() => async (request) => {
          const url = `http://bank/${await request.text()}` // a body could be sent only once
          const answer = await by(retry, url, { method: 'POST' }).catch(() => undefined)
          return new Response(null, { status: answer?.ok === true ? 200 : 503 })
        }),
        bank: serve(() => {
          const known = new Set<string>()
          return (request) => {
            const id = new URL(request.url).pathname.slice(1)
            if (!bankKnowsIds || !known.has(id)) charged.add(id)
            known.add(id)
            return new Response()
          }
        }),
      },
      operations: [charge],
      invariants: [
        exactlyOnce(
          charge.by((id) => id),
          charged.by((id) => id),
        ),
      ],
      tolerates: ['reset'],
    },
    { seed: 1, numRuns: 30 },
  )
}

function bound(value: unknown, target: object): unknown {
  return typeof value === 'function' ? (value.bind(target) as unknown) : value
}

test('what a dispatcher sends again is explored: a double charge is found, an idempotent bank holds', async () => {
  expect((await retrying(true)).kind).toBe('holds')
  expect((await retrying(false)).kind).toBe('violated')
})

test('a path is sent as it was given, and read as no URL', async () => {
  const tells = serve(() => (request: IncomingMessage, response: ServerResponse) => void response.end(request.url))
  const ask = async (path: string, query?: object): Promise<string> =>
    (await own.request({ origin: 'http://shop', path, method: 'GET', query })).body.text()
  const client = (): Promise<string[]> =>
    Promise.all([ask('//bank/a/../b'), ask('/%7Ea?'), ask('/', { a: ['1 2', '3'] }), ask('http://bank/a')])
  const { seen } = await rehearse({ nodes: { ...nodes, shop: tells } }, client)
  expect(seen).toEqual(['//bank/a/../b', '/%7Ea?', '/?a=1%202&a=3', 'http://bank/a'])
})
