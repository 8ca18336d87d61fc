// What only a simulated fetch has to keep: virtual time, order, memory that nobody shares, and errors of the set-up.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { bind, listed, serve, simulate, noHang, op, type Scenario } from '../../src/index.ts'
import { settled } from '../../src/conformance/observed.ts'
import { play, rehearse } from '../../src/conformance/rehearse.ts'
import { type SceneHandler } from '../../src/conformance/scene.ts'
import { rootOf } from '../address-of.ts'
import { full } from '../full.ts'

const hello: SceneHandler = () => new Response('hello')
const silent: SceneHandler = () => new Promise(() => undefined)
const nodes = {
  shop: serve(() => hello),
  void: serve(() => silent),
  mirror: serve(() => async (request: Request) => new Response(await request.arrayBuffer())),
}

/** Virtual milliseconds of something. */
async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = Date.now()
  const gave = await work()
  return [Date.now() - start, gave]
}

describe('time', () => {
  test('a round trip takes 20 ms each way, reading none', async () => {
    const { seen } = await rehearse({ nodes }, async () => timed(async () => (await fetch('http://shop')).text()))
    expect(seen).toEqual([40, 'hello'])
  })

  test('each redirect is a round trip', async () => {
    const moved: SceneHandler = (request) =>
      new URL(request.url).pathname === '/a' ? Response.redirect('http://shop/b') : hello(request)
    const { seen } = await rehearse({ nodes: { shop: serve(() => moved) } }, async () =>
      timed(async () => (await fetch('http://shop/a')).text()),
    )
    expect(seen).toEqual([80, 'hello'])
  })

  test("an answer that never comes is the platform's time limit, after 300 s", async () => {
    const { seen } = await rehearse({ nodes }, async () => timed(() => settled(() => fetch('http://void'))))
    expect(seen).toEqual([
      300_000,
      {
        threw: {
          type: 'TypeError',
          name: 'TypeError',
          message: 'fetch failed',
          cause: { type: 'Error', name: 'HeadersTimeoutError', code: 'UND_ERR_HEADERS_TIMEOUT' },
        },
      },
    ])
  })

  test.each<[string, (url: string) => Promise<Response>]>([
    ['AbortSignal.timeout', (url) => fetch(url, { signal: AbortSignal.timeout(1_234) })],
    [
      'AbortSignal.any',
      (url) => fetch(url, { signal: AbortSignal.any([AbortSignal.timeout(5_000), AbortSignal.timeout(1_234)]) }),
    ],
    ["a Request's signal", (url) => fetch(new Request(url, { signal: AbortSignal.timeout(1_234) }))],
    [
      'a controller',
      (url) => {
        const controller = new AbortController()
        setTimeout(() => controller.abort(new DOMException('late', 'TimeoutError')), 1_234)
        return fetch(url, { signal: controller.signal })
      },
    ],
  ])('%s aborts at its own time', async (_, call) => {
    const { seen } = await rehearse({ nodes }, async () => timed(() => settled(() => call('http://void'))))
    expect(seen).toEqual([1_234, { threw: { type: 'DOMException', name: 'TimeoutError' } }])
  })

  test('a signal that fires while the reply is on its way wins; the work is done all the same', async () => {
    let worked = 0
    const { seen, history } = await rehearse(
      { nodes: { shop: serve(() => () => new Response(String(++worked))) } },
      () => timed(() => settled(() => fetch('http://shop', { signal: AbortSignal.timeout(30) }))),
    )
    expect(seen).toEqual([30, { threw: { type: 'DOMException', name: 'TimeoutError' } }])
    expect(worked).toBe(2) // once a history
    expect(history.events.filter((event) => event.kind === 'arrive').map((event) => event.late)).toEqual([false, true])
  })

  test('what is aborted before it left, never leaves', async () => {
    const { seen, history } = await rehearse({ nodes }, async () => {
      const controller = new AbortController()
      const call = fetch('http://shop', { signal: controller.signal })
      controller.abort()
      return timed(() => settled(() => call))
    })
    expect(seen).toEqual([0, { threw: { type: 'DOMException', name: 'AbortError' } }])
    expect(history.events.filter((event) => event.kind === 'send')).toEqual([])
  })

  test('a signal outlives its calls without keeping them', async () => {
    const added = vi.fn()
    const { signal } = new AbortController()
    Object.assign(signal, {
      addEventListener: (...args: Parameters<AbortSignal['addEventListener']>) => {
        added(1)
        AbortSignal.prototype.addEventListener.apply(signal, args)
      },
      removeEventListener: (...args: Parameters<AbortSignal['removeEventListener']>) => {
        added(-1)
        AbortSignal.prototype.removeEventListener.apply(signal, args)
      },
    })
    await play({ nodes }, async () => {
      for (let call = 0; call < 20; call++) {
        const response = await fetch('http://shop', { signal })
        if (call % 2 === 0) await response.text()
        else await response.body?.getReader().read()
      }
    })
    expect(added.mock.calls.reduce((sum, [by]) => sum + Number(by), 0)).toBe(0)
  })

  test('a body that is made in virtual time leaves when it is complete', async () => {
    const { seen } = await rehearse({ nodes }, async () =>
      timed(async () => {
        const body = new ReadableStream({
          async start(controller) {
            for (const piece of ['a', 'b']) {
              await new Promise((resolve) => {
                setTimeout(resolve, 1_000)
              })
              controller.enqueue(new TextEncoder().encode(piece))
            }
            controller.close()
          },
        })
        // `duplex` is missing in lib.dom
        return (await fetch('http://mirror', { method: 'POST', body, duplex: 'half' } as RequestInit)).text()
      }),
    )
    expect(seen).toEqual([2_040, 'ab'])
  })
})

describe('faults', () => {
  const ask = op('ask', fc.constant(null), async () => settled(async () => (await fetch('http://shop')).status))
  const shop = {
    root: rootOf('ask#0'),
    path: [],
    from: 'client',
    to: 'shop',
    operation: 'GET /',
    leg: 'request',
    nth: 1,
  } as const
  const invocations = [{ id: 0, operation: 'ask', client: 0, afterMs: 0, input: null }]
  const value = async (...faults: Parameters<typeof listed>[0]): Promise<unknown> => {
    const scenario: Scenario = { workload: { invocations }, plan: listed(faults), seed: 1 }
    const history = await simulate({ nodes, operations: [ask], invariants: [noHang()] }, scenario)
    return history.events.flatMap((event) => (event.kind === 'ok' ? [event.atMs, event.value] : []))
  }

  test('no fault', async () => {
    expect(await value()).toEqual([40, { gave: 200 }])
  })

  test('a refused connection is what undici throws', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo // it listens on a port
    closed.close()
    await once(closed, 'close')
    const real = await settled(() => fetch(`http://127.0.0.1:${port}`))
    expect(real).toMatchObject({ threw: { message: 'fetch failed', cause: { code: 'ECONNREFUSED' } } })
    expect(await value({ kind: 'refuse', at: shop })).toEqual([40, real])
  })
})

describe('order', () => {
  const slow: SceneHandler = async (request) => {
    await new Promise((resolve) => {
      setTimeout(resolve, Number(new URL(request.url).searchParams.get('ms') ?? 0))
    })
    return new Response(request.url)
  }
  const shop = serve(() => slow)

  test('ten calls at once end in the same order each time', async () => {
    const { seen } = await rehearse({ nodes: { shop } }, async () => {
      const order: string[] = []
      await Promise.all(
        [6, 2, 2, 4, 1, 1, 3, 2, 6, 5].map(async (ms, n) => {
          const text = await (await fetch(`http://shop/${n}?ms=${ms}`)).text()
          order.push(`${n} ${new URL(text).search}`)
        }),
      )
      return order
    })
    expect(seen).toEqual([
      '4 ?ms=1',
      '5 ?ms=1',
      '1 ?ms=2',
      '2 ?ms=2',
      '7 ?ms=2',
      '6 ?ms=3',
      '3 ?ms=4',
      '9 ?ms=5',
      '0 ?ms=6',
      '8 ?ms=6',
    ])
  })

  test('two reads race to the same end each time, whatever they read as', async () => {
    const readers: ((response: Response) => Promise<unknown>)[] = [
      (r) => r.json(),
      (r) => r.text(),
      (r) => r.arrayBuffer(),
      (r) => r.bytes(),
      (r) => r.blob(),
      (r) => r.clone().json(),
      (r) => new Response(r.body, r).json(),
      (r) => r.body?.getReader().read() ?? Promise.resolve(),
    ]
    const winners = new Set<string>()
    for (let round = 0; round < (full ? 3 : 2); round++) {
      const { seen } = await rehearse({ nodes: { shop: serve(() => () => Response.json({ a: 1 })) } }, async () => {
        const order: string[] = []
        for (const [i, one] of readers.entries()) {
          for (const [j, other] of readers.entries()) {
            const [a, b] = await Promise.all([fetch('http://shop/a'), fetch('http://shop/b')])
            await Promise.all([
              one(a).then(() => order.push(`${i}<${j} first`)),
              other(b).then(() => order.push(`${i}<${j} second`)),
            ])
            order.push(
              await Promise.race([
                one(await fetch('http://shop/a')).then(() => 'first'),
                other(await fetch('http://shop/b')).then(() => 'second'),
              ]),
            )
          }
        }
        return order
      })
      winners.add(JSON.stringify(seen))
    }
    expect(winners.size).toBe(1)
  })

  test('a read that began first ends first: json() before text(), and the other way round', async () => {
    const { seen } = await rehearse({ nodes: { shop: serve(() => () => Response.json({ a: 1 })) } }, async () => {
      const order: string[] = []
      const read = async (how: 'json' | 'text' | 'blob' | 'clone' | 'body'): Promise<void> => {
        const [response] = responses.splice(0, 1)
        if (response === undefined) return
        if (how === 'clone') await response.clone().json()
        else if (how === 'body') await new Response(response.body).text()
        else await response[how]()
        order.push(how)
      }
      const responses = await Promise.all(Array.from({ length: 4 }, (_, n) => fetch(`http://shop/${n}`)))
      await Promise.all([read('json'), read('text')])
      await Promise.all([read('text'), read('json')])
      return order
    })
    expect(seen).toEqual(['json', 'text', 'text', 'json'])
  })
})

describe('memory', () => {
  test('what the sender changes after sending, the receiver does not see', async () => {
    const { seen } = await rehearse({ nodes }, async () => {
      const sent = [
        new Uint8Array([1, 2, 3]),
        Buffer.from([1, 2, 3]),
        new Uint8Array([1, 2, 3]).buffer,
        new DataView(new Uint8Array([1, 2, 3]).buffer),
      ]
      return Promise.all(
        sent.map(async (body) => {
          const headers = new Headers({ 'x-one': '1' })
          const url = new URL('http://mirror/')
          const call = fetch(url, { method: 'POST', body, headers })
          new Uint8Array('buffer' in body ? body.buffer : body).fill(9)
          headers.set('x-one', '2')
          url.host = 'nowhere'
          return [...new Uint8Array(await (await call).arrayBuffer())]
        }),
      )
    })
    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  test('what the handler changes after answering, the client does not see, and the other way round', async () => {
    const kept = new Uint8Array([1, 2, 3])
    const shop: SceneHandler = async (request) => {
      const got = await request.bytes()
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(kept)
          controller.close()
        },
      })
      got.fill(7)
      setTimeout(() => kept.fill(9), 1)
      return new Response(stream)
    }
    const { seen } = await play({ nodes: { shop: serve(() => shop) } }, async () => {
      const body = new Uint8Array([4, 5, 6])
      const response = await fetch('http://shop', { method: 'POST', body })
      const copy = response.clone()
      const first = await response.bytes()
      const one = [...first]
      first.fill(8)
      return [[...body], one, [...(await copy.bytes())]]
    })
    expect(seen).toEqual([
      [4, 5, 6],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect([...kept]).toEqual([9, 9, 9])
  })

  test('two readers of one body share nothing', async () => {
    const { seen } = await rehearse({ nodes }, async () => {
      const response = await fetch('http://shop')
      const clone = response.clone()
      const [a, b] = [new Uint8Array(await response.arrayBuffer()), new Uint8Array(await clone.arrayBuffer())]
      a.fill(0)
      return new TextDecoder().decode(b)
    })
    expect(seen).toBe('hello')
  })
})

describe('form data', () => {
  const form = (): FormData => {
    const data = new FormData()
    data.set('a', '1')
    data.set('f', new Blob(['x']))
    return data
  }
  const boundaryOf: SceneHandler = (request) => new Response(request.headers.get('content-type'))

  test.each<[string, () => Promise<Response>]>([
    ['as a body', () => fetch('http://shop', { method: 'POST', body: form() })],
    ['in a Request', () => fetch(new Request('http://shop', { method: 'POST', body: form() }))],
    ['as an answer', () => fetch('http://forms')],
  ])('%s has the same boundary in every history', async (_, call) => {
    const { seen } = await rehearse(
      { nodes: { shop: serve(() => boundaryOf), forms: serve(() => () => new Response(form())) } },
      async () => {
        const response = await call()
        return [response.headers.get('content-type'), await response.text()]
      },
    )
    expect(JSON.stringify(seen)).toContain('boundary=')
  })
})

describe('the set-up', () => {
  test('a URL where nobody answers is named, with what to do', async () => {
    await expect(play({ nodes }, () => fetch('https://nowhere.example/x?y', { method: 'POST' }))).rejects.toThrow(
      '"client" called POST https://nowhere.example/x?y, and nobody answers there. The nodes are http://shop, ' +
        'http://void, http://mirror. ' +
        'Name the node after the host, give it `at: "https://nowhere.example"`, or stub the host with an msw ' +
        'handler in `outside`.',
    )
  })

  test('so is one that a node calls, at a redirect too', async () => {
    await expect(
      play({ nodes: { shop: serve(() => () => fetch('http://gone/')) } }, () => fetch('http://shop')),
    ).rejects.toThrow('"shop" called GET http://gone/')
    await expect(
      play({ nodes: { shop: serve(() => () => Response.redirect('http://gone/')) } }, () => fetch('http://shop')),
    ).rejects.toThrow('"client" called GET http://gone/')
  })

  test.each<[string, (job: () => void) => () => void, unknown]>([
    [
      'is told to bind its callback',
      (job) => job,
      expect.stringMatching(
        /^Error: fetch\(http:\/\/mirror\) was called during a simulation by code that belongs to no node.*bind\(/,
      ),
    ],
    ['is at home again once its callback is bound', bind, 200],
  ])('code whose context was lost in a queue %s', async (_, wrap, expected) => {
    const queue: (() => void)[] = []
    const flushing = setInterval(() => {
      for (const job of queue.splice(0)) job()
    }, 1) // in real time, of nobody's context
    const shop: SceneHandler = async () => {
      const told = new Promise<unknown>((resolve) => {
        queue.push(
          wrap(() => {
            fetch('http://mirror').then(
              ({ status }) => resolve(status),
              (error: unknown) => resolve(String(error)),
            )
          }),
        )
      })
      while (queue.length > 0) await readFile(import.meta.filename) // real work, which the history waits for
      return Response.json(await told)
    }
    try {
      const { seen } = await play({ nodes: { ...nodes, shop: serve(() => shop) } }, async () =>
        (await fetch('http://shop')).json(),
      )
      expect(seen).toEqual(expected)
    } finally {
      clearInterval(flushing)
    }
  })

  test("outside a simulation fetch is the platform's again", async () => {
    const before = globalThis.fetch
    await play({ nodes }, () => fetch('http://shop'))
    expect(globalThis.fetch).toBe(before)
    await expect(fetch('data:,x').then((response) => response.text())).resolves.toBe('x')
  })
})
