// One suite for every transport of `fetch`: "a transport behaves as the platform does". The same client and the same
// handlers run over the transport and, outside of any simulation, over node:http on 127.0.0.1; what the client observes
// must be equal. No case here says what is right: the platform does. (Not compared: what Node adds by itself, such as
// `date` or `user-agent`; see `added`.)
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { historyBytes, noFaults, noHang, op, simulate, type History, type System } from '../../src/index.ts'
import { outcomeOf } from '../../src/system/operation.ts'

export type Handler = (request: Request) => Response | Promise<Response>

/** Where the two servers answer. They differ in origin. */
export interface Origins {
  readonly shop: string
  readonly bank: string
}

/** A client, and the servers it calls. */
export interface Scene {
  readonly shop: Handler
  readonly bank: Handler
  readonly client: (at: Origins) => unknown
}

/** Carries out a scene and gives what its client returned. */
export type Stage = (scene: Scene) => Promise<unknown>

/** The suite. `stage` carries out scenes over the transport. */
export function transportConformance(name: string, stage: Stage): void {
  describe(`${name}, as the platform`, () => {
    const real = realStage()
    for (const [title, client, shop = echo] of cases) {
      test.skipIf(mended(title))(title, async () => {
        const scene: Scene = { client, shop, bank: byQuery }
        if (!byPlatform.has(title)) byPlatform.set(title, await real(scene))
        const expected = byPlatform.get(title)
        expect(expected, 'the case itself observes nothing').toBeDefined()
        expect(await stage(scene)).toEqual(expected)
      })
    }
  })
}

/** What the platform did, by case: it does the same for every transport in one file. */
const byPlatform = new Map<string, unknown>()

/**
 * What Node 22's undici does wrong, and later ones mended. A history has the same bytes on every Node, so the mended
 * way is simulated on all of them, and here there is nothing to compare with: bytes without a type cannot be sent again
 * after a redirect; an abort after a whole reply leaves the body unread.
 */
function mended(title: string): boolean {
  return (
    Number.parseInt(process.versions.node) < 24 &&
    (/^redirect: 30[1278] of bytes$/.test(title) ||
      [
        'abort: after a whole reply, before the body is read',
        'abort: after a whole reply; the body is read twice, and looked at',
      ].includes(title))
  )
}

// A history of one client, for this suite and the tests beside it.

/** The parts of a system that a test of transports cares for. */
export type Bare = Partial<System> & Pick<System, 'nodes'>

/**
 * Runs `client` as the only operation, twice, asserts that the histories are equal bytes, and gives what the client
 * returned last.
 */
export async function rehearse(
  system: Bare,
  client: () => unknown,
): Promise<{ readonly seen: unknown; readonly history: History }> {
  const first = await play(system, client)
  const second = await play(system, client)
  expect(historyBytes(second.history)).toBe(historyBytes(first.history))
  expect(second.seen).toEqual(first.seen)
  return second
}

/** Runs `client` as the only operation of one history; an error it throws is thrown here. */
export async function play(
  system: Bare,
  client: () => unknown,
): Promise<{ readonly seen: unknown; readonly history: History }> {
  let ended: { readonly seen: unknown } | { readonly error: unknown } | undefined
  const act = op(
    'act',
    fc.constant(null),
    async () => {
      try {
        const seen = await client()
        ended = { seen }
        return seen
      } catch (error) {
        ended = { error }
        throw error
      }
    },
    { outcome: outcomeOf },
  )
  const invocations = [{ id: 0, operation: 'act', client: 0, afterMs: 0, input: null }]
  const history = await simulate(
    { operations: [act], invariants: [noHang()], ...system },
    { workload: { invocations }, plan: noFaults, seed: 1 },
  )
  if (ended === undefined) throw new Error('The client did not come to an end')
  if ('error' in ended) throw ended.error
  return { seen: ended.seen, history }
}

/** Stands for whatever a client awaits that may fail: what it gave, or what its error looks like. */
export async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return { gave: await work() }
  } catch (error) {
    return { threw: looks(error) }
  }
}

/** What it gave, or the class of what it threw alone. */
async function failing(work: () => unknown): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    return error instanceof Error ? [error.name, error.message] : error
  }
}

/** Classes, codes and the platform's own short messages; engine text is left out. */
function looks(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: error }
  const said = ['fetch failed', 'terminated', 'unexpected redirect', 'redirect count exceeded'].includes(error.message)
    ? { message: error.message }
    : {}
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const type =
    error instanceof TypeError
      ? 'TypeError'
      : error instanceof DOMException
        ? 'DOMException'
        : error instanceof SyntaxError
          ? 'SyntaxError'
          : 'Error'
  return {
    type,
    name: error.name,
    ...said,
    ...code,
    ...(error.cause === undefined ? {} : { cause: looks(error.cause) }),
  }
}

/** Headers that Node adds by itself, with the values it gives them (any, where none stand here). */
const added: Readonly<Record<string, readonly string[]>> = {
  accept: ['*/*'],
  'cache-control': ['no-cache'],
  pragma: ['no-cache'],
  'accept-encoding': ['gzip, deflate', 'br, gzip, deflate', 'gzip, deflate, br, zstd'],
  'accept-language': ['*'],
  connection: [],
  'content-length': [],
  date: [],
  host: [],
  'keep-alive': [],
  'sec-fetch-mode': [],
  'transfer-encoding': [],
  'user-agent': ['node'],
}

/** Headers as their sender gave them. */
export function given(headers: Headers): [string, string][] {
  return ([...headers] as [string, string][]).filter(
    ([name, value]) => added[name] === undefined || (added[name].length > 0 && !added[name].includes(value)),
  )
}

/** All that a client sees of a response; reads its body. */
export async function look(response: Response): Promise<unknown> {
  const { status, ok, url, redirected, type } = response
  const before = response.bodyUsed
  return {
    status,
    ok,
    url,
    redirected,
    type,
    headers: given(response.headers),
    hasBody: response.body !== null,
    text: await response.text(),
    used: [before, response.bodyUsed],
  }
}

/** Answers with what it was sent. */
export const echo: Handler = async (request) => {
  const { pathname, search, hash } = new URL(request.url)
  const body = await request.arrayBuffer()
  return Response.json({
    method: request.method,
    path: pathname + search,
    hash,
    headers: given(request.headers),
    hex: Buffer.from(body).toString('hex'),
  })
}

// The platform.

/** Scenes over sockets. */
function realStage(): Stage {
  const servers: Server[] = []
  let scene: Scene | undefined
  const handle =
    (name: 'shop' | 'bank'): Handler =>
    (request) => {
      if (scene === undefined) throw new Error('no scene is on')
      return scene[name](request)
    }
  beforeAll(async () => {
    for (const name of ['shop', 'bank'] as const) {
      const server = createServer((incoming, outgoing) => void serveReal(handle(name), incoming, outgoing))
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve)
      })
      servers.push(server)
    }
  })
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })
  return async (next) => {
    scene = next
    // Listening on a port
    const [shop = '', bank = ''] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    return renamed(await next.client({ shop, bank }), { [shop]: 'http://shop', [bank]: 'http://bank' })
  }
}

/** Plain data with other origins in it. */
function renamed(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string')
    return Object.entries(names).reduce((text, [from, to]) => text.replaceAll(from, to), value)
  if (Array.isArray(value)) return value.map((item) => renamed(item, names))
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, names)]))
}

async function serveReal(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array) // no encoding is set
  const { method = 'GET', url = '/', headers } = incoming
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  const body =
    method === 'GET' || method === 'HEAD' || (chunks.length === 0 && headers['content-type'] === undefined)
      ? null
      : Buffer.concat(chunks)
  try {
    const response = await handler(new Request(`http://${headers.host ?? ''}${url}`, { method, headers: pairs, body }))
    outgoing.writeHead(response.status, response.statusText, [...response.headers].flat())
    outgoing.flushHeaders()
    for await (const chunk of response.body ?? []) outgoing.write(chunk)
    outgoing.end()
  } catch {
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(500).end()
  }
}

// The cases: a title, a client, and the shop where it is not an echo.

type Case = readonly [title: string, client: (at: Origins) => unknown, shop?: Handler]

const post = (url: string, init: RequestInit = {}): Promise<Response> => fetch(url, { method: 'POST', ...init })
const echoed = async (response: Promise<Response>): Promise<unknown> => (await response).json()
/** Sends a body and gives what arrived. */
const sends =
  (body: () => RequestInit['body'], init: RequestInit = {}): Case[1] =>
  ({ shop }) =>
    outcome(() => echoed(post(shop, { body: body() ?? null, ...init })))
const asks =
  (init: object, path = '/'): Case[1] =>
  ({ shop }) =>
    outcome(() => echoed(fetch(shop + path, init)))
const file = (): Blob => new Blob(['a,b\r\n', new Uint8Array([0, 255])], { type: 'text/csv' })
const streamOf = (...pieces: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
      controller.close()
    },
  })
const half = { duplex: 'half' } as RequestInit // missing in lib.dom

const requests: readonly Case[] = [
  ['GET', ({ shop }) => echoed(fetch(shop))],
  ['path, query and escapes', ({ shop }) => echoed(fetch(`${shop}/a b/%7Eü/../c?x=1&y=a+b%20c&z=ü#part`))],
  ['a fragment stays with the client', async ({ shop }) => look(await fetch(`${shop}/p#part`))],
  ['a URL object', ({ shop }) => echoed(fetch(new URL('/x?y', shop)))],
  ['anything that turns into a URL', ({ shop }) => echoed(fetch({ toString: () => `${shop}/s` } as URL))],
  ['no URL at all', () => outcome(() => (fetch as () => Promise<Response>)())],
  ['a relative URL', () => outcome(() => fetch('/orders'))],
  ['an invalid URL', () => outcome(() => fetch('http://'))],
  ['a scheme nobody knows', () => outcome(() => fetch('gopher://shop/'))],
  ['a data URL', async () => look(await fetch('data:text/plain,hello'))],
  ['user and password in the URL', ({ shop }) => outcome(() => fetch(shop.replace('//', '//me:secret@')))],
  ['a password alone in the URL', ({ shop }) => outcome(() => fetch(shop.replace('//', '//:secret@')))],
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', 'post', 'delete', 'PROPFIND'].map((method): Case => [
    `method ${method}`,
    asks({ method }),
  ]),
  ...['CONNECT', 'TRACE', 'trace', 'a b', ''].map((method): Case => [
    `method "${method}" is refused`,
    asks({ method }),
  ]),
  ['GET with a body', asks({ body: 'x' })],
  ['HEAD with a body', asks({ method: 'HEAD', body: 'x' })],
  ['GET with a body of null', asks({ body: null })],
  ['DELETE with a body', asks({ method: 'DELETE', body: 'x' })],
  ...Object.entries({
    redirect: 'sideways',
    mode: 'navigate',
    credentials: 'some',
    cache: 'cold',
    signal: {},
    headers: null,
    window: {},
    duplex: 'full',
    integrity: 7,
    keepalive: 1,
    referrer: 'http://',
    referrerPolicy: 'never',
    priority: 'utmost',
  }).map(([key, value]): Case => [`init with ${key}: ${JSON.stringify(value)}`, asks({ [key]: value })]),
  ...Object.entries({
    redirect: undefined,
    mode: 'cors',
    credentials: 'include',
    cache: 'no-store',
    signal: null,
    headers: undefined,
    method: undefined,
    body: undefined,
    nonsense: 1,
  }).map(([key, value]): Case => [`init with ${key}: ${String(value)}`, asks({ [key]: value })]),
  ['init of null', ({ shop }) => outcome(() => echoed(fetch(shop, null as never)))],
  ['init that is a number', ({ shop }) => outcome(() => echoed(fetch(shop, 3 as never)))],
  ['headers of an object', asks({ headers: { 'X-One': ' 1 ', 'x-two': '2' } })],
  [
    'headers of pairs, one twice',
    asks({
      headers: [
        ['x-one', '1'],
        ['X-ONE', '2'],
      ],
    }),
  ],
  ['headers of Headers', asks({ headers: new Headers({ 'X-One': 'ä' }) })],
  ['headers of a Map', asks({ headers: new Map([['x-one', '1']]) })],
  ['headers that are no pairs', asks({ headers: [['x-one']] })],
  ['a header with an invalid name', asks({ headers: { 'x one': '1' } })],
  ['a header with a line break', asks({ headers: { 'x-one': '1\n2' } })],
  ['a header beyond latin1', asks({ headers: { 'x-one': '€' } })],
  ['accept and user-agent of its own', asks({ headers: { accept: 'text/plain', 'user-agent': 'shop/1' } })],
]

const requestBodies: readonly Case[] = [
  ['text', sends(() => 'a ü € 😀')],
  ['text with a lone surrogate', sends(() => 'a\ud800b')],
  ['text with a byte order mark', sends(() => '\ufeffx')],
  ['empty text', sends(() => '')],
  ['no body', sends(() => null)],
  ['text with a type of its own', sends(() => '{}', { headers: { 'Content-Type': 'application/json' } })],
  ['a number', sends(() => 5 as never)],
  ['a plain object', sends(() => ({ a: 1 }) as never)],
  ['URLSearchParams', sends(() => new URLSearchParams({ 'a[b]': '1 2', c: 'ü' }))],
  [
    'URLSearchParams with a type of its own',
    sends(() => new URLSearchParams({ a: '1' }), { headers: { 'content-type': 'text/x' } }),
  ],
  ['ArrayBuffer', sends(() => new Uint8Array([0, 1, 255, 128]).buffer)],
  ['Uint8Array, a view in the middle', sends(() => new Uint8Array([9, 0, 1, 255, 9]).subarray(1, 4))],
  ['bytes that are text', sends(() => new TextEncoder().encode('plain'))],
  ['Buffer', sends(() => Buffer.from('pooled'))],
  ['Uint16Array', sends(() => new Uint16Array([1, 258]))],
  ['DataView', sends(() => new DataView(new Uint8Array([7, 8, 9]).buffer, 1))],
  ['Blob with a type', sends(file)],
  ['Blob without a type, of text', sends(() => new Blob(['plain']))],
  ['an empty Blob', sends(() => new Blob([]))],
  ['a stream', sends(() => streamOf('one,', 'two'), half)],
  ['a stream without duplex', sends(() => streamOf('one'))],
  ['an empty stream', sends(() => streamOf(), half)],
  [
    'an async generator',
    sends(
      () =>
        (async function* pieces() {
          yield new TextEncoder().encode('gen')
        })() as never,
      half,
    ),
  ],
  [
    'a stream that was read',
    sends(() => {
      const used = streamOf('x')
      void used.getReader().read()
      return used
    }, half),
  ],
  [
    'a stream of strings',
    sends(
      () =>
        new ReadableStream({
          start(c) {
            c.enqueue('text')
            c.close()
          },
        }),
      half,
    ),
  ],
  [
    'a stream that errors',
    ({ shop }) =>
      outcome(() =>
        post(shop, {
          ...half,
          body: new ReadableStream({
            pull(c) {
              c.error(new RangeError('mine'))
            },
          }),
        }),
      ),
  ],
  [
    'FormData, read as a form',
    async ({ shop }) => {
      const form = new FormData()
      form.append('a"b\r\n', 'one\ntwo')
      form.append('f', file(), 'ü".csv')
      form.append('g', new Blob(['x']))
      return echoed(post(shop, { body: form }))
    },
    formFacts,
  ],
  [
    'FormData beside other headers',
    ({ shop }) => {
      const form = new FormData()
      form.set('a', '1')
      return echoed(post(shop, { body: form, headers: { 'x-one': '1' } }))
    },
    formFacts,
  ],
  [
    'FormData over a Request with headers',
    ({ shop }) => {
      const form = new FormData()
      form.set('a', '1')
      return echoed(fetch(new Request(shop, { method: 'POST', headers: { 'x-one': '1' } }), { body: form }))
    },
    formFacts,
  ],
  [
    'a Request with FormData',
    ({ shop }) => {
      const form = new FormData()
      form.set('a', '1')
      form.set('f', file())
      return echoed(fetch(new Request(shop, { method: 'POST', body: form })))
    },
    formFacts,
  ],
  [
    '5 MB',
    async ({ shop }) => {
      const bytes = new Uint8Array(5_000_000).map((_, index) => (index * 7) % 256)
      const back = new Uint8Array(await (await post(shop, { body: bytes })).arrayBuffer())
      return { length: back.length, equal: Buffer.compare(back, bytes) === 0 }
    },
    async (request) => new Response(await request.arrayBuffer()),
  ],
  [
    'every byte there is',
    async ({ shop }) => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      return [...new Uint8Array(await (await post(shop, { body: bytes })).arrayBuffer())]
    },
    async (request) => new Response(await request.arrayBuffer()),
  ],
]

async function formFacts(request: Request): Promise<Response> {
  const type = (request.headers.get('content-type') ?? '').replace(/boundary=.*/, 'boundary')
  const facts: unknown[] = [type, request.headers.get('x-one')]
  for (const [name, value] of await request.formData()) {
    facts.push(
      typeof value === 'string'
        ? [name, value]
        : [name, value.name, value.type, Buffer.from(await value.arrayBuffer()).toString('hex')],
    )
  }
  return Response.json(facts)
}

const requestObjects: readonly Case[] = [
  [
    'a Request',
    ({ shop }) => echoed(fetch(new Request(`${shop}/r`, { method: 'PUT', body: 'x', headers: { 'x-one': '1' } }))),
  ],
  [
    'a Request with init over it',
    ({ shop }) =>
      echoed(
        fetch(new Request(shop, { method: 'PUT', body: 'x', headers: { 'x-one': '1' } }), {
          method: 'POST',
          body: 'y',
          headers: { 'x-two': '2' },
        }),
      ),
  ],
  [
    'a Request with other headers',
    ({ shop }) => echoed(fetch(new Request(shop, { method: 'PUT', body: 'x' }), { headers: { 'x-two': '2' } })),
  ],
  [
    'a Request with bytes',
    ({ shop }) => echoed(fetch(new Request(shop, { method: 'PUT', body: new TextEncoder().encode('plain') }))),
  ],
  [
    'a Request is used up',
    async ({ shop }) => {
      const request = new Request(shop, { method: 'PUT', body: 'x' })
      await fetch(request)
      return [request.bodyUsed, await outcome(() => fetch(request))]
    },
  ],
  [
    'a Request without a body may be sent twice',
    async ({ shop }) => {
      const request = new Request(shop)
      await fetch(request)
      return [request.bodyUsed, await outcome(() => echoed(fetch(request)))]
    },
  ],
  [
    'a clone of a Request',
    async ({ shop }) => {
      const request = new Request(shop, { method: 'PUT', body: 'x' })
      const clone = request.clone()
      return [await echoed(fetch(request)), await echoed(fetch(clone))]
    },
  ],
  [
    'a Request of class Request that was extended',
    ({ shop }) => echoed(fetch(new (class Mine extends Request {})(shop, { method: 'PUT', body: 'x' }))),
  ],
  [
    'a Request whose signal is aborted',
    ({ shop }) => outcome(() => fetch(new Request(shop, { signal: AbortSignal.abort(new RangeError('mine')) }))),
  ],
  [
    'a Request whose aborted signal is taken off',
    ({ shop }) => outcome(() => echoed(fetch(new Request(shop, { signal: AbortSignal.abort() }), { signal: null }))),
  ],
]

const answer =
  (...init: ConstructorParameters<typeof Response>): Handler =>
  () =>
    new Response(...init)
const seen: Case[1] = async ({ shop }) => look(await fetch(shop))
/** What a second use of a body gives after a first. */
const twice =
  (first: (r: Response) => unknown, second: (r: Response) => unknown): Case[1] =>
  async ({ shop }) => {
    const response = await fetch(shop)
    return [
      await outcome(() => first(response)),
      response.bodyUsed,
      await outcome(() => second(response)),
      response.bodyUsed,
    ]
  }
const readerNames = ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const

const responses: readonly Case[] = [
  ['text', seen, answer('a ü €')],
  ['json', seen, () => Response.json({ a: [1] }, { status: 201, headers: { 'x-one': '1' } })],
  ['nothing', seen, answer()],
  ['empty text', seen, answer('')],
  ['bytes', seen, answer(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]))],
  ['a stream', seen, () => new Response(streamOf('one,', 'two'))],
  ['an empty stream', seen, () => new Response(streamOf())],
  ['a Blob', seen, () => new Response(file())],
  ['URLSearchParams', seen, () => new Response(new URLSearchParams({ a: '1' }))],
  ...[
    ['gzip', gzipSync('plain')] as const,
    ['x-gzip', gzipSync('plain')] as const,
    ['deflate', deflateSync('plain')] as const,
    ['br', brotliCompressSync('plain')] as const,
    ['br, GZIP', gzipSync(brotliCompressSync('plain'))] as const,
    ['identity', Buffer.from('plain')] as const,
    ['gzip', gzipSync('plain').subarray(0, -8)] as const,
    ['gzip', Buffer.from('no gzip at all')] as const,
    ['gzip', Buffer.alloc(0)] as const,
  ].map(([coding, bytes]): Case => [
    `content-encoding: ${coding}, of ${bytes.toString('hex')}`,
    async ({ shop }) => {
      const response = await fetch(shop)
      return [response.headers.get('content-encoding'), await failing(() => response.text())]
    },
    answer(new Uint8Array(bytes), { headers: { 'content-encoding': coding } }),
  ]),
  [
    'content-encoding of a stream',
    seen,
    () =>
      new Response(streamOf('one,', 'two').pipeThrough(new CompressionStream('gzip') as never), {
        headers: { 'content-encoding': 'gzip' },
      }),
  ],
  [
    'content-encoding of HEAD',
    async ({ shop }) => look(await fetch(shop, { method: 'HEAD' })),
    answer(new Uint8Array(gzipSync('plain')), { headers: { 'content-encoding': 'gzip' } }),
  ],
  [
    'a status text of its own',
    async ({ shop }) => (await fetch(shop)).statusText,
    answer('', { status: 299, statusText: 'So So' }),
  ],
  ...[200, 202, 204, 205, 300, 304, 400, 404, 409, 418, 429, 500, 503, 599].map((status): Case => [
    `status ${status}`,
    seen,
    () => new Response(null, { status }),
  ]),
  ...[204, 304].map((status): Case => [
    `status ${status}, read twice`,
    twice(
      (r) => r.text(),
      (r) => r.text(),
    ),
    () => new Response(null, { status }),
  ]),
  ['HEAD has no body', async ({ shop }) => look(await fetch(shop, { method: 'HEAD' })), answer('body')],
  [
    'HEAD, read twice',
    async ({ shop }) => {
      const response = await fetch(shop, { method: 'HEAD' })
      return [await response.text(), response.bodyUsed, await outcome(() => response.text())]
    },
    answer('body'),
  ],
  [
    'cookies stay apart',
    async ({ shop }) => {
      const { headers } = await fetch(shop)
      return [headers.getSetCookie(), headers.get('set-cookie'), [...headers].filter(([name]) => name === 'set-cookie')]
    },
    answer(null, {
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2; Path=/'],
        ['x-one', '1'],
        ['x-one', '2'],
      ],
    }),
  ],
  [
    'headers of a response cannot be changed',
    async ({ shop }) => {
      const { headers } = await fetch(shop)
      return [
        await outcome(() => headers.set('x-one', '2')),
        await outcome(() => headers.append('x-two', '2')),
        await outcome(() => headers.delete('x-one')),
        given(headers),
      ]
    },
    answer(null, { headers: { 'x-one': '1' } }),
  ],
  [
    'a copy of the headers can',
    async ({ shop }) => {
      const copy = new Headers((await fetch(shop)).headers)
      copy.set('x-one', '2')
      return given(copy)
    },
    answer(null, { headers: { 'x-one': '1' } }),
  ],
  [
    'it is a Response',
    async ({ shop }) => {
      const response = await fetch(shop)
      return [
        response instanceof Response,
        response.constructor === Response,
        response.headers instanceof Headers,
        response.headers.constructor === Headers,
        Object.prototype.toString.call(response),
        response.body instanceof ReadableStream,
        Object.keys(response),
      ]
    },
  ],
  ...readerNames.slice(0, 4).flatMap((first) =>
    readerNames.map((second): Case => [
      `${first}() and then ${second}()`,
      twice(
        (r) => read(r, first),
        (r) => read(r, second),
      ),
      answer('{"a":1}'),
    ]),
  ),
  [
    'json() of no JSON',
    twice(
      (r) => r.json(),
      (r) => r.text(),
    ),
    answer('<html>'),
  ],
  [
    'json() of nothing',
    twice(
      (r) => r.json(),
      (r) => r.text(),
    ),
    answer(),
  ],
  [
    'json() after a byte order mark',
    twice(
      (r) => r.json(),
      (r) => r.text(),
    ),
    answer('\ufeff{"a":1}'),
  ],
  [
    'formData() of no form',
    twice(
      (r) => r.formData(),
      (r) => r.text(),
    ),
    answer('x'),
  ],
  [
    'formData() of a form',
    twice(
      async (r) => [...(await r.formData())],
      (r) => r.text(),
    ),
    () => new Response(new URLSearchParams({ a: '1' })),
  ],
  ...['text/plain', 'TEXT/HTML; charset="utf-8"', 'nonsense', 'a/b; q'].map((type): Case => [
    `blob() of ${type}`,
    async ({ shop }) => {
      const blob = await (await fetch(shop)).blob()
      return [blob.type, blob.size, blob instanceof Blob]
    },
    answer('x', { headers: { 'content-type': type } }),
  ]),
  ['blob() without a type', async ({ shop }) => (await (await fetch(shop)).blob()).type, answer(new Uint8Array(1))],
  [
    'clone() before a read',
    async ({ shop }) => {
      const response = await fetch(`${shop}/p`)
      const clone = response.clone()
      const second = clone.clone()
      return [await look(clone), await look(response), await look(second)]
    },
  ],
  [
    'clone() after a read',
    twice(
      (r) => r.text(),
      (r) => {
        r.clone()
      },
    ),
  ],
  [
    'clone() of a locked body',
    async ({ shop }) => {
      const response = await fetch(shop)
      response.body?.getReader()
      return [
        await outcome(() => {
          response.clone()
        }),
        await outcome(() => response.text()),
        response.bodyUsed,
      ]
    },
  ],
  [
    'clone() of nothing after a read',
    twice(
      (r) => r.text(),
      (r) => r.clone().text(),
    ),
    answer(null, { status: 204 }),
  ],
  [
    'clone() while a reader waits',
    async ({ shop }) => {
      const response = await fetch(shop)
      const text = response.text()
      return [
        response.bodyUsed,
        await outcome(() => {
          response.clone()
        }),
        await outcome(() => response.text()),
        await text,
      ]
    },
    answer('x'),
  ],
  [
    'body is one stream',
    async ({ shop }) => {
      const response = await fetch(shop)
      return [response.body === response.body, response.bodyUsed, await response.text(), response.bodyUsed]
    },
    answer('x'),
  ],
  [
    'body after a read',
    async ({ shop }) => {
      const response = await fetch(shop)
      await response.text()
      return [response.body === null, response.body?.locked, response.bodyUsed]
    },
    answer('x'),
  ],
  [
    'body by a reader',
    async ({ shop }) => {
      const response = await fetch(shop)
      const reader = response.body?.getReader()
      const parts: string[] = []
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
        parts.push(new TextDecoder().decode(part.value))
      return [parts.join(''), response.bodyUsed, await outcome(() => response.text())]
    },
    answer('a ü'),
  ],
  [
    'body by for await',
    async ({ shop }) => {
      const response = await fetch(shop)
      let text = ''
      for await (const part of response.body ?? []) text += new TextDecoder().decode(part)
      return [text, response.bodyUsed]
    },
    answer('abc'),
  ],
  [
    'body through a decoder',
    async ({ shop }) => {
      const stream = (await fetch(shop)).body?.pipeThrough(new TextDecoderStream())
      let text = ''
      for await (const part of stream ?? []) text += part
      return text
    },
    answer('abc'),
  ],
  [
    'body by two branches',
    async ({ shop }) => {
      const [one, two] = (await fetch(shop)).body?.tee() ?? []
      return [await new Response(one).text(), await new Response(two).text()]
    },
    answer('abc'),
  ],
  [
    'cancel of the body',
    async ({ shop }) => {
      const response = await fetch(shop)
      await response.body?.cancel()
      return [response.bodyUsed, await outcome(() => response.text())]
    },
    answer('abc'),
  ],
  [
    'new Response(r.body, r)',
    async ({ shop }) => {
      const response = await fetch(shop)
      const copy = new Response(response.body, response)
      copy.headers.set('x-two', '2')
      return [await look(copy), response.bodyUsed, await outcome(() => response.text())]
    },
    () => Response.json({ a: 1 }, { status: 203, statusText: 'Odd', headers: { 'x-one': '1' } }),
  ],
  [
    'a Response as a body of a request',
    async ({ shop, bank }) => echoed(post(bank, { body: (await fetch(shop)).body, ...half })),
    answer('relay'),
  ],
  [
    'a handler that throws',
    seen,
    () => {
      throw new Error('mine')
    },
  ],
  ['a handler that rejects', seen, () => Promise.reject(new Error('mine'))],
  [
    'a handler whose stream errors',
    async ({ shop }) => {
      const response = await fetch(shop)
      return [response.status, await outcome(() => response.text())]
    },
    () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            controller.enqueue(new TextEncoder().encode('one'))
            await new Promise((resolve) => {
              setTimeout(resolve, 30)
            })
            controller.error(new Error('mine'))
          },
        }),
      ),
  ],
  [
    'a handler whose stream errors at once',
    async ({ shop }) => {
      const response = await fetch(shop)
      return [response.status, await outcome(() => response.text())]
    },
    () =>
      new Response(
        new ReadableStream({
          start(c) {
            c.error(new Error('mine'))
          },
        }),
      ),
  ],
  ['pieces that take their time', seen, () => new Response(slowly('one,', 'two,', 'three'))],
  [
    'a status before its body',
    async ({ shop }) => {
      const response = await fetch(shop)
      return [response.status, gate.open(), await response.text()]
    },
    () => new Response(gate.stream()),
  ],
]

function read(response: Response, name: (typeof readerNames)[number]): unknown {
  return Promise.resolve<unknown>(response[name]()).then((value) =>
    typeof value === 'string'
      ? value
      : value instanceof ArrayBuffer
        ? value.byteLength
        : Object.prototype.toString.call(value),
  )
}

function slowly(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      for (const piece of pieces) {
        await new Promise((resolve) => {
          setTimeout(resolve, 5)
        })
        controller.enqueue(new TextEncoder().encode(piece))
      }
      controller.close()
    },
  })
}

/** A body that begins only when its client says so: its head must not wait for it. */
const gate = {
  opened: Promise.withResolvers<undefined>(),
  open: (): string => {
    gate.opened.resolve(undefined)
    return 'opened'
  },
  stream: (): ReadableStream<Uint8Array> => {
    gate.opened = Promise.withResolvers()
    return new ReadableStream({
      async start(controller) {
        await gate.opened.promise
        controller.enqueue(new TextEncoder().encode('late'))
        controller.close()
      },
    })
  },
}

/** Redirects `/from` to where `to` says, and echoes elsewhere. */
const redirecting =
  (status: number, location: string | undefined): Handler =>
  (request) =>
    new URL(request.url).pathname === '/from'
      ? new Response('moved', { status, ...(location === undefined ? {} : { headers: { location } }) })
      : echo(request)
const secrets = {
  authorization: 'Bearer x',
  cookie: 'a=1',
  'proxy-authorization': 'y',
  'content-type': 'text/x',
  'content-language': 'de',
  'x-one': '1',
}
const across = async (at: Origins, status: number, init: RequestInit): Promise<unknown> =>
  look(await fetch(`${at.shop}/from?status=${status}&to=${encodeURIComponent(`${at.bank}/there`)}`, init))
const byQuery: Handler = (request) => {
  const { pathname, searchParams } = new URL(request.url)
  return pathname === '/from'
    ? new Response(null, {
        status: Number(searchParams.get('status')),
        headers: { location: searchParams.get('to') ?? '' },
      })
    : echo(request)
}
const moves =
  (init: RequestInit, body: () => RequestInit['body'] = () => null): Case[1] =>
  ({ shop }) =>
    outcome(async () => look(await fetch(`${shop}/from#part`, { body: body() ?? null, ...init })))
const statuses = [301, 302, 303, 307, 308] as const

const redirects: readonly Case[] = [
  ...statuses.flatMap((status): readonly Case[] => [
    ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].map((method): Case => [
      `${status} of ${method}`,
      moves({ method, headers: secrets, body: method === 'POST' || method === 'PUT' ? 'body' : null }),
      redirecting(status, '/to?x=1'),
    ]),
    ...(['manual', 'error'] as const).map((redirect): Case => [
      `${status} with redirect: ${redirect}`,
      moves({ redirect, method: 'POST', body: 'x' }),
      redirecting(status, '/to'),
    ]),
    ...['POST', 'GET'].map((method): Case => [
      `${status} of ${method} to another origin`,
      (at) => across(at, status, { method, headers: secrets, body: method === 'POST' ? 'body' : null }),
      byQuery,
    ]),
    [`${status} of a stream`, moves({ method: 'POST', ...half }, () => streamOf('x')), redirecting(status, '/to')],
    [
      `${status} of a Request`,
      ({ shop }) => outcome(async () => look(await fetch(new Request(`${shop}/from`, { method: 'PUT', body: 'x' })))),
      redirecting(status, '/to'),
    ],
    [`${status} of bytes`, moves({ method: 'PUT' }, () => new Uint8Array([1, 255])), redirecting(status, '/to')],
  ]),
  ['300 is no redirect', moves({}), redirecting(300, '/to')],
  [
    '304 is no redirect',
    moves({}),
    (request) =>
      new URL(request.url).pathname === '/from'
        ? new Response(null, { status: 304, headers: { location: '/to' } })
        : echo(request),
  ],
  ['no location', moves({}), redirecting(302, undefined)],
  ['no location with redirect: error', moves({ redirect: 'error' }), redirecting(302, undefined)],
  [
    'to another origin and back',
    async ({ shop, bank }) => {
      const back = `${bank}/from?status=302&to=${encodeURIComponent(`${shop}/there`)}`
      return look(await fetch(`${shop}/from?status=302&to=${encodeURIComponent(back)}`, { headers: secrets }))
    },
    byQuery,
  ],
  ['an empty location', moves({}), redirecting(302, '')],
  ['an invalid location', moves({}), redirecting(302, 'http://')],
  ['a location of no HTTP', moves({}), redirecting(302, 'ftp://shop/x')],
  ['a location of data', moves({}), redirecting(302, 'data:text/plain,x')],
  ['a location with a fragment', moves({}), redirecting(302, '/to#there')],
  ['a relative location', moves({}), redirecting(302, 'to?x')],
  [
    'a location with user and password',
    (at) => outcome(() => across({ ...at, bank: at.bank.replace('//', '//me:secret@') }, 302, {})),
    byQuery,
  ],
  [
    'a Request with redirect: manual',
    async ({ shop }) => look(await fetch(new Request(`${shop}/from`, { redirect: 'manual' }))),
    redirecting(302, '/to'),
  ],
  [
    'a Request with redirect: manual, followed',
    async ({ shop }) => look(await fetch(new Request(`${shop}/from`, { redirect: 'manual' }), { redirect: 'follow' })),
    redirecting(302, '/to'),
  ],
  [
    'redirects, counted',
    async ({ shop }) => [
      await outcome(async () => look(await fetch(`${shop}/20`))),
      await outcome(() => fetch(`${shop}/21`)),
      await outcome(() => fetch(`${shop}/1000`)),
    ],
    (request) => {
      const left = Number(new URL(request.url).pathname.slice(1))
      return left === 0
        ? new Response('there')
        : new Response(null, { status: 302, headers: { location: `/${left - 1}` } })
    },
  ],
  [
    'Response.redirect',
    seen,
    (request) =>
      new URL(request.url).pathname === '/to'
        ? new Response('there')
        : Response.redirect(new URL('/to', request.url), 307),
  ],
]

const never: Handler = () => new Promise(() => undefined)
const stuck = (): Response =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('one'))
      },
    }),
  )

const aborts: readonly Case[] = [
  ['before', ({ shop }) => outcome(() => fetch(shop, { signal: AbortSignal.abort() }))],
  ['before, for a reason', ({ shop }) => outcome(() => fetch(shop, { signal: AbortSignal.abort('enough') }))],
  ['before, of an invalid request', () => outcome(() => fetch('http://', { signal: AbortSignal.abort() }))],
  [
    'while it waits',
    ({ shop }) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 10)
      return outcome(() => fetch(shop, { signal: controller.signal }))
    },
    never,
  ],
  [
    'while it waits, for a reason',
    ({ shop }) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(new RangeError('mine')), 10)
      return outcome(() => fetch(shop, { signal: controller.signal }))
    },
    never,
  ],
  [
    'by a Request',
    ({ shop }) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 10)
      return outcome(() => fetch(new Request(shop, { signal: controller.signal })))
    },
    never,
  ],
  ['AbortSignal.timeout', ({ shop }) => outcome(() => fetch(shop, { signal: AbortSignal.timeout(10) })), never],
  [
    'AbortSignal.any',
    ({ shop }) =>
      outcome(() => fetch(shop, { signal: AbortSignal.any([new AbortController().signal, AbortSignal.timeout(10)]) })),
    never,
  ],
  [
    'while the body comes',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      setTimeout(() => controller.abort(), 10)
      return [await outcome(() => response.text()), response.bodyUsed, await outcome(() => response.text())]
    },
    stuck,
  ],
  [
    'while the body comes, by a time limit',
    async ({ shop }) => {
      const response = await fetch(shop, { signal: AbortSignal.timeout(100) })
      return outcome(() => response.json())
    },
    stuck,
  ],
  [
    'while a reader reads',
    async ({ shop }) => {
      const controller = new AbortController()
      const reader = (await fetch(shop, { signal: controller.signal })).body?.getReader()
      const first = await reader?.read()
      setTimeout(() => controller.abort(new RangeError('mine')), 10)
      return [first?.done, await outcome(() => reader?.read())]
    },
    stuck,
  ],
  [
    'while a clone reads',
    async ({ shop }) => {
      const controller = new AbortController()
      const clone = (await fetch(shop, { signal: controller.signal })).clone()
      setTimeout(() => controller.abort(), 10)
      return outcome(() => clone.text())
    },
    stuck,
  ],
  [
    'after the head, before the body is read',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      controller.abort()
      return [response.bodyUsed, await outcome(() => response.text())]
    },
    stuck,
  ],
  [
    'after a whole reply, before the body is read',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      controller.abort()
      return [response.bodyUsed, await outcome(() => response.text()), response.bodyUsed]
    },
    answer('x'),
  ],
  [
    'after a whole reply, before its stream is read',
    async ({ shop }) => {
      const controller = new AbortController()
      const { body } = await fetch(shop, { signal: controller.signal })
      controller.abort(new RangeError('mine'))
      return outcome(() => body?.getReader().read())
    },
    answer('x'),
  ],
  [
    'after a whole reply; the body is read twice, and looked at',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      controller.abort()
      return [await outcome(() => response.text()), response.body === null, await outcome(() => response.text())]
    },
    answer('x'),
  ],
  [
    'after the body was read',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      const text = await response.text()
      controller.abort()
      return [text, await outcome(() => response.text())]
    },
    answer('x'),
  ],
  [
    'in the middle of a redirect',
    ({ shop }) => outcome(() => fetch(`${shop}/from`, { signal: AbortSignal.timeout(100) })),
    (request) =>
      new URL(request.url).pathname === '/from' ? Response.redirect(new URL('/to', request.url)) : never(request),
  ],
  [
    'at once after the call',
    async ({ shop }) => {
      const controller = new AbortController()
      const call = fetch(shop, { method: 'POST', body: 'x', signal: controller.signal })
      controller.abort()
      return outcome(() => call)
    },
  ],
  [
    'while the request body is made',
    ({ shop }) => outcome(() => post(shop, { ...half, body: new ReadableStream(), signal: AbortSignal.timeout(10) })),
  ],
]

const group = (name: string, members: readonly Case[]): readonly Case[] =>
  members.map(([title, ...rest]) => [`${name}: ${title}`, ...rest])

const cases: readonly Case[] = [
  ...group('request', requests),
  ...group('request body', requestBodies),
  ...group('Request object', requestObjects),
  ...group('response', responses),
  ...group('redirect', redirects),
  ...group('abort', aborts),
]
