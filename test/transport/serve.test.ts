// Handlers in every shape, right and wrong.
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { serve, type FetchHandler } from '../../src/index.ts'
import { play, rehearse } from '../../src/conformance/rehearse.ts'

/** What a client sees of a node, and what the history says of it. */
async function asked(boot: () => unknown, method = 'GET', body: string | null = null): Promise<unknown> {
  const { seen, history } = await rehearse({ nodes: { shop: serve(boot as () => FetchHandler) } }, async () => {
    const response = await fetch('http://shop/orders/1?x=2', { method, body })
    return { status: response.status, text: await response.text() }
  })
  return {
    ...(seen as object),
    threw: history.events.flatMap((event) => (event.kind === 'threw' ? [event.error] : [])),
    notes: history.notes.map(({ text }) => text),
  }
}

const ok = { status: 200, text: 'hello', threw: [], notes: [] }
const hello = (): Response => new Response('hello')

class Counter {
  #count = 0
  fetch(): Response {
    this.#count += 1
    return new Response(String(this.#count))
  }
}

test.each<[string, () => unknown]>([
  ['a function', () => hello],
  ['an async function', () => async () => hello()],
  ['{ fetch }', () => ({ fetch: hello })],
  ['{ GET }', () => ({ GET: hello })],
  [
    '{ GET } of a module without a prototype',
    () => Object.assign(Object.create(null) as object, { GET: hello, dynamic: 'force' }),
  ],
  ['a Hono app', () => new Hono().get('/orders/:id', (c) => c.text('hello'))],
  [
    'a Hono app behind another',
    () =>
      new Hono().route(
        '/orders',
        new Hono().get('/1', (c) => c.text('hello')),
      ),
  ],
  [
    'a function with a fetch, as Hono-like frameworks have',
    () => Object.assign(() => new Response('wrong'), { fetch: hello }),
  ],
  ['an async factory', async () => Promise.resolve(hello)],
  [
    'an async factory that takes virtual time',
    async () => {
      await new Promise((resolve) => {
        setTimeout(resolve, 10)
      })
      return hello
    },
  ],
  [
    'a fetch that is not async and gives a thenable',
    () => () => ({ then: (resolve: (response: Response) => void) => resolve(hello()) }),
  ],
])('%s answers', async (_, boot) => {
  expect(await asked(boot)).toEqual(ok)
})

test('a method keeps its object, and each history has a new one', async () => {
  expect(await asked(() => new Counter())).toEqual({ ...ok, text: '1' })
})

test('{ GET, POST } goes by method; HEAD is a GET without a body; others are 405', async () => {
  const routes = (): unknown => ({
    GET: hello,
    POST: async (request: Request) => new Response(await request.text(), { status: 201 }),
  })
  expect(await asked(routes, 'POST', 'x')).toEqual({ ...ok, status: 201, text: 'x' })
  expect(await asked(routes, 'HEAD')).toEqual({ ...ok, text: '' })
  expect(await asked(routes, 'DELETE')).toEqual({ ...ok, status: 405, text: '' })
})

test.each<[string, unknown, string[], RegExp]>([
  [
    'returns nothing',
    () => undefined,
    ['TypeError'],
    /returned undefined instead of a Response for GET \/orders\/1\. Is a "return" missing\?/,
  ],
  ['returns null', () => null, ['TypeError'], /returned null instead/],
  ['returns text', () => 'hello', ['TypeError'], /returned a string instead/],
  ['returns data', () => ({ a: 1 }), ['TypeError'], /returned an instance of Object instead/],
  [
    'returns an object without a prototype',
    () => Object.create(null) as object,
    ['TypeError'],
    /returned an object with nothing in it instead/,
  ],
  [
    'throws',
    () => {
      throw new RangeError('mine')
    },
    ['RangeError'],
    /mine/,
  ],
  ['rejects', () => Promise.reject(new RangeError('mine')), ['RangeError'], /mine/],
  [
    'throws no error',
    () => {
      throw 'mine' as unknown as Error
    },
    ['string'],
    /mine/,
  ],
  [
    'throws nothing',
    () => {
      throw undefined as unknown as Error
    },
    ['undefined'],
    /undefined/,
  ],
])('a handler that %s is a 500 with the reason beside it', async (_, handler, threw, note) => {
  expect(await asked(() => handler)).toEqual({ status: 500, text: '', threw, notes: [expect.stringMatching(note)] })
})

test.each<[string, () => unknown, RegExp]>([
  ['nothing', () => undefined, /the factory of ".*" gave undefined and called no listen\(\)\. Return a function/],
  ['text', () => 'app', /its factory gave a string\./],
  ['a number, late', async () => Promise.resolve(3), /its factory gave a number\./],
  ['an empty object', () => ({}), /its factory gave an instance of Object\./],
  [
    'a module',
    () => Object.assign(Object.create(null) as object, { default: new Hono() }),
    /its factory gave an object with default\. .*take its default export/,
  ],
])('a factory that gives %s is a mistake in the set-up', async (_, boot, message) => {
  await expect(asked(boot)).rejects.toThrow(message)
})

test('a function of two parameters that returns a Response says what it was taken for', async () => {
  const handler = (_request: Request, _anything: unknown): Response => new Response('')
  await expect(asked(() => handler as never)).rejects.toThrow(/two parameters, which is taken for a handler \(request/)
})

test('a Fetch handler may take more than a request', async () => {
  const handler = (request: Request, context: unknown): Response => new Response(`${request.method} ${String(context)}`)
  const app = Object.assign(handler, { fetch: handler, listen() {}, use() {}, handle() {} })

  expect(await asked(() => handler)).toMatchObject({ status: 200 })
  expect(await asked(() => app)).toMatchObject({ status: 200 })
})

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('mine')
    },
  ],
  ['rejects', () => Promise.reject(new Error('mine'))],
])('a factory that %s is a mistake in the set-up', async (_, boot) => {
  await expect(asked(boot)).rejects.toThrow(/Node "shop": its factory threw .*mine/)
})

test.each(['shop', 'http://shop/x', 'ftp:', '//shop', 'http://me@shop', ''])('at: "%s" is refused', (at) => {
  expect(() => serve(() => hello, { at })).toThrow(
    `serve(..., { at: "${at}" }): this is no origin. Write scheme and host alone`,
  )
})

test('a node answers at its own origin, whatever the case, and its request says so', async () => {
  const url = (request: Request): Response => new Response(request.url)
  const { seen } = await rehearse(
    { nodes: { Shop: serve(() => url), bank: serve(() => url, { at: 'https://bank.example:8443/' }) } },
    async () =>
      Promise.all(
        ['http://SHOP/x', 'http://shop:80/y', 'https://BANK.example:8443/z?q#f'].map(async (at) =>
          (await fetch(at)).text(),
        ),
      ),
  )
  expect(seen).toEqual(['http://shop/x', 'http://shop/y', 'https://bank.example:8443/z?q'])
})

test('one Response for two requests fails the second time, as a body can be sent once', async () => {
  for (const [shared, second] of [
    [new Response('x'), 500],
    [new Response(new Uint8Array(1)), 500],
    [new Response(null), 200],
  ] as const) {
    const { seen } = await play({ nodes: { shop: serve(() => () => shared) } }, async () => [
      (await fetch('http://shop')).status,
      (await fetch('http://shop')).status,
    ])
    expect(seen).toEqual([200, second])
  }
})

test('one Response that is made inside fails the second time too', async () => {
  const { seen, history } = await rehearse(
    {
      nodes: {
        shop: serve(() => {
          const shared = Response.json({ a: 1 })
          return () => shared
        }),
      },
    },
    async () => [(await fetch('http://shop')).status, (await fetch('http://shop')).status],
  )
  expect(seen).toEqual([200, 500])
  expect(history.notes.map(({ text }) => text)).toEqual([expect.stringContaining('body was already used')])
})

test.each<[string, () => Promise<Response>]>([
  [
    'was read',
    async () => {
      const response = new Response('x')
      await response.text()
      return response
    },
  ],
  [
    'is being read',
    async () => {
      const response = new Response('x')
      response.body?.getReader()
      return Promise.resolve(response)
    },
  ],
])('a Response whose body %s is a 500', async (_, handler) => {
  expect(await asked(() => handler)).toMatchObject({ status: 500, threw: ['TypeError'] })
})

test('Response.error() is a connection that the server closes', async () => {
  await expect(asked(() => () => Response.error())).rejects.toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: { name: 'SocketError', code: 'UND_ERR_SOCKET' },
  })
})

test('a proxy may hand its own answer on, as it is or with more', async () => {
  const { seen } = await rehearse(
    {
      nodes: {
        bank: serve(() => () => Response.json({ a: 1 }, { status: 203, headers: { 'x-one': '1' } })),
        shop: serve(() => (request) => fetch(request.url.replace('shop', 'bank'))),
        kiosk: serve(() => async (request) => {
          const response = await fetch(request.url.replace('kiosk', 'bank'))
          const copy = new Response(response.body, response)
          copy.headers.set('x-two', '2')
          return copy
        }),
      },
    },
    async () =>
      Promise.all(
        ['http://shop', 'http://kiosk'].map(async (url) => {
          const response = await fetch(url)
          return [
            response.status,
            response.url,
            response.headers.get('x-one'),
            response.headers.get('x-two'),
            await response.json(),
          ]
        }),
      ),
  )
  expect(seen).toEqual([
    [203, 'http://shop/', '1', null, { a: 1 }],
    [203, 'http://kiosk/', '1', '2', { a: 1 }],
  ])
})

test('a proxy may hand its request on', async () => {
  const echo = async (request: Request): Promise<Response> =>
    Response.json([
      request.method,
      request.headers.get('x-one'),
      request.headers.get('content-type'),
      await request.text(),
    ])
  const { seen } = await rehearse(
    {
      nodes: { bank: serve(() => echo), shop: serve(() => (request) => fetch(new Request('http://bank/', request))) },
    },
    async () => (await fetch('http://shop', { method: 'POST', body: 'ü', headers: { 'x-one': '1' } })).json(),
  )
  expect(seen).toEqual(['POST', '1', 'text/plain;charset=UTF-8', 'ü'])
})

test('a request of a handler behaves as the platform has it', async () => {
  const { seen } = await rehearse(
    {
      nodes: {
        shop: serve(() => async (request) => {
          const clone = request.clone()
          const facts = [
            request instanceof Request,
            request.bodyUsed,
            await request.text(),
            request.bodyUsed,
            await clone.text(),
          ]
          const again = await request.text().catch((error: unknown) => (error as Error).name)
          return Response.json([...facts, again, request.signal.aborted])
        }),
      },
    },
    async () => (await fetch('http://shop', { method: 'POST', body: 'x' })).json(),
  )
  expect(seen).toEqual([true, false, 'x', true, 'x', 'TypeError', false])
})
