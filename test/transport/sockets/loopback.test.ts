// Each client against each way in which a connection can fail, beside the same client and server over a real loopback
// socket: what it throws, or gives, is the same.
import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { listed, op, serve, simulate, sometimes, type Address, type Fault, type System } from 'two-generals'
import { rootOf } from '../../address-of.ts'
import { full } from '../../full.ts'
import { httpClients } from './http-clients.ts'
import { outcome } from './outcome.ts'
import { selfSigned } from './self-signed.ts'

/** What a server does with a request, by its path. */
const ways: Readonly<Record<string, (request: http.IncomingMessage, response: http.ServerResponse) => void>> = {
  answers: (_, response) => void response.writeHead(201, { 'content-type': 'text/plain' }).end('good'),
  'answers in pieces': (_, response) => {
    response.write('one ')
    setTimeout(() => response.end('two'), 50)
  },
  'says 500': (_, response) => void response.writeHead(500, { 'content-type': 'text/plain' }).end('bad'),
  'says 404': (_, response) => void response.writeHead(404).end(),
  'never answers': () => undefined,
  'stops in the body': (_, response) => halfBody(response),
  closes: ({ socket }) => void socket.destroy(),
  resets: ({ socket }) => reset(socket),
  'closes in the body': ({ socket }, response) => {
    halfBody(response)
    setTimeout(() => socket.destroy(), 50)
  },
  'resets in the body': ({ socket }, response) => {
    halfBody(response)
    setTimeout(() => reset(socket), 50)
  },
}

/** The sockets of TCP below those of TLS, which cannot be reset themselves, by their ports. */
const below = new Map<number | undefined, net.Socket>()

function reset(socket: net.Socket): void {
  const plain = below.get(socket.remotePort)
  if (plain === undefined) socket.resetAndDestroy()
  else plain.resetAndDestroy()
}

function halfBody(response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '10' })
  response.write('half ')
}

/** What a network does, by a fault here and by a closed port there. */
const refused = 'refuses'

/** By a fault here, and by a resolver that fails there. */
const unresolved = { 'cannot-be-found': ['ENOTFOUND', -3008], 'cannot-be-resolved': ['EAI_AGAIN', -3001] } as const
const ofNetwork: Readonly<Record<string, (at: Address) => Fault>> = {
  [refused]: (at) => ({ kind: 'refuse', at }),
  'cannot-be-found': (at) => ({ kind: 'lookup', at }),
  'never-connects': (at) => ({ kind: 'unreachable', at }),
  'cannot-be-resolved': (at) => ({ kind: 'lookup', at, code: 'EAI_AGAIN' }),
}

function handle(request: http.IncomingMessage, response: http.ServerResponse): void {
  request.resume()
  request.on('end', () => ways[decodeURIComponent(request.url?.slice(1) ?? '')]?.(request, response))
}

function isOneOf<T extends object>(known: T, way: string): way is string & keyof T {
  return Object.hasOwn(known, way)
}

const schemes = ['http', 'https'] as const
type Scheme = (typeof schemes)[number]

const servers: http.Server[] = []
const ports = new Map<Scheme, number>()
let closedPort = 0

beforeAll(async () => {
  for (const scheme of schemes) {
    const server = scheme === 'http' ? http.createServer(handle) : https.createServer(selfSigned(), handle)
    servers.push(server)
    if (scheme === 'https') server.on('connection', (plain: net.Socket) => below.set(plain.remotePort, plain))
    ports.set(scheme, await listening(server))
  }
  const other = net.createServer()
  closedPort = await listening(other)
  other.close()
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0') // nobody knows who signed it
})

afterAll(() => {
  vi.unstubAllEnvs()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

function listening(one: net.Server): Promise<number> {
  return new Promise((resolve) => one.listen(0, '127.0.0.1', () => resolve((one.address() as AddressInfo).port)))
}

type Client = (typeof httpClients)[string]

async function really(client: Client, scheme: Scheme, way: string): Promise<object> {
  if (way in ofNetwork && way !== refused) {
    const [code, errno] = isOneOf(unresolved, way) ? unresolved[way] : []
    const resolver = vi.spyOn(dns, 'lookup').mockImplementation((host: string, ...rest: readonly unknown[]) => {
      if (code === undefined) return // silence, as of a connection that does not come about
      const fields = { errno, code, syscall: 'getaddrinfo', hostname: host }
      process.nextTick(rest.at(-1) as () => void, Object.assign(new Error(`getaddrinfo ${code} ${host}`), fields))
    })
    const seen = await outcome(client(`${scheme}://shop/${encodeURIComponent(way)}`, { a: 1 }))
    resolver.mockRestore()
    return seen
  }
  const port = way === refused ? closedPort : ports.get(scheme)
  return outcome(client(`${scheme}://127.0.0.1:${port}/${encodeURIComponent(way)}`, { a: 1 }))
}

async function simulated(client: Client, scheme: Scheme, way: string): Promise<object | undefined> {
  let seen: object | undefined
  const go = op('go', fc.constant('once'), async () => {
    seen = await outcome(client(`${scheme}://shop/${encodeURIComponent(way)}`, { a: 1 }))
  })
  const system: System = {
    nodes: { shop: serve(() => handle, { at: `${scheme}://shop` }) },
    operations: [go],
    invariants: [sometimes('ran', () => true)],
  }
  const operation = `POST /${way}`
  const at = { root: rootOf('go#0'), path: [], from: 'client', to: 'shop', operation, leg: 'request', nth: 1 } as const
  const fault = ofNetwork[way]?.(at)
  const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] }
  await simulate(system, { workload, plan: listed(fault === undefined ? [] : [fault]), seed: 1 })
  return seen
}

/** In `npm test`, over http, the ways that differ most. */
const quick: Set<string> = new Set(['answers', 'closes', 'resets in the body', ...Object.keys(ofNetwork)])
quick.delete('never-connects') // that takes undici ten real seconds

describe.each(schemes)('%s', (scheme) => {
  describe.each(Object.entries(httpClients))('%s', (_, client) => {
    const all = [...Object.keys(ways), ...Object.keys(ofNetwork)]
    const asked = full ? all : scheme === 'http' ? all.filter((way) => quick.has(way)) : ['answers']
    test.each(asked)('a server that %s', async (way) => {
      expect(await simulated(client, scheme, way)).toEqual(await really(client, scheme, way))
    })
  })
})
