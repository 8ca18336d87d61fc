// Cases of the transport suite: what a client sees of responses.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { answer, file, seen, streamOf, twice } from './exchange.ts'
import { givenHeaders, observedResponse, settled } from './observed.ts'
import type { ExchangeCase } from './scene.ts'

/** Codings, and bytes in them or not. */
const codedBodies: readonly (readonly [coding: string, bytes: Buffer])[] = [
  ['gzip', gzipSync('plain')],
  ['x-gzip', gzipSync('plain')],
  ['deflate', deflateSync('plain')],
  ['br', brotliCompressSync('plain')],
  ['br, GZIP', gzipSync(brotliCompressSync('plain'))],
  ['identity', Buffer.from('plain')],
  ['gzip', gzipSync('plain').subarray(0, -8)],
  ['gzip', Buffer.from('no gzip at all')],
  ['gzip', Buffer.alloc(0)],
]

/** What it gave, or the name and message alone of what it threw: a cause has zlib's own words. */
async function classOf(work: () => Promise<string>): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    return error instanceof Error ? [error.name, error.message] : error
  }
}

export const responseCases: readonly ExchangeCase[] = [
  ['text', seen, answer('a ü €')],
  ['json', seen, () => Response.json({ a: [1] }, { status: 201, headers: { 'x-one': '1' } })],
  ['nothing', seen, answer()],
  ['empty text', seen, answer('')],
  ['bytes', seen, answer(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]))],
  ['a stream', seen, () => new Response(streamOf('one,', 'two'))],
  ['an empty stream', seen, () => new Response(streamOf())],
  ['a Blob', seen, () => new Response(file())],
  ['URLSearchParams', seen, () => new Response(new URLSearchParams({ a: '1' }))],
  ...codedBodies.map(([coding, bytes]): ExchangeCase => [
    `content-encoding: ${coding}, of ${bytes.toString('hex')}`,
    async ({ shop }) => {
      const response = await fetch(shop)
      return [response.headers.get('content-encoding'), await classOf(() => response.text())]
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
    async ({ shop }) => observedResponse(await fetch(shop, { method: 'HEAD' })),
    answer(new Uint8Array(gzipSync('plain')), { headers: { 'content-encoding': 'gzip' } }),
  ],
  [
    'a status text of its own',
    async ({ shop }) => (await fetch(shop)).statusText,
    answer('', { status: 299, statusText: 'So So' }),
  ],
  ...[200, 202, 204, 205, 300, 304, 400, 404, 409, 418, 429, 500, 503, 599].map((status): ExchangeCase => [
    `status ${status}`,
    seen,
    () => new Response(null, { status }),
  ]),
  ...[204, 304].map((status): ExchangeCase => [
    `status ${status}, read twice`,
    twice(
      (r) => r.text(),
      (r) => r.text(),
    ),
    () => new Response(null, { status }),
  ]),
  ['HEAD has no body', async ({ shop }) => observedResponse(await fetch(shop, { method: 'HEAD' })), answer('body')],
  [
    'HEAD, read twice',
    async ({ shop }) => {
      const response = await fetch(shop, { method: 'HEAD' })
      return [await response.text(), response.bodyUsed, await settled(() => response.text())]
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
        await settled(() => headers.set('x-one', '2')),
        await settled(() => headers.append('x-two', '2')),
        await settled(() => headers.delete('x-one')),
        givenHeaders(headers),
      ]
    },
    answer(null, { headers: { 'x-one': '1' } }),
  ],
  [
    'a copy of the headers can',
    async ({ shop }) => {
      const copy = new Headers((await fetch(shop)).headers)
      copy.set('x-one', '2')
      return givenHeaders(copy)
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
      return [response.status, await settled(() => response.text())]
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
      return [response.status, await settled(() => response.text())]
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
