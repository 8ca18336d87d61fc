// Cases of the transport suite: bodies of requests.
import { echoed, file, half, post, sends, streamOf } from './exchange.ts'
import { settled } from './observed.ts'
import type { ExchangeCase } from './scene.ts'

export const requestBodyCases: readonly ExchangeCase[] = [
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
      settled(() =>
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
      const bytes = new Uint8Array(Buffer.alloc(5_000_000, 'no two generals agree'))
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
