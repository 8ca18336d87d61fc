// Limits on the steps of a request, from the lookup of a name to the last byte of an answer: whether each strikes, and
// what its client says then, is what it is over a real loopback socket, in virtual time.
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import axios from 'axios'
import * as fc from 'fast-check'
import got, { type OptionsInit } from 'got'
import superagent from 'superagent'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listed, op, serve, simulate, sometimes, type Address, type Fault, type System } from 'two-generals'
import { play } from '../../../src/conformance/rehearse.ts'
import { rootOf } from '../../address-of.ts'
import { outcome } from './outcome.ts'

/** In milliseconds: the limit of each client, and how long is looked whether it strikes. */
const [limitMs, watchedMs] = [300, 1_000]

const limits = ['lookup', 'connect', 'secureConnect', 'socket', 'send', 'response', 'read', 'request'] as const

const pieces = async function* (): AsyncGenerator<string> {
  yield 'one'
  await new Promise((resolve) => setTimeout(resolve, 2 * watchedMs))
}

const never = (): void => undefined

const asked = (limit: string, more: OptionsInit = {}): OptionsInit => ({
  retry: { limit: 0 },
  timeout: { [limit]: limitMs },
  https: { rejectUnauthorized: false },
  ...more,
})

type Client = (url: string) => Promise<unknown>

const gots = (more: OptionsInit = {}): Readonly<Record<string, Client>> =>
  Object.fromEntries(limits.map((limit) => [`got's ${limit}`, (url: string) => got(url, asked(limit, more)).text()]))

function get(
  url: string,
  options: http.RequestOptions,
  begun: (request: http.ClientRequest) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? https : http).get(url, options, (answer) =>
      answer.on('end', () => resolve('answered')).resume(),
    )
    request.on('timeout', () => request.destroy(new Error('timed out')))
    request.on('error', reject)
    begun(request)
  })
}

const clients: Readonly<Record<string, Client>> = {
  ...gots(),
  "node:http's option": (url) => get(url, { timeout: limitMs }, never),
  "node:http's setTimeout": (url) => get(url, {}, (request) => request.setTimeout(limitMs)),
  axios: (url) => axios.get(url, { timeout: limitMs }),
  'superagent on the answer': (url) => superagent.get(url).timeout({ response: limitMs }),
}

/** Where the client is held up. */
interface Way {
  readonly clients: typeof clients
  readonly scheme: 'http' | 'https'
  readonly handle: RequestListener
  /** In a simulation. */
  readonly fault?: (at: Address) => Fault
  /** Of a real server. @default that of `handle` */
  readonly port?: () => number
}

const answers: RequestListener = (_, response) => void response.end('good')

const ways: Readonly<Record<string, Way>> = {
  'a lookup that never ends': { clients: gots({ dnsLookup: never }), scheme: 'http', handle: answers },
  'a connection that never comes about': {
    clients: { ...clients, 'got, which sends': (url) => got.post(url, asked('connect', { json: { a: 1 } })) },
    scheme: 'http',
    handle: answers,
    fault: (at) => ({ kind: 'unreachable', at }),
    port: () => fullPort,
  },
  'a handshake that never ends': {
    clients,
    scheme: 'https',
    handle: answers,
    fault: (at) => ({ kind: 'hang', at }),
    port: () => silentPort,
  },
  'an upload that never ends': {
    clients: Object.fromEntries(
      limits.map((limit) => [
        `got's ${limit}`,
        (url: string) => got.post(url, asked(limit, { body: Readable.from(pieces()) })).text(),
      ]),
    ),
    scheme: 'http',
    handle: (request, response) => request.on('end', () => response.end()).resume(),
  },
  'an answer that never begins': { clients, scheme: 'http', handle: (_, response) => void response.getHeaders() },
  'an answer that never ends': { clients, scheme: 'http', handle: (_, response) => void response.write('go') },
  'an answer at once': { clients, scheme: 'http', handle: answers },
}

const ended = (call: Promise<unknown>): Promise<object> =>
  Promise.race([
    outcome(call.then(() => 'answered')),
    new Promise<object>((resolve) => setTimeout(() => resolve({ given: 'nothing' }), watchedMs)),
  ])

/** What each client came to over a real socket. */
const real = new Map<Way, ReadonlyMap<string, object>>()
let fullPort = 0
let silentPort = 0
const closing: (() => unknown)[] = []

beforeAll(async () => {
  fullPort = await portThatTakesNobody()
  silentPort = await listening(net.createServer(never))
  // All at the same time: each takes as long as it is watched
  await Promise.all(Object.values(ways).map(async (way) => real.set(way, await really(way))))
})

afterAll(async () => {
  // What is still held up would stand in the pools of all other tests
  for (const { globalAgent } of [http, https]) globalAgent.destroy()
  await Promise.all(closing.map((close) => close()))
})

function listening(server: net.Server): Promise<number> {
  const sockets: net.Socket[] = []
  server.on('connection', (socket: net.Socket) => sockets.push(socket.on('error', never)))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

/** Its thread stands still, and its queue is full: the system drops whatever asks for a connection. */
async function portThatTakesNobody(): Promise<number> {
  const thread = new Worker(
    `const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 10)
    })`,
    { eval: true },
  )
  const port = await new Promise<number>((resolve) => thread.once('message', resolve))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const queued = [1, 2, 3, 4].map(() => net.connect(port, '127.0.0.1').on('error', never))
  await new Promise((resolve) => setTimeout(resolve, 50))
  closing.push(() => {
    for (const socket of queued) socket.destroy()
    return thread.terminate()
  })
  return port
}

async function really(way: Way): Promise<ReadonlyMap<string, object>> {
  const port = way.port?.() ?? (await listening(http.createServer(way.handle)))
  const all = Object.entries(way.clients).map(async ([name, client]) => {
    return [name, await ended(client(`${way.scheme}://localhost:${port}/`))] as const
  })
  return new Map(await Promise.all(all))
}

async function simulated(client: Client, { scheme, handle, fault }: Way, method: string): Promise<object | undefined> {
  let seen: object | undefined
  const go = op('go', fc.constant('once'), async () => {
    const beganMs = Date.now()
    seen = await ended(client(`${scheme}://localhost/`))
    if (!('given' in seen)) expect(Date.now() - beganMs).toBe(limitMs)
  })
  const system: System = {
    nodes: { shop: serve(() => handle, { at: `${scheme}://localhost` }) },
    operations: [go],
    invariants: [sometimes('ran', () => true)],
  }
  const address = { path: [], from: 'client', to: 'shop', operation: `${method} /`, leg: 'request', nth: 1 } as const
  const plan = listed(fault === undefined ? [] : [fault({ root: rootOf('go#0'), ...address })])
  const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] }
  await simulate(system, { workload, plan, seed: 1 })
  return seen
}

describe.each(Object.entries(ways))('%s', (_, way) => {
  test.each(Object.entries(way.clients))('%s', async (name, client) => {
    const method = String(client).includes('post') ? 'POST' : 'GET'
    expect(await simulated(client, way, method)).toEqual(real.get(way)?.get(name))
  })
})

test('what is written to a socket before it is connected is sent once, and in its order', async () => {
  const tells: RequestListener = (request, response) => void text(request).then((body) => response.end(body))
  const ask = (origin: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-length': 9 }
      const request = http.request(origin, { method: 'POST', headers, agent: false }, (answer) => {
        text(answer).then(resolve, reject)
      })
      request.on('error', reject)
      request.on('socket', (socket) => {
        socket.on('connect', () => request.write('two', () => request.end('six')))
        request.write('one')
      })
    })
  const port = await listening(http.createServer(tells))
  const { seen } = await play({ nodes: { shop: serve(() => tells) } }, () => ask('http://shop/'))
  expect([seen, await ask(`http://127.0.0.1:${port}/`)]).toEqual(['onetwosix', 'onetwosix'])
})
