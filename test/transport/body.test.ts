// Bodies that take their time: pieces travel as they come, in virtual time, and end as a connection ends.
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { serve } from '../../src/index.ts'
import { settled } from '../../src/conformance/observed.ts'
import { play, rehearse } from '../../src/conformance/rehearse.ts'
import { type SceneHandler } from '../../src/conformance/scene.ts'

const wait = (ms: number): Promise<unknown> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Pieces, each after so many milliseconds; `fail` errors the stream. */
function trickle(pieces: readonly (readonly [ms: number, piece: string])[], fail?: unknown): SceneHandler {
  return () =>
    new Response(
      new ReadableStream({
        async start(controller) {
          for (const [ms, piece] of pieces) {
            await wait(ms)
            controller.enqueue(bytes(piece))
          }
          if (fail === undefined) controller.close()
          else controller.error(fail)
        },
      }),
      { headers: { 'content-type': 'text/event-stream' } },
    )
}

const post = (body: unknown): RequestInit => ({ method: 'POST', body: body as Uint8Array<ArrayBuffer> }) // or alike

/** When the head came, and each piece. */
async function watch(url: string, init: RequestInit = {}): Promise<unknown[]> {
  const start = Date.now()
  const response = await fetch(url, init)
  const seen: unknown[] = [[Date.now() - start, response.status]]
  const result = await settled(async () => {
    for await (const piece of response.body ?? []) seen.push([Date.now() - start, new TextDecoder().decode(piece)])
  })
  return [...seen, [Date.now() - start, result]]
}

const whole = { gave: undefined }
const shop = (handler: SceneHandler): { nodes: { shop: ReturnType<typeof serve> } } => ({
  nodes: { shop: serve(() => handler) },
})

describe('streams', () => {
  test('events come as they are written, 20 ms later; the head does not wait for the first', async () => {
    const { seen } = await rehearse(
      shop(
        trickle([
          [1_000, 'one'],
          [500, 'two'],
          [250, 'three'],
        ]),
      ),
      () => watch('http://shop'),
    )
    expect(seen).toEqual([
      [40, 200],
      [1_040, 'one'],
      [1_540, 'two'],
      [1_790, 'three'],
      [1_790, whole],
    ])
  })

  test('text() of one waits for its end', async () => {
    const { seen } = await rehearse(
      shop(
        trickle([
          [10, '{"a"'],
          [90, ':1}'],
        ]),
      ),
      async () => {
        const start = Date.now()
        const response = await fetch('http://shop')
        return [await response.json(), Date.now() - start]
      },
    )
    expect(seen).toEqual([{ a: 1 }, 140])
  })

  test('a piece that takes no time is lost to nobody, however many turns it needs', async () => {
    const parts = Array.from({ length: 200 }, (_, n) => `${n},`)
    const hops = async (count: number): Promise<void> => {
      for (let hop = 0; hop < count; hop++) await Promise.resolve()
    }
    const body = (): ReadableStream =>
      new ReadableStream({
        async start(controller) {
          for (const [n, part] of parts.entries()) {
            await hops(n)
            controller.enqueue(bytes(part))
          }
          controller.close()
        },
      })
    for (const make of [
      body,
      () => body().pipeThrough(new TransformStream()),
      () => body().tee()[0],
      () => new Blob(parts).stream(),
      () => new Blob(parts),
    ]) {
      const { seen } = await rehearse(
        shop(() => new Response(make())),
        async () => (await fetch('http://shop')).text(),
      )
      expect(seen).toBe(parts.join(''))
    }
  })

  test('an async generator is a body', async () => {
    const { seen } = await rehearse(
      shop(
        () =>
          new Response(
            (async function* pieces() {
              yield bytes('one,')
              await wait(10)
              yield bytes('two')
            })() as never,
          ),
      ),
      async () => (await fetch('http://shop')).text(),
    )
    expect(seen).toBe('one,two')
  })

  test('a compressed body is its bytes', async () => {
    const { seen } = await rehearse(
      shop(() => new Response(new Blob(['a'.repeat(1_000)]).stream().pipeThrough(new CompressionStream('gzip')))),
      async () => {
        const { body } = await fetch('http://shop')
        return (await new Response(body?.pipeThrough(new DecompressionStream('gzip'))).text()).length
      },
    )
    expect(seen).toBe(1_000)
  })

  test('a body passes through a proxy as it comes', async () => {
    const { seen } = await rehearse(
      {
        nodes: {
          origin: serve(() =>
            trickle([
              [100, 'one'],
              [100, 'two'],
            ]),
          ),
          shop: serve(() => async () => new Response((await fetch('http://origin')).body)),
        },
      },
      () => watch('http://shop'),
    )
    expect(seen).toEqual([
      [80, 200],
      [180, 'one'],
      [280, 'two'],
      [280, whole],
    ])
  })

  test('clones of a slow body both read all of it', async () => {
    const { seen } = await rehearse(
      shop(
        trickle([
          [10, 'one,'],
          [10, 'two'],
        ]),
      ),
      async () => {
        const response = await fetch('http://shop')
        const clone = response.clone()
        return [clone.url, clone.type, await response.text(), await clone.text()]
      },
    )
    expect(seen).toEqual(['http://shop/', 'basic', 'one,two', 'one,two'])
  })

  test('a redirect does not wait for the body it leaves behind', async () => {
    const handler: SceneHandler = (request) =>
      new URL(request.url).pathname === '/a'
        ? new Response(new ReadableStream(), { status: 302, headers: { location: '/b' } })
        : new Response('there')
    const { seen } = await rehearse(shop(handler), async () => [
      Date.now(),
      await (await fetch('http://shop/a')).text(),
      Date.now(),
    ])
    expect(seen).toEqual([expect.any(Number), 'there', ((seen as number[])[0] as number) + 80])
  })
})

describe('ends', () => {
  const terminated = (name: string, code: string): unknown => ({
    threw: { type: 'TypeError', name: 'TypeError', message: 'terminated', cause: { type: 'Error', name, code } },
  })
  const cut = terminated('SocketError', 'UND_ERR_SOCKET')

  test('a stream that errors breaks off after what came', async () => {
    const { seen } = await rehearse(shop(trickle([[10, 'one']], new Error('mine'))), () => watch('http://shop'))
    expect(seen).toEqual([
      [40, 200],
      [50, 'one'],
      [50, cut],
    ])
  })

  test('a stream that errors at once breaks off at once', async () => {
    const { seen } = await rehearse(shop(trickle([], new Error('mine'))), () => watch('http://shop'))
    expect(seen).toEqual([
      [40, 200],
      [40, cut],
    ])
  })

  test('bytes of another realm, as of jsdom, are bytes', async () => {
    const chunk: unknown = runInNewContext('new Uint8Array([104, 105])')
    const stream = (): ReadableStream =>
      new ReadableStream({
        start(c) {
          c.enqueue(chunk)
          c.close()
        },
      })
    const { seen } = await rehearse(
      shop(async (request) => new Response(request.method === 'GET' ? stream() : await request.text())),
      async () => {
        const answer = await fetch('http://shop')
        return [await answer.text(), await fetch('http://shop', post(chunk)).then((echo) => echo.text())]
      },
    )
    expect(seen).toEqual(['hi', 'hi'])
  })

  test('a stream of what are no bytes breaks off', async () => {
    for (const chunk of ['text', 5, null, { a: 1 }]) {
      const { seen } = await rehearse(
        shop(
          () =>
            new Response(
              new ReadableStream({
                start(c) {
                  c.enqueue(chunk)
                  c.close()
                },
              }),
            ),
        ),
        async () => {
          const response = await fetch('http://shop')
          return [response.status, await settled(() => response.text())]
        },
      )
      expect(seen).toEqual([200, cut])
    }
  })

  test("a body that falls silent is the platform's time limit, 300 s after its last piece", async () => {
    const { seen } = await rehearse(
      shop(
        () =>
          new Response(
            new ReadableStream({
              async start(controller) {
                await wait(1_000)
                controller.enqueue(bytes('one'))
              },
            }),
          ),
      ),
      () => watch('http://shop'),
    )
    expect(seen).toEqual([
      [40, 200],
      [1_040, 'one'],
      [301_020, terminated('BodyTimeoutError', 'UND_ERR_BODY_TIMEOUT')],
    ])
  })

  test('AbortSignal.timeout ends a body in virtual time', async () => {
    const { seen } = await rehearse(
      shop(
        trickle([
          [10, 'one'],
          [60_000, 'two'],
        ]),
      ),
      () => watch('http://shop', { signal: AbortSignal.timeout(5_000) }),
    )
    expect(seen).toEqual([
      [40, 200],
      [50, 'one'],
      [5_000, { threw: { type: 'DOMException', name: 'TimeoutError' } }],
    ])
  })

  test('a client that reads the first event and leaves ends the history', async () => {
    const clock: SceneHandler = () => {
      let timer: ReturnType<typeof setInterval>
      return new Response(
        new ReadableStream({
          start(controller) {
            timer = setInterval(() => controller.enqueue(bytes('tick')), 1_000)
          },
          cancel() {
            clearInterval(timer)
          },
        }),
      )
    }
    const leave: ((response: Response) => Promise<unknown>)[] = [
      async (response) => {
        const reader = response.body?.getReader()
        await reader?.read()
        await reader?.cancel()
      },
      async (response) => {
        for await (const piece of response.body ?? []) return piece
        return undefined
      },
      async (response) => response.body?.getReader().read(),
    ]
    for (const reading of leave) {
      const { history } = await rehearse(shop(clock), async () => {
        await reading(await fetch('http://shop'))
        return 'left'
      })
      expect(history.events.at(-1)).toMatchObject({ kind: 'end', reason: 'quiet' })
    }
  })
})

describe('a reader that goes on to live', () => {
  test.each<[string, (response: Response, controller: AbortController) => unknown]>([
    ['cancels', (response) => response.body?.cancel()],
    [
      'aborts',
      (_, controller) => {
        controller.abort()
      },
    ],
  ])('and %s is told to its server, whose stream is cancelled', async (_, leave) => {
    const cancelled: number[] = []
    const clock: SceneHandler = () => {
      let timer: ReturnType<typeof setInterval>
      return new Response(
        new ReadableStream({
          start(controller) {
            timer = setInterval(() => controller.enqueue(bytes('tick')), 1_000)
          },
          cancel() {
            cancelled.push(performance.now())
            clearInterval(timer)
          },
        }),
      )
    }
    const relay: SceneHandler = async () => {
      const controller = new AbortController()
      await leave(await fetch('http://clock', { signal: controller.signal }), controller)
      return new Response('left')
    }
    const { history } = await rehearse(
      { nodes: { clock: serve(() => clock), relay: serve(() => relay) } },
      async () => (await fetch('http://relay')).status,
    )
    expect(cancelled).toHaveLength(2) // once a history
    expect(history.events.at(-1)).toMatchObject({ kind: 'end', reason: 'quiet' })
  })
})

describe('sizes', () => {
  test('5 MB and every byte come through unchanged', async () => {
    const big = new Uint8Array(5_000_000).map((_, index) => (index * 31) % 256)
    const { seen } = await play(
      shop(async (request) => new Response(await request.arrayBuffer())),
      async () => Buffer.compare(await (await fetch('http://shop', { method: 'POST', body: big })).bytes(), big),
    )
    expect(seen).toBe(0)
  })

  test('5 MB of text, in 5,000 pieces', async () => {
    const piece = 'ü'.repeat(500)
    const { seen } = await play(
      shop(
        () =>
          new Response(
            new ReadableStream({
              start(controller) {
                for (let n = 0; n < 5_000; n++) controller.enqueue(bytes(piece))
                controller.close()
              },
            }),
          ),
      ),
      async () => (await (await fetch('http://shop')).text()).length,
    )
    expect(seen).toBe(2_500_000)
  })

  test('a character that is cut in two arrives whole', async () => {
    const [first, second] = [bytes('€').subarray(0, 1), bytes('€').subarray(1)]
    const { seen } = await rehearse(
      shop(
        () =>
          new Response(
            new ReadableStream({
              async start(controller) {
                controller.enqueue(first)
                await wait(5)
                controller.enqueue(second)
                controller.close()
              },
            }),
          ),
      ),
      async () => (await fetch('http://shop')).text(),
    )
    expect(seen).toBe('€')
  })
})

test('what the history keeps of a Response is its status and text', async () => {
  for (const [handler, value] of [
    [() => Response.json({ a: 1 }, { status: 201 }), { status: 201, body: '{"a":1}' }],
    [() => new Response(null, { status: 204 }), { status: 204, body: '' }],
    [trickle([[5, 'slow']]), { status: 200 }],
  ] as const) {
    const { history } = await rehearse(shop(handler), async () => fetch('http://shop').then((response) => response))
    expect(history.events.find((event) => event.kind === 'ok')).toMatchObject({ value })
  }
})
