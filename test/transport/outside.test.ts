// The outside world: msw handlers as hosts, and effects read from what they accept.
import * as fc from 'fast-check'
import { HttpResponse, bypass, delay, http, passthrough } from 'msw'
import { setupServer } from 'msw/node'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  atMostOnce,
  effectsOf,
  noFaults,
  op,
  requests,
  serve,
  simulate,
  type Effect,
  type History,
  type Outside,
} from '../../src/index.ts'
import { settled } from '../../src/conformance/observed.ts'
import { play, rehearse } from '../../src/conformance/rehearse.ts'

const nodes = { idle: serve(() => () => new Response()) }
const at = 'https://api.example'

/** What a client sees of the outside, twice. */
const seen = async (outside: Outside, client: () => unknown): Promise<unknown> =>
  (await rehearse({ nodes, outside }, client)).seen

describe('handlers', () => {
  test('parameters, query, cookies and bodies', async () => {
    const outside = [
      http.post(`${at}/orders/:id/*`, async ({ params, request, cookies }) =>
        HttpResponse.json({ params, query: new URL(request.url).search, cookies, body: await request.json() }),
      ),
    ]
    expect(
      await seen(outside, async () =>
        (await fetch(`${at}/orders/7/a/b?x=1`, { method: 'POST', headers: { cookie: 'c=2' }, body: '{"a":1}' })).json(),
      ),
    ).toEqual({ params: { 0: 'a/b', id: '7' }, query: '?x=1', cookies: { c: '2' }, body: { a: 1 } })
  })

  test.each<[string, () => Response, unknown]>([
    ['json', () => HttpResponse.json({ a: 1 }, { status: 201 }), [201, 'application/json', '{"a":1}']],
    ['text', () => HttpResponse.text('hi'), [200, 'text/plain', 'hi']],
    ['html', () => HttpResponse.html('<p>'), [200, 'text/html', '<p>']],
    [
      'arrayBuffer',
      () => HttpResponse.arrayBuffer(new Uint8Array([104, 105]).buffer),
      [200, 'application/octet-stream', 'hi'],
    ],
    ['a plain HttpResponse', () => new HttpResponse(null, { status: 404 }), [404, null, '']],
    ['a plain Response', () => new Response('hi', { status: 202 }), [202, 'text/plain;charset=UTF-8', 'hi']],
    [
      'a thrown Response',
      () => {
        throw HttpResponse.text('no', { status: 402 }) as unknown as Error
      },
      [402, 'text/plain', 'no'],
    ],
    [
      'an error',
      () => {
        throw new Error('mine')
      },
      [500, null, ''],
    ],
  ])('HttpResponse: %s', async (_, respond, expected) => {
    expect(
      await seen([http.get(`${at}/`, respond)], async () => {
        const response = await fetch(at)
        return [response.status, response.headers.get('content-type'), await response.text()]
      }),
    ).toEqual(expected)
  })

  test('HttpResponse.error() breaks the connection', async () => {
    expect(await seen([http.get(at, () => HttpResponse.error())], () => settled(() => fetch(at)))).toEqual({
      threw: {
        type: 'TypeError',
        name: 'TypeError',
        message: 'fetch failed',
        cause: { type: 'Error', name: 'SocketError', code: 'UND_ERR_SOCKET' },
      },
    })
  })

  test('HttpResponse.redirect is followed, and so are cookies set', async () => {
    const outside = [
      http.get(`${at}/a`, () => HttpResponse.redirect(`${at}/b`, 307)),
      http.get(`${at}/b`, () => HttpResponse.text('there', { headers: { 'set-cookie': 'a=1' } })),
    ]
    expect(
      await seen(outside, async () => {
        const response = await fetch(`${at}/a`)
        return [response.redirected, response.url, await response.text(), response.headers.getSetCookie()]
      }),
    ).toEqual([true, `${at}/b`, 'there', ['a=1']])
  })

  test('delay() is virtual time; its limits are those of the caller', async () => {
    const outside = [
      http.get(`${at}/late`, async () => {
        await delay(5_000)
        return HttpResponse.text('late')
      }),
      http.get(`${at}/never`, async () => {
        await delay('infinite')
        return HttpResponse.text('never')
      }),
      http.get(`${at}/real`, async () => {
        await delay()
        return HttpResponse.text('real')
      }),
    ]
    const real = performance.now()
    expect(
      await seen(outside, async () => {
        const start = Date.now()
        const lap = async (path: string): Promise<unknown> => [
          await settled(async () => (await fetch(`${at}${path}`)).text()),
          Date.now() - start,
        ]
        return [await lap('/late'), await lap('/real'), await lap('/never')]
      }),
    ).toMatchObject([
      [{ gave: 'late' }, 5_040],
      [{ gave: 'real' }, 5_085],
      [{ threw: { cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } } }, 305_085],
    ])
    expect(performance.now() - real).toBeLessThan(2_000)
  })

  test('once and generators start anew with every history', async () => {
    const outside = [
      http.get(`${at}/once`, () => HttpResponse.text('first'), { once: true }),
      http.get(`${at}/once`, () => HttpResponse.text('others')),
      http.get(`${at}/poll`, function* poll() {
        yield HttpResponse.text('1')
        yield HttpResponse.text('2')
        return HttpResponse.text('done')
      }),
    ]
    const texts = (path: string, times: number): Promise<string[]> =>
      Array.from({ length: times }).reduce<Promise<string[]>>(
        async (before) => [...(await before), await (await fetch(at + path)).text()],
        Promise.resolve([]),
      )
    for (let round = 0; round < 3; round++) {
      expect(await seen(outside, async () => [await texts('/once', 3), await texts('/poll', 4)])).toEqual([
        ['first', 'others', 'others'],
        ['1', '2', 'done', 'done'],
      ])
    }
  })

  test('hosts are apart, and a handler without a host takes none', async () => {
    const outside = [
      http.get('https://a.example/x', () => HttpResponse.text('a')),
      http.get('https://b.example:8443/x', () => HttpResponse.text('b')),
    ]
    const { seen: texts, history } = await rehearse({ nodes, outside }, async () =>
      Promise.all(['https://a.example/x', 'https://b.example:8443/x'].map(async (url) => (await fetch(url)).text())),
    )
    expect(texts).toEqual(['a', 'b'])
    expect(new Set(history.events.map(({ node }) => node))).toEqual(
      new Set(['', 'idle', 'client#0', 'a.example', 'b.example:8443']),
    )
  })

  test('a node goes before the outside', async () => {
    expect(
      await seen([http.all('*', () => HttpResponse.text('outside'))], async () => [
        (await fetch('http://idle')).status,
        await (await fetch('http://idle')).text(),
        await (await fetch(at)).text(),
      ]),
    ).toEqual([200, '', 'outside'])
  })

  test('a stub may call another', async () => {
    const outside = [
      http.get(`${at}/a`, async () => HttpResponse.text(`a ${await (await fetch(`${at}/b`)).text()}`)),
      http.get(`${at}/b`, () => HttpResponse.text('b')),
    ]
    expect(await seen(outside, async () => (await fetch(`${at}/a`)).text())).toBe('a b')
  })
})

describe('the set-up', () => {
  test('a URL that no handler matches is named, with what to do', async () => {
    const outside = [http.get(`${at}/known`, () => HttpResponse.text('x'))]
    await expect(play({ nodes, outside }, () => fetch(`${at}/v1/charges?x=1`, { method: 'POST' }))).rejects.toThrow(
      `POST ${at}/v1/charges?x=1 was called, and no handler in \`outside\` matches it. Add e.g. ` +
        `http.post("${at}/v1/charges", () => HttpResponse.json({})) to \`outside\`.`,
    )
  })

  test('so is one whose handler gives nothing', async () => {
    await expect(play({ nodes, outside: [http.get(at, () => undefined)] }, () => fetch(at))).rejects.toThrow(
      'no handler in `outside` matches it',
    )
  })

  test.each<[string, () => unknown]>([
    ['passthrough()', () => passthrough()],
    ['bypass()', ({ request }: { request?: Request } = {}) => fetch(bypass(request ?? at))],
  ])('%s cannot reach the real network', async (_, respond) => {
    await expect(play({ nodes, outside: [http.get(at, respond as () => Response)] }, () => fetch(at))).rejects.toThrow(
      `GET ${at}/ was called, and its handler lets it through to the real network, which a simulation cannot ` +
        `reach. Add e.g. http.get("${at}/"`,
    )
  })

  test.each([{ listHandlers: () => 3 }, { listHandlers: () => undefined }])(
    'what is no list of handlers is refused',
    async (outside) => {
      await expect(play({ nodes, outside: outside as never }, () => undefined)).rejects.toThrow(
        'neither the result of setupServer(...) nor an array of msw handlers',
      )
    },
  )
})

describe('a server that listens', () => {
  const server = setupServer(http.get(`${at}/x`, () => HttpResponse.text('stubbed')))

  test('works before, during and after a simulation, and in it too', async () => {
    const real = createServer((_, answer) => answer.end('real'))
    await new Promise<void>((resolve) => {
      real.listen(0, '127.0.0.1', resolve)
    })
    const url = `http://127.0.0.1:${(real.address() as AddressInfo).port}/`
    const text = async (from: string): Promise<string> => (await fetch(from)).text()
    server.listen()
    try {
      for (let round = 0; round < 2; round++) {
        expect([await text(`${at}/x`), await text(url)]).toEqual(['stubbed', 'real'])
        const started = rehearse({ nodes, outside: server }, () => text(`${at}/x`))
        expect((await started).seen).toBe('stubbed')
        expect([await text(`${at}/x`), await text(url)]).toEqual(['stubbed', 'real'])
      }
      server.use(http.get(`${at}/x`, () => HttpResponse.text('other')))
      expect((await rehearse({ nodes, outside: server }, () => text(`${at}/x`))).seen).toBe('other')
      server.resetHandlers()
      expect((await rehearse({ nodes, outside: server }, () => text(`${at}/x`))).seen).toBe('stubbed')
      server.close()
      expect(await text(url)).toBe('real')
      expect((await rehearse({ nodes, outside: server }, () => text(`${at}/x`))).seen).toBe('stubbed')
    } finally {
      real.close()
    }
  })
})

describe('effects', () => {
  /** The effects of one history. */
  async function effects<T>(
    effect: Effect<T>,
    outside: Outside,
    client: () => unknown,
  ): Promise<{ readonly values: unknown[]; readonly seen: unknown; readonly history: History }> {
    const { seen: result, history } = await rehearse(
      { nodes, outside, invariants: [atMostOnce(effect.by(() => 'x'))] },
      client,
    )
    return { values: effectsOf(history, effect.name).map(({ value }) => value), seen: result, history }
  }
  const send = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(at + path, { method: 'POST', ...init })
  const pattern = (text: string, replays?: string): Effect<string> =>
    requests(
      'hit',
      text,
      async (request) => `${new URL(request.url).pathname} ${await request.text()}`,
      replays === undefined ? {} : { replays },
    )
  const accepting = [
    http.all(`${at}/*`, () => HttpResponse.json({ id: 1 })),
    http.all('https://other.example/*', () => HttpResponse.json({})),
  ]

  test.each<[string, string[]]>([
    [`POST ${at}/a/b`, ['/a/b x']],
    [`POST ${at}/a/:id`, ['/a/b x', '/a/c x']],
    [`POST ${at}/:one/:two`, ['/a/b x', '/a/c x']],
    [`POST ${at}/a/b?ignored=1`, ['/a/b x']],
    [`POST ${at.toUpperCase().replace('HTTPS', 'https')}:443/a/b`, ['/a/b x']],
    [`POST ${at}/a`, []],
    [`POST ${at}`, ['/ x']],
    [`PUT ${at}/a/b`, ['/a/b ']],
    [`POST http://api.example/a/b`, []],
  ])('%s', async (text, expected) => {
    const { values } = await effects(pattern(text), accepting, async () => {
      for (const path of ['/a/b?q=1', '/a/c', '/a/b/', '/']) await send(path, { body: 'x' })
      await send('/a/b', { method: 'PUT' })
      await fetch('https://other.example/a/b', { method: 'POST', body: 'x' })
    })
    expect(values).toEqual(expected)
  })

  test('only what the stub answers 2xx counts', async () => {
    const statuses = [200, 201, 204, 299, 301, 400, 409, 500, 503]
    const outside = [
      http.post(`${at}/:status`, ({ params }) => new HttpResponse(null, { status: Number(params['status']) })),
    ]
    const { values } = await effects(
      pattern(`POST ${at}/:status`),
      [...outside, http.post(`${at}/error`, () => HttpResponse.error())],
      async () => {
        for (const status of statuses) await send(`/${status}`)
      },
    )
    expect(values).toEqual(['/200 ', '/201 ', '/204 ', '/299 '])
  })

  test('parse has a request of its own, and may take its time', async () => {
    const form = new FormData()
    form.set('metadata[order]', 'o1')
    const effect = requests('charge', `POST ${at}/c`, async (request) => {
      await delay(100)
      return { order: (await request.formData()).get('metadata[order]'), key: request.headers.get('x-one') }
    })
    const { values, seen: body } = await effects(
      effect,
      [http.post(`${at}/c`, async ({ request }) => HttpResponse.json([...(await request.formData()).keys()]))],
      async () => [
        await (await send('/c', { body: form, headers: { 'x-one': '1' } })).json(),
        await (await send('/c', { body: new URLSearchParams({ 'metadata[order]': 'o2' }) })).json(),
      ],
    )
    expect(values).toEqual([
      { order: 'o1', key: '1' },
      { order: 'o2', key: null },
    ])
    expect(body).toEqual([['metadata[order]'], ['metadata[order]']])
  })

  test('parse that throws is a mistake in the set-up, which names the effect and the request', async () => {
    const effect = requests('charge', `POST ${at}/c`, async (request) => (await request.json()) as unknown)
    await expect(effects(effect, accepting, () => send('/c', { body: '<html>' }))).rejects.toThrow(
      /requests\("charge"\): parse threw SyntaxError.* for POST https:\/\/api\.example\/c/,
    )
  })

  describe('with replays', () => {
    let answered = 0
    const counting = (status = 200): Outside => [
      http.post(`${at}/c`, () => HttpResponse.json({ id: ++answered }, { status, headers: { 'x-one': '1' } })),
    ]
    const keyed = pattern(`POST ${at}/c`, 'Idempotency-Key')
    const pay = async (key: string, body = 'x', init: RequestInit = {}): Promise<unknown> => {
      const response = await send('/c', { body, headers: { 'idempotency-key': key }, ...init })
      const text = await response.text()
      return [
        response.status,
        text.startsWith('{"id"') ? (JSON.parse(text) as { id: number }).id - answered : text,
        response.headers.get('x-one'),
      ]
    }

    test('a repeated key has the same answer and no effect', async () => {
      const { values, seen: answers } = await effects(keyed, counting(), async () => [
        await pay('k'),
        await pay('k'),
        await pay('k'),
      ])
      expect(answers).toEqual([
        [200, 0, '1'],
        [200, 0, '1'],
        [200, 0, '1'],
      ])
      expect(values).toEqual(['/c x'])
    })

    test('other keys, and none, are other requests', async () => {
      const { values } = await effects(
        keyed,
        counting(),
        async () =>
          [await pay('k'), await pay('l'), await send('/c', { body: 'y' }), await send('/c', { body: 'y' })].length,
      )
      expect(values).toEqual(['/c x', '/c x', '/c y', '/c y'])
    })

    test('the same key with another body is 422', async () => {
      const { values, seen: answers } = await effects(keyed, counting(), async () => [
        await pay('k'),
        await pay('k', 'z'),
        await pay('k'),
      ])
      expect(answers).toEqual([
        [200, 0, '1'],
        [422, expect.stringContaining('another body'), null],
        [200, 0, '1'],
      ])
      expect(values).toEqual(['/c x'])
    })

    test('a form that is built anew is the same body', async () => {
      const form = (): FormData => {
        const data = new FormData()
        data.set('a', '1')
        return data
      }
      const ask = (): Promise<Response> => send('/c', { body: form(), headers: { 'idempotency-key': 'k' } })
      const again = (): Promise<Response> =>
        fetch(new Request(`${at}/c`, { method: 'POST', body: form(), headers: { 'idempotency-key': 'k' } }))
      const { values, seen: statuses } = await effects(keyed, counting(), async () => [
        (await ask()).status,
        (await ask()).status,
        (await again()).status,
        (await again()).status,
      ])
      expect(statuses).toEqual([200, 200, 200, 200])
      expect(values).toHaveLength(1)
    })

    test('one that comes while the first is worked on is 409, and none is remembered but the first', async () => {
      const slow = [
        http.post(`${at}/c`, async () => {
          await delay(1_000)
          return HttpResponse.json({ id: ++answered })
        }),
      ]
      const { values, seen: answers } = await effects(keyed, slow, async () => [
        await Promise.all([pay('k'), pay('k')]),
        await pay('k'),
      ])
      expect(answers).toEqual([
        [
          [200, 0, null],
          [409, expect.stringContaining('being worked on'), null],
        ],
        [200, 0, null],
      ])
      expect(values).toEqual(['/c x'])
    })

    test.each<[string, () => Response]>([
      ['is refused', () => new HttpResponse(null, { status: 402 })],
      ['fails', () => new HttpResponse(null, { status: 500 })],
      ['breaks off', () => HttpResponse.error()],
      [
        'throws',
        () => {
          throw new Error('mine')
        },
      ],
    ])('a first that %s is not remembered', async (_, respond) => {
      const outside = [http.post(`${at}/c`, respond, { once: true }), ...(counting() as readonly unknown[])]
      const { values, seen: answers } = await effects(keyed, outside, async () => [
        await settled(() => pay('k')),
        await pay('k'),
        await pay('k'),
      ])
      expect((answers as unknown[]).slice(1)).toEqual([
        [200, 0, '1'],
        [200, 0, '1'],
      ])
      expect(values).toEqual(['/c x'])
    })

    test('each history has a memory of its own', async () => {
      const act = op('act', fc.constant(null), () => pay('k'))
      const system = { nodes, outside: counting(), operations: [act], invariants: [atMostOnce(keyed.by(() => 'x'))] }
      const invocations = [{ id: 0, operation: 'act', client: 0, afterMs: 0, input: null }]
      for (let round = 0; round < 2; round++) {
        const history = await simulate(system, { workload: { invocations }, plan: noFaults, seed: 1 })
        expect(effectsOf(history, 'hit')).toHaveLength(1)
      }
    })

    test('a streamed answer is remembered whole', async () => {
      const streamed = [
        http.post(
          `${at}/c`,
          () =>
            new HttpResponse(
              new ReadableStream({
                async start(controller) {
                  controller.enqueue(new TextEncoder().encode('one,'))
                  await delay(10)
                  controller.enqueue(new TextEncoder().encode('two'))
                  controller.close()
                },
              }),
            ),
        ),
      ]
      const { seen: answers } = await effects(keyed, streamed, async () => [await pay('k'), await pay('k')])
      expect(answers).toEqual([
        [200, 'one,two', null],
        [200, 'one,two', null],
      ])
    })
  })
})
