// Faults that break a connection, damage a body or last on a link: what the two ends observe. Where the platform has a
// say (resets, damaged bodies), a server on 127.0.0.1 does the same with its sockets, and both clients must see the
// same.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { Partition } from '../../src/scenario/fault/partition.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History } from '../../src/history/history.ts'
import type { Invocation } from '../../src/scenario/scenario.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { settled } from '../../src/conformance/observed.ts'
import { rootOf } from '../address-of.ts'
import {
  act,
  drawn,
  effectsIn,
  eventsOf,
  node,
  nothingToJudge,
  oneAfterTheOther,
  pause,
  post,
  runOnce,
  scenarioOf,
} from './systems.ts'
import { journal } from '../../src/history/effect.ts'

const call = (from: string, to: string, operation: string, more: Partial<Address> = {}): Address => ({
  root: rootOf('act#0'),
  path: [],
  from,
  to,
  operation,
  leg: 'request',
  nth: 1,
  ...more,
})
const asked = call('client', 'shop', 'GET /')
const answered: Address = { ...asked, leg: 'reply' }

// Every way to read a body.

const text = 'zwölf Zeichen'
const bytes = Buffer.from(text)

const shapes: Readonly<Record<string, (response: Response) => unknown>> = {
  text: (response) => response.text(),
  json: (response) => response.json(),
  arrayBuffer: async (response) => Buffer.from(await response.arrayBuffer()).toString('hex'),
  bytes: async (response) => Buffer.from(await response.bytes()).toString('hex'),
  blob: async (response) => (await response.blob()).text(),
  clone: async (response) => [await settled(() => response.clone().text()), await settled(() => response.text())],
  wrapped: (response) => new Response(response.body, response).text(),
  stream: async (response) => {
    let seen = ''
    try {
      for await (const piece of response.body ?? []) seen += Buffer.from(piece).toString('hex')
    } catch (error) {
      return {
        seen,
        then: await settled(() => {
          throw error
        }),
      }
    }
    return { seen }
  },
}

const page = /^<!DOCTYPE html>\n/

async function observe(url: string, shape: (response: Response) => unknown): Promise<unknown> {
  return settled(async () => {
    const response = await fetch(url)
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await settled(() => shape(response)),
    }
  })
}

const half = bytes.subarray(0, 7)

const damages: readonly (readonly [string, Fault, (response: ServerResponse) => void])[] = [
  [
    'a reset before the work',
    { kind: 'reset', at: asked },
    ({ socket }) => {
      socket?.resetAndDestroy()
    },
  ],
  [
    'a reset after the work',
    { kind: 'reset', at: answered },
    ({ socket }) => {
      socket?.resetAndDestroy()
    },
  ],
  [
    'a reset in the middle of the body',
    { kind: 'reset', at: answered, atByte: 7 },
    (response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': bytes.byteLength })
      response.write(half)
      setTimeout(() => response.socket?.resetAndDestroy(), 20)
    },
  ],
  [
    'a reset in place of the end of the body',
    { kind: 'reset', at: answered, atByte: 1_000 },
    (response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' })
      response.write(bytes)
      setTimeout(() => response.socket?.resetAndDestroy(), 20)
    },
  ],
  [
    'half of the body',
    { kind: 'garble', at: answered, body: 'truncated' },
    (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(half),
  ],
  [
    'an empty body',
    { kind: 'garble', at: answered, body: 'empty' },
    (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(),
  ],
]

describe('a client sees what the platform shows it of', () => {
  let platform: Server
  let damage: (response: ServerResponse) => void = (response) => {
    response.end()
  }
  beforeAll(async () => {
    platform = createServer((_: IncomingMessage, response) => damage(response))
    await new Promise<void>((resolve) => {
      platform.listen(0, '127.0.0.1', resolve)
    })
  })
  afterAll(() => {
    platform.closeAllConnections()
    platform.close()
  })

  describe.each(damages)('%s', (_, fault, really) => {
    test.each(Object.keys(shapes))('by %s', async (name) => {
      const shape = shapes[name] ?? ((): undefined => undefined)
      damage = really
      const expected = await observe(`http://127.0.0.1:${(platform.address() as AddressInfo).port}/`, shape)
      expect(await seenUnder(fault, (url) => observe(url, shape))).toEqual(expected)
    })
  })

  test('a proxy that answers itself: 200, its page as HTML, and no word of the callee', async () => {
    const look = async (url: string): Promise<unknown> => {
      const response = await fetch(url)
      return [response.status, [...response.headers], await response.text()]
    }
    expect(await seenUnder({ kind: 'garble', at: answered, body: 'html' }, look)).toEqual([
      200,
      [['content-type', 'text/html; charset=utf-8']],
      expect.stringMatching(page),
    ])
    expect(
      await seenUnder({ kind: 'garble', at: answered, body: 'html' }, (url) =>
        observe(url, (response) => response.json()),
      ),
    ).toMatchObject({ gave: { body: { threw: { type: 'SyntaxError' } } } })
  })
})

/** What a client saw of a shop that answers `text`, and how often the work was done. */
async function seenUnder(
  fault: Fault,
  client: (url: string) => Promise<unknown>,
  shop: () => Response = () =>
    new Response(text, { headers: { 'content-type': 'text/plain', 'content-length': String(bytes.byteLength) } }),
): Promise<unknown> {
  let seen: unknown
  const look = act('act', async () => {
    seen = await client('http://shop/')
  })
  await runOnce(
    { nodes: { shop: serve(() => shop) }, operations: [look], invariants: [nothingToJudge] },
    scenarioOf({ nodes: {}, operations: [look], invariants: [] }, [fault]),
  )
  return seen
}

const worked = journal<string>('worked')

describe('a reset says nothing of the work', () => {
  test.each<[string, Fault, number]>([
    ['before it', { kind: 'reset', at: { ...asked, operation: 'POST /' } }, 0],
    ['after it', { kind: 'reset', at: { ...answered, operation: 'POST /' } }, 1],
    ['in the answer', { kind: 'reset', at: { ...answered, operation: 'POST /' }, atByte: 1 }, 1],
  ])('%s', async (_, fault, times) => {
    const system: System = {
      nodes: { shop: node(() => worked.add('it')) },
      operations: [post('act', 'http://shop/')],
      invariants: [nothingToJudge],
    }
    const { history } = await runOnce(system, scenarioOf(system, [fault]))
    expect(effectsIn(history, 'worked')).toHaveLength(times)
  })
})

test('a body that comes in pieces breaks off at the byte, wherever the pieces end', async () => {
  const slowly = (): Response =>
    new Response(
      new ReadableStream({
        async start(controller) {
          for (const piece of ['abc', 'def', 'ghi']) {
            controller.enqueue(Buffer.from(piece))
            await pause(10)
          }
          controller.close()
        },
      }),
    )
  const read = async (url: string): Promise<unknown> => {
    const response = await fetch(url)
    return shapes['stream']?.(response)
  }
  for (const [atByte, seen] of [
    [0, ''],
    [2, 'ab'],
    [3, 'abc'],
    [5, 'abcde'],
    [6, 'abcdef'],
    [9, 'abcdefghi'],
    [99, 'abcdefghi'],
  ] as const) {
    expect(await seenUnder({ kind: 'reset', at: answered, atByte }, read, slowly), String(atByte)).toMatchObject({
      seen: Buffer.from(seen).toString('hex'),
      then: { threw: { message: 'terminated' } },
    })
  }
})

test('an answer without a body has none to damage, and no such single fault', async () => {
  const system: System = {
    nodes: { shop: serve(() => () => new Response(null, { status: 204 })) },
    operations: [post('act', 'http://shop/')],
    invariants: [nothingToJudge],
  }
  const { sites } = await runOnce(system, scenarioOf(system), { collect: true })
  expect(sites.some((site) => site.kind === 'call' && site.bodyBytes !== undefined)).toBe(false)
  const { history } = await runOnce(
    system,
    scenarioOf(system, [{ kind: 'garble', at: { ...answered, operation: 'POST /' }, body: 'html' }]),
  )
  expect(history.events.find(({ kind }) => kind === 'ok')).toMatchObject({ value: { status: 204, body: '' } })
})

// Partitions: three nodes that ping each other every second; a line a ping that was answered.

const pinged = journal<string>('pinged')

/** Each ping is an operation of its own, one a second, from every node to every other by way of its caller. */
function ring(): System {
  const names = ['a', 'b', 'c']
  const nodes = Object.fromEntries(
    names.map((name) => [
      name,
      serve(() => async ({ url }) => {
        const { pathname } = new URL(url)
        if (pathname === '/ping') pinged.add(`${name} was asked`)
        else if (pathname !== '/') {
          const to = pathname.slice(1)
          await fetch(`http://${to}/ping`, { signal: AbortSignal.timeout(500) }).then(
            () => pinged.add(`${name} -> ${to}`),
            () => undefined,
          )
        }
        return new Response()
      }),
    ]),
  )
  const pings = names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .map((to) =>
        act(`${from}-${to}`, () =>
          fetch(`http://${from}/${to}`, { signal: AbortSignal.timeout(900) }).catch(() => undefined),
        ),
      ),
  )
  return { nodes, operations: pings, invariants: [nothingToJudge] }
}

const start: Address = {
  root: rootOf('start#9'),
  path: [],
  from: 'client',
  to: 'a',
  operation: 'GET /',
  leg: 'request',
  nth: 1,
}

/** What was answered of all pings under a fault that begins before the first. */
async function answeredUnder(
  fault: Fault,
  invocations?: readonly Invocation[],
  bounds: Pick<System, 'faultsForMs'> = {},
): Promise<{ readonly done: readonly string[]; readonly history: History }> {
  const system = ring()
  const begin = act('start', () => fetch('http://a/'))
  const whole: System = { ...system, operations: [begin, ...system.operations], ...bounds }
  const listed = invocations ?? oneAfterTheOther(...system.operations.map(({ name }) => name))
  const { history, fired } = await runOnce(
    whole,
    scenarioOf(
      whole,
      [fault],
      [
        { id: 9, operation: 'start', client: 9, afterMs: 0, input: null },
        ...listed.map((one) => ({ ...one, afterMs: Math.max(one.afterMs, 100) })),
      ],
    ),
  )
  expect(fired).toHaveLength(1)
  return { done: effectsIn(history, 'pinged').map(({ value }) => String(value)), history }
}

const between = (way: Partition['way'], more: Partial<Partition> = {}): Fault => ({
  kind: 'partition',
  at: start,
  side: ['a'],
  other: ['b'],
  way,
  ...more,
})
const answers = (done: readonly string[]): readonly string[] => done.filter((line) => line.includes('->'))
const requests = (done: readonly string[], name: string): number =>
  done.filter((line) => line === `${name} was asked`).length

describe('a partition', () => {
  test('both ways loses every leg between two sides, and no other', async () => {
    const { done, history } = await answeredUnder(between('both'))
    expect(answers(done)).toEqual(['a -> c', 'b -> c', 'c -> a', 'c -> b'])
    expect([requests(done, 'a'), requests(done, 'b'), requests(done, 'c')]).toEqual([1, 1, 2])
    expect(eventsOf(history, 'lost').filter(({ why }) => why === 'cut')).toHaveLength(2)
  })

  test('one way loses the requests of one end, and the answers of the other: there the work is done', async () => {
    for (const way of ['out', 'in'] as const) {
      const { done } = await answeredUnder(between(way))
      expect(answers(done)).toEqual(['a -> c', 'b -> c', 'c -> a', 'c -> b'])
      expect([requests(done, 'a'), requests(done, 'b'), requests(done, 'c')]).toEqual(
        way === 'out' ? [2, 1, 2] : [1, 2, 2],
      )
    }
  })

  test('of one node from all others isolates it, from its clients too', async () => {
    const { done } = await answeredUnder({
      kind: 'partition',
      at: { ...start, leg: 'reply' },
      side: ['a'],
      way: 'both',
    })
    expect(answers(done)).toEqual(['b -> c', 'c -> b'])
    expect(requests(done, 'a')).toBe(0)
  })

  test('of several nodes from all others leaves them each other', async () => {
    const { done } = await answeredUnder({ kind: 'partition', at: start, side: ['client', 'a', 'b'], way: 'both' })
    expect(answers(done)).toEqual(['a -> b', 'b -> a'])
  })

  test('ends after its time', async () => {
    const twice = [...oneAfterTheOther('a-b'), { id: 1, operation: 'a-b', client: 0, afterMs: 1_000, input: null }]
    expect(answers((await answeredUnder(between('both', { forMs: 1_000 }), twice)).done)).toEqual(['a -> b'])
    expect(answers((await answeredUnder(between('both'), twice)).done)).toEqual([])
  })

  test('ends with healing at the latest', async () => {
    const late = [...oneAfterTheOther('a-b'), { id: 1, operation: 'a-b', client: 0, afterMs: 61_000, input: null }]
    const { done, history } = await answeredUnder(between('both', { forMs: 1e9 }), late, { faultsForMs: 60_000 })
    expect(answers(done)).toEqual(['a -> b'])
    expect(eventsOf(history, 'heal').map(({ atMs }) => atMs)).toEqual([60_000])
  })

  test('lasts as long as it says where nobody says how long faults may happen', async () => {
    const late = [...oneAfterTheOther('a-b'), { id: 1, operation: 'a-b', client: 0, afterMs: 61_000, input: null }]
    const { done } = await answeredUnder(between('both', { forMs: 1e6 }), late)
    expect(answers(done)).toEqual([])
  })

  test('does not reach legs that are under way', async () => {
    const { done } = await answeredUnder(
      { ...between('both', { side: ['client'], other: ['a'] }), at: { ...start, leg: 'reply' } },
      [],
    )
    expect(done).toEqual([])
    const system: System = {
      nodes: { a: node(() => worked.add('it')) },
      operations: [post('act', 'http://a/')],
      invariants: [nothingToJudge],
    }
    const reply: Address = call('client', 'a', 'POST /', { leg: 'reply' })
    const { history } = await runOnce(
      system,
      scenarioOf(system, [{ kind: 'partition', at: reply, side: ['a'], way: 'both' }]),
    )
    expect([effectsIn(history, 'worked').length, eventsOf(history, 'lost')[0]?.cause]).toEqual([
      1,
      eventsOf(history, 'send')[1]?.seq,
    ])
  })

  test('silences a body half-way, without a gap', async () => {
    const feed = serve(
      () => (request: Request) =>
        new URL(request.url).pathname === '/other'
          ? new Response()
          : new Response(
              new ReadableStream({
                async start(controller) {
                  for (let piece = 0; piece < 4; piece++) {
                    controller.enqueue(Buffer.from(String(piece)))
                    await pause(100)
                  }
                  controller.close()
                },
              }),
            ),
    )
    let seen = ''
    const read = act('act', async () => {
      const response = await fetch('http://feed/')
      await Promise.all([
        pause(100).then(() =>
          fetch('http://feed/other', { signal: AbortSignal.timeout(1_000) }).catch(() => undefined),
        ),
        (async () => {
          for await (const piece of response.body ?? []) seen += Buffer.from(piece).toString()
        })().catch((error: unknown) => {
          seen += (error as Error).message
        }),
      ])
    })
    const system: System = { nodes: { feed }, operations: [read], invariants: [nothingToJudge] }
    const fault: Fault = {
      kind: 'partition',
      at: call('client', 'feed', 'GET /other'),
      side: ['feed'],
      way: 'both',
      forMs: 150,
    }
    await runOnce(system, scenarioOf(system, [fault]))
    expect(seen).toBe('01terminated')
  })
})

describe('slow links and nodes', () => {
  const times = async (fault: Fault, count = 40): Promise<readonly number[]> => {
    const tookMs: number[] = []
    const shop = serve(() => () => new Response())
    const operation = act('act', async () => {
      await Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const startedAt = performance.now()
          await fetch(`http://shop/${index === 0 ? '' : 'more'}`)
          tookMs[index] = performance.now() - startedAt
        }),
      )
    })
    const system: System = {
      nodes: { shop, idle: node(() => undefined) },
      operations: [operation],
      invariants: [nothingToJudge],
    }
    await runOnce(system, scenarioOf(system, [fault]))
    return tookMs
  }

  test('a slow node answers everything later, and as usual afterwards', async () => {
    expect(new Set(await times({ kind: 'slow', at: asked, byMs: 300 }))).toEqual(new Set([340]))
    expect(new Set(await times({ kind: 'slow', at: asked, byMs: 300, forMs: 20 }))).toEqual(new Set([40]))
  })

  test('a link with a tail: the median and the 99th percentile are as told, and messages overtake each other', async () => {
    const { Conditions } = await import('../../src/simulate/conditions.ts')
    const { faultSpec } = await import('../../src/scenario/fault/registry.ts')
    const { undisturbed } = await import('../../src/scenario/fault/delivery.ts')
    const fault: Fault = { kind: 'latency', at: asked, typicalMs: 50, tailMs: 8_000 }
    const conditions = new Conditions()
    conditions.begin(faultSpec('latency').rewrite(undisturbed, fault).begins ?? [], 0)
    const drawnMs = Array.from(
      { length: 10_000 },
      (_, n) =>
        20 +
        conditions.on(undisturbed, { from: 'shop', to: 'client', leg: 'reply', id: `leg ${n}`, usualMs: 20 }, 0)
          .delayMs,
    ).toSorted((a, b) => a - b)
    expect(drawnMs[5_000]).toBeGreaterThan(45)
    expect(drawnMs[5_000]).toBeLessThan(55)
    expect(drawnMs[9_900]).toBeGreaterThan(6_000)
    expect(drawnMs[9_900]).toBeLessThan(10_500)
    expect(drawnMs[0]).toBeGreaterThanOrEqual(1)
    const seen = await times(fault)
    expect(new Set(seen).size).toBeGreaterThan(20)
    expect(await times(fault)).toEqual(seen)
    expect(await times(fault, 20)).toEqual(seen.slice(0, 20)) // no leg's time depends on another's
  })

  test('a tail at the median is no tail', async () => {
    expect(new Set(await times({ kind: 'latency', at: asked, typicalMs: 50, tailMs: 50 }))).toEqual(new Set([100]))
  })
})

test('faults that last give the same history again', async () => {
  const faults: readonly Fault[] = [
    { kind: 'latency', at: start, typicalMs: 50, tailMs: 8_000 },
    { kind: 'slow', at: start, byMs: 30, forMs: 5_000 },
    { kind: 'partition', at: start, side: ['b'], way: 'in', forMs: 300 },
  ]
  const system = ring()
  const whole: System = { ...system, operations: [act('start', () => fetch('http://a/')), ...system.operations] }
  const workload = oneAfterTheOther(...whole.operations.map(({ name }) => name)).map((one) =>
    one.id === 0 ? { ...one, id: 9 } : one,
  )
  const [first, second] = [
    await runOnce(whole, scenarioOf(whole, faults, workload)),
    await runOnce(whole, scenarioOf(whole, faults, workload)),
  ]
  expect(first.fired.map(({ at }) => addressId(at))).toHaveLength(3)
  expect(historyBytes(second.history)).toBe(historyBytes(first.history))
  const plan = drawn(7, 0.4)
  const seeded = { workload: { invocations: workload }, plan, seed: 3 }
  expect(historyBytes((await runOnce(whole, seeded)).history)).toBe(
    historyBytes((await runOnce(whole, seeded)).history),
  )
})
