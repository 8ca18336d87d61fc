// Mistakes in code that runs inside a simulation: each error states what failed, what was found and what to do.
import * as fc from 'fast-check'
import dns from 'node:dns'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { always } from '../../src/check/always.ts'
import { journal, requests, rows } from '../../src/history/effect.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import { op, type Outcome } from '../../src/system/operation.ts'
import { assess } from '../../src/property.ts'
import { SetupError } from '../../src/simulate/setup-error.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { act, effectsIn, eventsOf, node, nothingToJudge, outcomesOf, post, runOnce } from './systems.ts'

function system(parts: Partial<System> = {}): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    invariants: [nothingToJudge],
    ...parts,
  }
}

describe('an operation', () => {
  test('that throws at once ends as unknown, and is tried again', async () => {
    const throwing = act(
      'go',
      () => {
        throw new Error('not yet')
      },
      { retries: 1 },
    )

    const { history } = await runOnce(system({ operations: [throwing] }))

    expect(outcomesOf(history)).toEqual(['info error'])
    expect(eventsOf(history, 'attempt')).toHaveLength(2)
    expect(history.notes.map(({ text }) => text)).toEqual(['Error: not yet', 'Error: not yet'])
  })

  test.each([
    ['undefined', undefined],
    ['an error', new TypeError('no')],
    ['a text', 'no'],
    ['a Response', new Response(null, { status: 400 })],
  ])('that rejects with %s ends as unknown', async (_name, reason) => {
    const { history } = await runOnce(
      system({
        operations: [
          act(
            'go',
            () =>
              new Promise((_, reject) => {
                reject(reason)
              }),
          ),
        ],
      }),
    )

    expect(eventsOf(history, 'info')).toHaveLength(1)
  })

  test.each([
    [
      'throws',
      () => {
        throw new TypeError('no status')
      },
      'TypeError: no status',
    ],
    ['gives nothing', () => undefined, "TypeError: it gave undefined instead of 'ok', 'fail' or 'info'"],
    ['is asynchronous', async () => 'ok', "TypeError: it gave a promise instead of 'ok', 'fail' or 'info'"],
  ])('whose outcome function %s', async (_why, outcome, words) => {
    const reading = act('go', () => fetch('http://shop/'), { outcome: outcome as unknown as () => Outcome })

    await expect(runOnce(system({ operations: [reading] }))).rejects.toThrow(
      new SetupError(`op("go"): its outcome function threw ${words}.`),
    )
  })

  test('that returns what cannot be written', async () => {
    const { history } = await runOnce(system({ operations: [act('go', () => () => undefined)] }))

    expect(eventsOf(history, 'ok')).toMatchObject([{ value: '(not plain data)' }])
  })

  test('whose arbitrary makes what cannot be saved', async () => {
    const unsaved = op('go', fc.constant(Symbol('x')), () => undefined)

    await expect(assess(system({ operations: [unsaved] }))).rejects.toThrow(
      'op("go"): its arbitrary made a value that cannot be saved. A value of the scenario cannot be saved: it ' +
        'is a symbol.',
    )
  })
})

describe('effects', () => {
  const did = journal<unknown>('did')
  const unwritable: readonly (readonly [name: string, value: unknown, found: string])[] = [
    ['a function', { send: () => undefined }, 'could not be cloned'],
    ['a bare function', () => undefined, 'could not be cloned'],
    ['a symbol', Symbol('x'), 'it is a symbol'],
    ['a regular expression', { match: /x/ }, 'match is an instance of RegExp'],
  ]
  // Hono and Express turn whatever a handler throws into a 500: the mistake must not look like the network's.
  const recording = (value: unknown): System =>
    system({
      nodes: {
        shop: serve(() => () => {
          try {
            did.add(value)
          } catch {
            return new Response(null, { status: 500 })
          }
          return new Response()
        }),
      },
    })

  test.each(unwritable)('of a journal that hold %s', async (_name, value, found) => {
    const running = runOnce(recording(value))

    await expect(running).rejects.toThrow(SetupError)
    await expect(running).rejects.toThrow(/^The effect "did" cannot be recorded: .*Record plain data\.$/s)
    await expect(running).rejects.toThrow(found)
  })

  test('of a journal, added by an operation or a timer', async () => {
    const later = (): Promise<unknown> =>
      new Promise((resolve) => {
        setTimeout(() => {
          did.add(Symbol('x'))
          resolve('added')
        }, 5)
      })
    for (const add of [() => did.add(Symbol('x')), later]) {
      await expect(runOnce(system({ operations: [act('go', add)] }))).rejects.toThrow(
        'The effect "did" cannot be recorded',
      )
      await expect(runOnce(system({ nodes: { shop: node(add) } }))).rejects.toThrow(
        'The effect "did" cannot be recorded',
      )
    }
  })

  test('of a journal are copies of instances, written as plain data', async () => {
    class Money {
      readonly cents = 5
    }

    const { history } = await runOnce(recording(new Money()))

    expect(effectsIn(history, 'did').map(({ value }) => value)).toEqual([{ cents: 5 }])
    expect(historyBytes(history)).toContain('"value":{"cents":5}')
  })

  test('of rows whose query throws, rejects or gives no list', async () => {
    const reading = (query: () => never): Promise<unknown> =>
      runOnce(system({ invariants: [always('any', rows('order', query), () => true)] }))
    const failed = (why: string): string =>
      `rows("order"): its query failed: ${why}. It is asked before and after each history: the test creates what it names.`

    await expect(
      reading(() => {
        throw new Error('no such table: orders')
      }),
    ).rejects.toThrow(new SetupError(failed('no such table: orders')))
    await expect(reading((() => Promise.reject(new Error('closed'))) as never)).rejects.toThrow(
      new SetupError(failed('closed')),
    )
    await expect(reading((() => 'rows') as never)).rejects.toThrow(new SetupError(failed('it gave no array')))
  })

  test('of requests without a METHOD and a URL', () => {
    expect(() => requests('charge', '/charges', () => 1)).toThrow(
      new Error(
        'requests("charge"): the pattern "/charges" is not "METHOD url". Write e.g. "POST ' +
          'https://api.example.com/charges".',
      ),
    )
  })
})

describe('what is real', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'a socket',
      () => net.connect(1, '127.0.0.1').on('error', () => undefined),
      /connect of node:net to host "127\.0\.0\.1:1" \(only HTTP\/1\.1 .* put a port\(\) .*, where nobody is/,
    ],
    ['node:https', () => https.request('https://bank.test'), /request of node:https to host "bank\.test:443"/],
    ['node:http2', () => http2.connect('https://bank.test'), /connect of node:http2 to host "bank\.test:443"/],
    [
      'a database',
      () => net.connect(5432, 'db').end(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])),
      /bytes that are no HTTP\/1\.1, sent by connect of node:net to host "db:5432".*, as of PostgreSQL \(its store is/,
    ],
    [
      'a cache',
      () => net.connect(6379, 'cache').end('*1\r\n$4\r\nPING\r\n'),
      /bytes that are no HTTP\/1\.1, sent by connect of node:net to host "cache:6379" \(only HTTP\/1\.1 [^,]* at test/,
    ],
    [
      'a server of mail',
      () => tls.connect({ host: 'mail', port: 465 }).on('error', () => undefined),
      /a connection to host "mail:465" \(only HTTP\/1\.1 .*\), where nobody is/,
    ],
    ['a server', () => net.createServer().listen(0).unref(), /a server that listens and is none of HTTP\/1\.1/],
    ['a name look-up', () => dns.resolve('example.invalid', () => undefined), /dns\.resolve/],
  ])('%s is named with its line', async (_name, reach, type) => {
    const reaching = runOnce(system({ nodes: { shop: node(reach) } }))

    await expect(reaching).rejects.toThrow(SetupError)
    await expect(reaching).rejects.toThrow(
      /^Node "shop" escaped to real I\/O, .* at test\/simulate\/errors\.test\.ts:\d+\./,
    )
    await expect(reaching).rejects.toThrow(type)
  })
})

test('a request of node:http to nobody is named by its URL', async () => {
  await expect(runOnce(system({ nodes: { shop: node(() => http.get('http://bank.test/x')) } }))).rejects.toThrow(
    '"shop" called GET http://bank.test/x, and nobody answers there.',
  )
})

test('names lead to nodes, except those that lead nowhere', async () => {
  const seen: unknown[] = []
  const look = (): void => {
    for (const host of ['shop', 'localhost', 'a.invalid'])
      dns.lookup(host, (error, address) => seen.push(error?.code ?? address))
  }
  await runOnce(system({ nodes: { shop: node(look) } }))
  expect(seen).toEqual(['10.0.0.1', '127.0.0.1', 'ENOTFOUND'])
})

describe('fake timers', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const text =
    /^Cannot simulate: .*setTimeout.* replaced by fake timers \(vi\.useFakeTimers or vi\.setSystemTime\)\. .*call vi\.useRealTimers\(\) before the test/

  test('before a simulation', async () => {
    vi.useFakeTimers()
    const running = runOnce(system())

    await expect(running).rejects.toThrow(text)

    vi.useRealTimers()

    expect(outcomesOf((await runOnce(system())).history)).toEqual(['ok'])
  })

  test('inside one', async () => {
    const running = runOnce(
      system({
        nodes: {
          shop: node(() => {
            vi.useFakeTimers()
          }),
        },
      }),
    )

    await expect(running).rejects.toThrow(text)

    vi.useRealTimers()

    expect(outcomesOf((await runOnce(system())).history)).toEqual(['ok'])
  })
})
