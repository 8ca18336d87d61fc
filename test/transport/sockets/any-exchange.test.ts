// Any exchange of HTTP/1.1, drawn at random: what its server gets and what its client gets over simulated sockets is
// what they get over a real loopback socket.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from 'two-generals'
import { play } from '../../../src/conformance/rehearse.ts'

/** The fields of one connection: how a body is framed, and how long the connection is kept. No message has them. */
const framing: ReadonlySet<string> = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding'])
/** Of the server's own clock. */
const ofClock: ReadonlySet<string> = new Set(['date'])

/** Node's clients write their bodies without a frame, unless they have a length. */
const unframed: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'TRACE'])

type Fields = Readonly<Record<string, string | string[]>>

interface Exchange {
  readonly method: string
  readonly target: string
  readonly fields: Fields
  readonly pieces: readonly string[]
  /** Whether the client says how long its body is. */
  readonly isMeasured: boolean
  readonly trailers: Fields
  readonly answer: {
    readonly status: number
    readonly reason: string | undefined
    readonly fields: Fields
    readonly pieces: readonly string[]
    readonly isMeasured: boolean
    readonly trailers: Fields
  }
}

const characters = (from: number, to: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.integer({ min: from, max: to }).map((code) => String.fromCharCode(code)), maxLength: 12 })

const segment = fc.oneof(
  fc.constantFrom('', '.', '..', 'a', '%2F', '%2e%2e', '%', '%zz', '%C3%A9', ':', '@', '\\', ';v=1', 'http:', '|', '~'),
  characters(0x21, 0x7e),
)
const path = fc.array(segment, { maxLength: 4 }).map((all) => `/${all.join('/')}`)
const query = fc.oneof(fc.constantFrom('', '?', '?a=1&a=2', '?a[]=%20+', '?/../?#', '#x'), characters(0x21, 0x7e))
const target = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(path, query).map(([before, after]) => before + after) },
  { weight: 2, arbitrary: characters(0x21, 0xff).map((text) => `/${text}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('*', '?', '?x', 'x', '#x', 'http://shop/x', 'http://bank', 'http:///x', 'ftp://x/?y'),
  },
)

const value = fc.oneof(
  fc.oneof(characters(0x20, 0x7e), characters(0xa0, 0xff)),
  fc.constantFrom('', ' ', '\t', 'a, b', ' a', 'a ', '"a"'),
)
const name = fc.oneof(
  fc.constantFrom('Accept', 'authorization', 'content-type', 'Cookie', 'etag', 'location', 'referer', 'set-cookie'),
  fc.constantFrom('user-agent', 'vary', 'VIA', 'X-A', 'x-forwarded-for', 'retry-after', 'age', "x!#$%&'*+.^_`|~"),
)
const fields = fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 })), { maxKeys: 4 })
/** A client refuses some of these values itself. */
const askedFields = fc.oneof(
  { weight: 9, arbitrary: fields },
  { weight: 1, arbitrary: fc.dictionary(name, characters(0, 0xff)) },
)
/** A body of which the length is said has none. */
const trailers = fc.dictionary(name, value, { maxKeys: 2 })
const pieces = fc.array(characters(0, 0xff), { maxLength: 3 })

const exchange: fc.Arbitrary<Exchange> = fc.record({
  method: fc.oneof(
    fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
    fc.constantFrom(...http.METHODS.filter((method) => method !== 'CONNECT')),
  ),
  target,
  fields: askedFields,
  pieces,
  isMeasured: fc.boolean(),
  trailers,
  answer: fc.record({
    status: fc.oneof(fc.constantFrom(200, 204, 205, 206, 304, 404, 500), fc.integer({ min: 200, max: 999 })),
    // Without one it is that of its status
    reason: value.map((text) => (text.trim() === '' ? undefined : text.trim())),
    fields,
    pieces,
    isMeasured: fc.boolean(),
    trailers,
  }),
})

const exchanges = fc.sample(exchange, { numRuns: 500, seed: 26 })

const bytesOf = (text: readonly string[]): Buffer => Buffer.from(text.join(''), 'latin1')

function without(own: ReadonlySet<string>, given: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(given).filter(([field]) => !own.has(field)))
}

function rawWithout(own: ReadonlySet<string>, raw: readonly string[]): readonly string[] {
  const names = raw.map((_, i) => raw[i - (i % 2)]?.toLowerCase() ?? '')
  return raw.filter((_, i) => !own.has(names[i] ?? ''))
}

async function read(message: http.IncomingMessage): Promise<string> {
  const all: Buffer[] = []
  for await (const piece of message) all.push(piece as Buffer)
  return Buffer.concat(all).toString('latin1')
}

/** What a client got, and what its server got. */
interface Outcome {
  readonly client: object
  readonly server: object | undefined
}

let asked: Exchange | undefined
let got: object | undefined

async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { method, url, httpVersion, headers, headersDistinct, rawHeaders } = request
  const body = await read(request)
  got = {
    asked: `${method} ${url} HTTP/${httpVersion}`,
    headers: without(framing, headers),
    distinct: without(framing, headersDistinct),
    raw: rawWithout(framing, rawHeaders).toSorted(),
    body,
    trailers: { ...request.trailers },
    rawTrailers: request.rawTrailers,
    isComplete: request.complete,
  }
  if (asked === undefined) throw new Error('nobody asked')
  const { status, reason, pieces: parts, fields: own, isMeasured, trailers: follow } = asked.answer
  const measured = isMeasured ? { 'content-length': bytesOf(parts).length } : {}
  response.writeHead(status, ...(reason === undefined ? [] : [reason]), { ...own, ...measured })
  for (const part of parts) response.write(bytesOf([part]))
  response.addTrailers(follow)
  response.end()
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

function go(one: Exchange, host: string, port: number, agent: http.Agent): Promise<Outcome> {
  asked = one
  got = undefined
  return new Promise((resolve) => {
    const ends = (client: object): void => resolve({ client, server: got })
    const failed = (error: unknown): void => ends({ error: codeOf(error) })
    const { method, target: asks, fields: own, pieces: parts, isMeasured, trailers: follow } = one
    const measured = isMeasured || unframed.has(method) ? { 'content-length': bytesOf(parts).length } : {}
    try {
      const headers = { host: 'shop', ...own, ...measured }
      const request = http.request({ host, port, agent, method, path: asks, headers }, (answer) => {
        const { statusCode, statusMessage, httpVersion, headers: theirs, headersDistinct, rawHeaders } = answer
        const skipped = new Set([...framing, ...ofClock])
        void read(answer).then((body) => {
          ends({
            answer: `HTTP/${httpVersion} ${statusCode} ${statusMessage}`,
            headers: without(skipped, theirs),
            distinct: without(skipped, headersDistinct),
            raw: rawWithout(skipped, rawHeaders),
            body,
            trailers: { ...answer.trailers },
            rawTrailers: answer.rawTrailers,
            isComplete: answer.complete,
          })
        }, failed)
      })
      request.on('error', failed)
      for (const part of parts) request.write(bytesOf([part]))
      request.addTrailers(follow)
      request.end()
    } catch (error) {
      failed(error)
    }
  })
}

async function all(host: string, port: number): Promise<readonly Outcome[]> {
  const agent = new http.Agent({ keepAlive: true })
  const outcomes: Outcome[] = []
  for (const one of exchanges) outcomes.push(await go(one, host, port, agent))
  agent.destroy()
  return outcomes
}

const listener = (request: http.IncomingMessage, response: http.ServerResponse): void => void handle(request, response)
const server = http.createServer(listener)
let realPort = 0

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  realPort = (server.address() as AddressInfo).port // of a server that listens on a port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('any exchange is what it is over a real socket', async () => {
  const { seen } = await play({ nodes: { shop: serve(() => listener) } }, () => all('shop', 80))
  const real = await all('127.0.0.1', realPort)
  const simulated = seen as readonly Outcome[] // as `all` gives them
  expect(real.filter(({ server: asks }) => asks !== undefined).length).toBeGreaterThan(300) // others are bad requests
  for (const [i, one] of exchanges.entries()) expect({ one, ...simulated[i] }).toEqual({ one, ...real[i] })
})

test('a whole URL is asked of the node that it is sent to, and else of where it leads, as by a proxy', async () => {
  const tells: http.RequestListener = (request, response) => void response.end(`${request.headers.host} ${request.url}`)
  const get = (host: string, path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { host: 'bank' }
      http.get({ host, path, headers, agent: false }, (answer) => void read(answer).then(resolve)).on('error', reject)
    })
  const nodes = { shop: serve(() => tells), bank: serve(() => tells) }
  const { seen } = await play({ nodes }, () =>
    Promise.all([get('shop', 'http://bank/a/../b'), get('proxy', 'http://bank/a'), get('shop', '//bank/a')]),
  )
  expect(seen).toEqual(['bank http://bank/a/../b', 'bank /a', 'bank //bank/a'])
})
