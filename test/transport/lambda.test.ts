// Handlers of AWS Lambda behind function URLs, HTTP APIs and REST APIs.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { journal, noFaults, op, serve, simulate, sometimes, type History } from 'two-generals'
import { lambda, type LambdaHandler } from 'two-generals/lambda'
import { play, rehearse } from '../../src/conformance/rehearse.ts'

type Options = Parameters<typeof lambda>[1]

interface Asked {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
  readonly body: string
}

/** What a client gets, the same in two histories. */
async function answer(handler: unknown, options: Options = {}, ask = 'http://shop/'): Promise<Asked> {
  const boot = (): LambdaHandler => handler as LambdaHandler
  const { seen } = await rehearse({ nodes: { shop: lambda(boot, options) } }, async () => {
    const response = await fetch(ask)
    const { status, headers } = response
    return {
      status,
      headers: Object.fromEntries(headers),
      cookies: headers.getSetCookie(),
      body: await response.text(),
    }
  })
  return seen as Asked
}

/** The event that a handler gets for a request. */
async function eventFor(options: Options, url: string, init?: RequestInit): Promise<unknown> {
  const echo = (event: unknown): unknown => ({ statusCode: 200, body: JSON.stringify(event) })
  const { seen } = await rehearse({ nodes: { shop: lambda(() => echo, options) } }, async () =>
    (await fetch(url, init)).json(),
  )
  return seen
}

const request = [
  'http://shop/a%20b/c?x=1&x=2&y=%C3%A9',
  {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Key': 'k', cookie: 'a=1; b=2' },
    body: '{"n":1}',
  },
] as const

describe('events', () => {
  test('of format 2.0', async () => {
    expect(await eventFor({}, ...request)).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a%20b/c',
      rawQueryString: 'x=1&x=2&y=%C3%A9',
      cookies: ['a=1', 'b=2'],
      headers: { host: 'shop', 'content-type': 'application/json', 'x-key': 'k', 'x-forwarded-proto': 'http' },
      queryStringParameters: { x: '1,2', y: 'é' },
      requestContext: {
        http: { method: 'POST', path: '/a%20b/c', protocol: 'HTTP/1.1' },
        time: '01/Jan/2026:00:00:00 +0000',
        timeEpoch: Date.UTC(2026, 0, 1) + 20,
      },
      body: '{"n":1}',
      isBase64Encoded: false,
    })
    expect(await eventFor({}, ...request)).not.toHaveProperty('headers.cookie')
    const bare = await eventFor({}, 'http://shop/')
    for (const absent of ['body', 'cookies', 'queryStringParameters']) expect(bare).not.toHaveProperty(absent)
  })

  test('of format 1.0', async () => {
    expect(await eventFor({ behind: 'rest-api' }, ...request)).toMatchObject({
      resource: '/{proxy+}',
      path: '/a%20b/c',
      httpMethod: 'POST',
      headers: { 'content-type': 'application/json', 'x-key': 'k', cookie: 'a=1; b=2' },
      multiValueHeaders: { 'x-key': ['k'] },
      queryStringParameters: { x: '2', y: 'é' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['é'] },
      pathParameters: { proxy: 'a%20b/c' },
      requestContext: { stage: 'prod', requestTimeEpoch: Date.UTC(2026, 0, 1) + 20 },
      body: '{"n":1}',
      isBase64Encoded: false,
    })
    expect(await eventFor({ behind: 'rest-api' }, 'http://shop/')).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
    })
  })

  test.each([
    ['bytes', { 'content-type': 'image/png' }, new Uint8Array([0, 255])],
    ['bytes that are said to be text', { 'content-type': 'text/plain' }, new Uint8Array([0xc3, 0x28])],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=1'],
  ])('%s are in base64', async (_, headers, body) => {
    expect(await eventFor({}, 'http://shop/', { method: 'POST', headers, body })).toMatchObject({
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    })
  })
})

describe('answers', () => {
  test('with a status, headers and cookies', async () => {
    const handler = async (): Promise<object> => ({
      statusCode: 201,
      headers: { 'X-Kind': 'a' },
      cookies: ['a=1; Path=/', 'b=2'],
      body: 'made',
    })
    const { status, headers, cookies, body } = await answer(handler)
    expect({ status, kind: headers['x-kind'], cookies, body }).toEqual({
      status: 201,
      kind: 'a',
      cookies: ['a=1; Path=/', 'b=2'],
      body: 'made',
    })
  })

  test('with multiValueHeaders, in format 1.0', async () => {
    const handler = async (): Promise<object> => ({
      statusCode: 200,
      headers: { 'set-cookie': 'dropped=1', 'x-one': '1' },
      multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] },
      body: '',
    })
    const { headers, cookies } = await answer(handler, { behind: 'rest-api' })
    expect([headers['x-one'], cookies]).toEqual(['1', ['a=1', 'b=2']])
  })

  test('in base64', async () => {
    const body = Buffer.from('bytes').toString('base64')
    expect(await answer(() => ({ statusCode: 200, isBase64Encoded: true, body }))).toMatchObject({ body: 'bytes' })
  })

  test('that are bare values, in format 2.0', async () => {
    expect(await answer(async () => ({ left: 1 }))).toMatchObject({ status: 200, body: '{"left":1}' })
    expect(await answer(async () => 'text')).toMatchObject({ status: 200, body: '"text"' })
    expect((await answer(async () => ({ left: 1 }))).headers['content-type']).toBe('application/json')
  })

  test('through a callback', async () => {
    const handler = (_: unknown, __: unknown, callback: (error: unknown, result: unknown) => void): void => {
      setTimeout(() => callback(null, { statusCode: 200, body: 'later' }), 100)
    }
    expect(await answer(handler)).toMatchObject({ status: 200, body: 'later' })
  })

  test.each<[string, unknown]>([
    ['an error', async () => Promise.reject(new Error('boom'))],
    [
      'an error at once',
      () => {
        throw new Error('boom')
      },
    ],
    ['a body that is no text', async () => ({ statusCode: 200, body: { a: 1 } })],
    ['a status that is none', async () => ({ statusCode: 'ok' })],
    ['a Response', async () => new Response('a')],
    ['an error in the callback', (_: unknown, __: unknown, callback: (error: unknown) => void) => callback('boom')],
  ])('500 of an HTTP API, and 502 of a REST API and a function URL, for %s', async (_, handler) => {
    const api = { status: 500, body: JSON.stringify({ message: 'Internal Server Error' }) }
    expect(await answer(handler)).toMatchObject(api)
    const rest = { status: 502, body: JSON.stringify({ message: 'Internal server error' }) }
    expect(await answer(handler, { behind: 'rest-api' })).toMatchObject(rest)
    const url = { status: 502, body: 'Internal Server Error' }
    expect(await answer(handler, { behind: 'function-url' })).toMatchObject(url)
  })

  test('502 for a bare value, in format 1.0', async () => {
    expect(await answer(async () => ({ left: 1 }), { behind: 'rest-api' })).toMatchObject({ status: 502 })
  })
})

describe('time', () => {
  const never = async (): Promise<never> => new Promise(() => undefined)

  test('left is counted in virtual time', async () => {
    const handler = async (_: unknown, context: { getRemainingTimeInMillis(): number }): Promise<object> => {
      const before = context.getRemainingTimeInMillis()
      await new Promise((resolve) => {
        setTimeout(resolve, 500)
      })
      return { left: [before, context.getRemainingTimeInMillis()] }
    }
    expect((await answer(handler)).body).toBe('{"left":[3000,2500]}')
    expect((await answer(handler, { timeout: 10_000 })).body).toBe('{"left":[10000,9500]}')
  })

  test('is over: the container is killed after the answer, and another one starts', async () => {
    const boots: number[] = []
    const { history, seen } = await rehearse(
      {
        nodes: {
          shop: lambda(
            () => {
              boots.push(boots.length)
              return never
            },
            { instances: 1 },
          ),
        },
      },
      async () => {
        const { status } = await fetch('http://shop/')
        return [status, performance.now()]
      },
    )
    expect(seen).toEqual([500, 3_040])
    expect(history.events.filter(({ kind }) => kind === 'crash')).toMatchObject([{ node: 'shop', why: 'SIGKILL' }])
    expect(history.notes.map(({ text }) => text)).toContain('Task timed out after 3.00 seconds')
    expect(boots).toHaveLength(4)
  })

  test('of an API is over before that of its function', async () => {
    const slow = async (): Promise<object> => {
      await new Promise((resolve) => {
        setTimeout(resolve, 60_000)
      })
      return { statusCode: 200 }
    }
    expect(await answer(slow, { behind: 'rest-api', timeout: 300_000 })).toMatchObject({ status: 504 })
    expect(await answer(slow, { behind: 'http-api', timeout: 300_000 })).toMatchObject({ status: 503 })
    expect(await answer(slow, { behind: 'function-url', timeout: 300_000 })).toMatchObject({ status: 200 })
  })
})

describe('containers', () => {
  const mailed = journal<{ order: string }>('mailed')
  const order = op('order', fc.string(), async (id) => fetch(`http://shop/${id}`))
  const later = async (ms: number): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, ms)
    })
  const mail = async (id: string): Promise<void> => {
    await later(100)
    mailed.add({ order: id })
  }

  async function played(handler: LambdaHandler, ids: readonly string[], afterMs: number): Promise<History> {
    const invocations = ids.map((input, id) => ({ id, operation: 'order', client: id, afterMs: id * afterMs, input }))
    const system = {
      nodes: { shop: lambda(() => handler, { instances: 1 }) },
      operations: [order],
      invariants: [sometimes('ran', () => true)],
    }
    return simulate(system, { workload: { invocations }, plan: noFaults, seed: 1 })
  }

  const effects = ({ events }: History): unknown[] =>
    events.flatMap((event) => (event.kind === 'effect' ? [[event.value, event.atMs]] : []))

  test('are frozen once they have answered: what nothing waits for is done in the next request, or never', async () => {
    const forgets = async ({ rawPath }: { rawPath: string }): Promise<object> => {
      void mail(rawPath)
      return { statusCode: 202 }
    }
    const one = await played(forgets, ['a'], 0)
    expect(effects(one)).toEqual([])
    expect(one.notes.map(({ text }) => text)).toContain('then frozen, with work undone')
    expect(effects(await played(forgets, ['a', 'b'], 5_000))).toEqual([[{ order: '/a' }, 5_020]])
  })

  test('do what is waited for', async () => {
    const waits = async ({ rawPath }: { rawPath: string }): Promise<object> => {
      await mail(rawPath)
      return { statusCode: 202 }
    }
    const { notes, ...history } = await played(waits, ['a', 'b'], 5_000)
    expect(effects({ notes, ...history })).toEqual([
      [{ order: '/a' }, 120],
      [{ order: '/b' }, 5_120],
    ])
    expect(notes).toEqual([])
  })

  test('work on one request at a time', async () => {
    let busy = 0
    const alone = async (): Promise<object> => {
      busy += 1
      const most = busy
      await later(50)
      busy -= 1
      return { statusCode: most === 1 ? 200 : 500 }
    }
    const { events } = await played(alone, ['a', 'b', 'c'], 0)
    expect(events.filter(({ kind }) => kind === 'ok')).toHaveLength(3)
  })
})

test.each([
  [{ behind: 'alb' }, 'give one of http-api, function-url, rest-api'],
  [{ timeout: 'long' }, 'lambda(): timeout is "long"'],
  [{ memory: 128 }, 'lambda() has no option "memory"'],
  [{ instances: 0 }, 'give a whole number from 1'],
])('an option of no use is named: %j', (options, words) => {
  expect(() => lambda(() => () => ({}), options as object)).toThrow(words)
})

test('what is no handler is named', async () => {
  const boot = (() => ({ handler: () => ({}) })) as unknown as () => LambdaHandler
  const ask = async (): Promise<Response> => fetch('http://shop/')
  await expect(rehearse({ nodes: { shop: lambda(boot) } }, ask)).rejects.toThrow(
    'lambda(): its factory gave no function',
  )
})

test('a handler of Lambda that is given to serve is named, with what to write', async () => {
  const boot = (() => () => ({ statusCode: 200, body: '' })) as unknown as Parameters<typeof serve>[0]
  const { history } = await play({ nodes: { shop: serve(boot) } }, async () => fetch('http://shop/'))
  expect(history.notes.map(({ text }) => text).join()).toContain('lambda(() => handler)')
})
