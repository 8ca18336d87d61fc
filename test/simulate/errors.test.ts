// What a mistake in the set-up is told: what failed, what was found, what to do.
import * as fc from 'fast-check'
import dns from 'node:dns'
import net from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { always } from '../../src/check/always.ts'
import { journal, requests, rows } from '../../src/history/effect.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import { op, type Outcome } from '../../src/system/operation.ts'
import { assess } from '../../src/property.ts'
import { SetupError } from '../../src/simulate/setup-error.ts'
import { open } from '../../src/simulation.ts'
import type { System, Tolerates } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import {
  act,
  effectsIn,
  eventsOf,
  node,
  nothingToJudge,
  oneAfterTheOther,
  outcomesOf,
  pause,
  post,
  runOnce,
  scenarioOf,
} from './systems.ts'

function system(parts: Partial<System> = {}): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    invariants: [nothingToJudge],
    ...parts,
  }
}

describe('a system', () => {
  const wrong: readonly (readonly [why: string, parts: Partial<System>, text: string])[] = [
    ['without nodes', { nodes: {} }, 'The system has no nodes. Give `nodes: { shop: serve(() => app) }`.'],
    [
      'without operations',
      { operations: [] },
      'The system has no operations, so nothing would ever happen. Give `operations: [op(...)]`.',
    ],
    [
      'without invariants',
      { invariants: [] },
      'The system has no invariants, so nothing could ever fail. Give e.g. `invariants: [noHang()]`.',
    ],
    [
      'with two operations of one name',
      { operations: [post('go', 'http://shop/'), post('go', 'http://shop/else')] },
      'operations: "go" is there twice. Names stand in addresses and stories; give each its own (for a store: { ' +
        'name }).',
    ],
    [
      'with two stores of one name',
      { stores: [map(new Map(), { name: 'seen' }), map(new Set(), { name: 'seen' })] },
      'stores and nodes: "seen" is there twice. Names stand in addresses and stories; give each its own (for a ' +
        'store: { name }).',
    ],
    [
      'with a store called like a node',
      { stores: [map(new Map(), { name: 'shop' })] },
      'stores and nodes: "shop" is there twice. Names stand in addresses and stories; give each its own (for a ' +
        'store: { name }).',
    ],
    [
      'with a handler for a node',
      { nodes: { shop: (() => new Response()) as never } },
      'nodes: "shop" is a function, and not a node. Write shop: serve(() => handler).',
    ],
    [
      'with an app for a node',
      { nodes: { shop: { fetch: () => new Response() } as never } },
      'nodes: "shop" is an object, and not a node. Write shop: serve(() => handler).',
    ],
    [
      'with invariants that are undefined',
      { invariants: undefined as never },
      'two-generals: expected a system, { nodes, operations, invariants }, and found an object with nodes, ' +
        'operations, invariants, where invariants is undefined. ' +
        'Write { nodes: { shop: serve(() => app) }, operations: [pay], invariants: [noHang()] }.',
    ],
    [
      'with a misspelt part',
      { tolerate: ['lose'] } as never,
      'The system has "tolerate", which no system has. Did you mean "tolerates"?',
    ],
    ['with no clients', { clients: 0 }, 'clients is 0; give a whole number from 1.'],
    ['with half an operation', { maxOperations: 0.5 }, 'maxOperations is 0.5; give a whole number from 1.'],
  ]
  test.each(wrong)('%s', async (_why, parts, text) => {
    await expect(open(system(parts))).rejects.toThrow(new Error(text))
  })

  test('with an unknown part that resembles no known one: it may serve the caller', async () => {
    const simulation = await open(system({ title: 'paid once' } as never))
    await simulation.close()
  })

  test.each([-5, 0.5, Number.NaN])('explored for %s runs', async (numRuns) => {
    await expect(assess(system(), { numRuns })).rejects.toThrow(`numRuns is ${numRuns}; give a whole number from 0.`)
  })

  test('with a node made of an app, and not of a factory', () => {
    expect(() => serve({ fetch: () => new Response() } as never)).toThrow(
      'serve(): its first argument is no function. Give a factory, which makes what a crash takes: serve(() => app).',
    )
  })

  test('whose operation waits for what never comes', async () => {
    const waits = act('go', () => new Promise(() => undefined))

    const assessment = await assess(system({ operations: [waits] }))

    expect(assessment.kind === 'broken' && assessment.text).toContain('(nothing is left that could end it)')
  })

  test('whose operation polls for ever', { tags: ['full'] }, async () => {
    const polls = act('go', async () => {
      for (;;) await pause(0)
    })

    const assessment = await assess(system({ operations: [polls] }))

    expect(assessment.kind === 'broken' && assessment.text).toContain('something repeats for ever')
  })

  test('with a node called client, or by no host name', async () => {
    for (const name of ['client', 'my shop']) {
      await expect(open(system({ nodes: { [name]: node(() => undefined) } }))).rejects.toThrow(
        `nodes: "${name}" cannot be the name of a node: it is a host name, and "client" is taken`,
      )
    }
  })

  test('that cannot be opened leaves its stores as they were', async () => {
    const kept = new Map([['a', 1]])
    const own = Reflect.ownKeys(kept)

    await expect(
      open(
        system({
          stores: [map(kept, { name: 'kept' }), map(new Map([['f', () => undefined]]), { name: 'functions' })],
        }),
      ),
    ).rejects.toThrow('map("functions")')
    expect([Reflect.ownKeys(kept), [...kept]]).toEqual([own, [['a', 1]]])
  })
})

describe('a claim', () => {
  const wrong: readonly (readonly [tolerates: unknown, text: string])[] = [
    [
      ['lost'],
      'tolerates: "lost" is no kind of fault (have "lose", "duplicate", "crash", "delay", "error", "reset", ' +
        '"refuse", "throttle", "hang", "garble", "partition", "slow", "latency", "pause", "jump", "skew", ' +
        '"drift"). Did you mean "lose"?',
    ],
    [
      { except: ['crsh'] },
      'tolerates: "crsh" is no kind of fault (have "lose", "duplicate", "crash", "delay", "error", "reset", ' +
        '"refuse", "throttle", "hang", "garble", "partition", "slow", "latency", "pause", "jump", "skew", ' +
        '"drift"). Did you mean "crash"?',
    ],
    [
      { 'client -> shop': ['earthquake'] },
      'tolerates: "earthquake" is no kind of fault (have "lose", "duplicate", "crash", "delay", "error", ' +
        '"reset", "refuse", "throttle", "hang", "garble", "partition", "slow", "latency", "pause", "jump", ' +
        '"skew", "drift").',
    ],
    [
      { 'shp -> shop': ['lose'] },
      'tolerates: the link "shp -> shop" starts at "shp", which is no node (have "client", "shop"). Did you ' +
        'mean "shop"?',
    ],
    [
      { 'client->shop': ['lose'] },
      'tolerates: "client->shop" is no link. Write "caller -> callee", e.g. "client -> shop".',
    ],
    [
      { 'client -> shop -> bank': ['lose'] },
      'tolerates: "client -> shop -> bank" is no link. Write "caller -> callee", e.g. "client -> shop".',
    ],
  ]
  test.each(wrong)('%j', async (tolerates, text) => {
    await expect(open(system({ tolerates: tolerates as Tolerates }))).rejects.toThrow(new Error(text))
  })

  test('for a link limits the adversary to it', async () => {
    const calling = system({
      nodes: {
        shop: node(async () => {
          await fetch('http://bank/', { method: 'POST' }).catch(() => undefined)
        }),
        bank: node(() => undefined),
      },
      tolerates: { 'shop -> bank': ['lose', 'refuse'] },
    })

    const { explored } = await assess(calling, { numRuns: 50 })

    expect(explored.singles.total).toBe(3)
    expect(Object.keys(explored.fired).sort()).toEqual(['lose', 'refuse'])
  })
})

describe('a workload', () => {
  test('with an unknown operation', async () => {
    const two = system({ operations: [post('pay', 'http://shop/'), post('refund', 'http://shop/')] })

    await expect(runOnce(two, scenarioOf(two, [], oneAfterTheOther('buy')))).rejects.toThrow(
      new SetupError(
        'The workload invokes "buy", which is no operation of this system (it has "pay", "refund"). Was it renamed?',
      ),
    )
  })
})

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

    await expect(
      reading(() => {
        throw new Error('no such table: orders')
      }),
    ).rejects.toThrow(new SetupError('rows("order"): its query failed: no such table: orders'))
    await expect(reading((() => Promise.reject(new Error('closed'))) as never)).rejects.toThrow(
      new SetupError('rows("order"): its query failed: closed'),
    )
    await expect(reading((() => 'rows') as never)).rejects.toThrow(
      new SetupError('rows("order"): its query failed: it gave no array'),
    )
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

test('a registered store that is never used', async () => {
  const unused = map(new Map(), { name: 'ledger' })

  expect(await assess(system({ stores: [unused] }), { numRuns: 0 })).toMatchObject({
    kind: 'broken',
    text:
      'Store "ledger" saw no call in any history. Is it the instance that the handler uses? A store that ' +
      'is never ' +
      'used cannot be crashed, and should not be registered.',
  })
})

test('a URL where nobody answers', async () => {
  await expect(runOnce(system({ operations: [post('go', 'http://shpo/orders')] }))).rejects.toThrow(
    /^"client" called POST http:\/\/shpo\/orders, and nobody answers there\. The nodes are http:\/\/shop\. /,
  )
})

describe('what is real', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a socket', () => net.connect(1, '127.0.0.1').on('error', () => undefined), /TCPCONNECTWRAP/],
    ['a name look-up', () => dns.lookup('example.invalid', () => undefined), /dns\.(promises\.)?lookup/],
    ['a server', () => net.createServer().listen(0).unref(), /TCPSERVERWRAP/],
  ])('%s is named with its line', async (_name, reach, type) => {
    const reaching = runOnce(system({ nodes: { shop: node(reach) } }))

    await expect(reaching).rejects.toThrow(SetupError)
    await expect(reaching).rejects.toThrow(
      /^Node "shop" escaped to real I\/O, .* at test\/simulate\/errors\.test\.ts:\d+\./,
    )
    await expect(reaching).rejects.toThrow(type)
  })
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
