// noLeftovers: by hand, against a twin that tries all pairs, and on handlers that leak and handlers that do not.
import { EventEmitter } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import BetterSqlite from 'better-sqlite3'
import express from 'express'
import * as fc from 'fast-check'
import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import {
  assess,
  noFaults,
  noHang,
  noLeftovers,
  op,
  serve,
  simulate,
  sqlite,
  type History,
  type NodeDefinition,
  type System,
  type Verdict,
} from 'two-generals'
import type { Leftover } from '../../src/history/leftover.ts'
import { amount, full } from '../full.ts'
import { httpClients } from '../transport/sockets/http-clients.ts'
import { ends, historyOf, invoke, over, type Line } from './build-history.ts'

const thing = (invocation: number, of = 'a'): Leftover => ({
  kind: 'timer',
  what: 'an interval of 1 s',
  node: 'shop',
  invocation,
  at: 'src/shop.ts:7',
  class: of,
})

const checked = (left: readonly Leftover[], lines: readonly Line[], opened = 10): Verdict =>
  noLeftovers().check({ ...historyOf(...lines), leftovers: { opened, left } })

const inTurn = [invoke(0, 'pay', 0), ends(10, 'ok', 0), invoke(20, 'pay', 1), ends(30, 'ok', 1), over(100)]
const together = [invoke(0, 'pay', 0), invoke(5, 'pay', 1), ends(10, 'ok', 0), ends(30, 'ok', 1), over(100)]

describe('by hand', () => {
  test('operations in turn that leave one each are a leak', () => {
    const { kind, reasons } = checked([thing(0), thing(1)], inTurn)
    expect(kind).toBe('violated')
    expect(reasons[0]).toMatchObject({ kind: 'left-open', of: 'timer of shop', events: [0, 2, 4] })
    expect(reasons[0]?.text).toBe(
      'shop has an interval of 1 s 2 times when all is quiet, opened by src/shop.ts:7: pay#0, pay#1 left one each, and ' +
        'the next operation will leave another. Clear it when it has done its work, also where that fails.',
    )
  })

  test.each<[string, readonly Leftover[], readonly Line[]]>([
    ['what one operation leaves for all others', [thing(0)], inTurn],
    ['twice by one operation, as by its retries', [thing(0), thing(0)], inTurn],
    ['by operations that overlap, as a pool that grew', [thing(0), thing(1)], together],
    ['by other code', [thing(0, 'a'), thing(1, 'b')], inTurn],
    ['at the start of a node', [thing(-1), thing(-1)], inTurn],
    ['nothing', [], inTurn],
  ])('%s is none', (_, left, lines) => {
    expect(checked(left, lines)).toEqual({ kind: 'holds', reasons: [] })
  })

  test('nothing opened is vacuous; unknown at a bound, or where nobody looked', () => {
    expect(checked([], inTurn, 0).kind).toBe('vacuous')
    expect(checked([thing(0), thing(1)], [...inTurn.slice(0, -1), over(100, 'recoverForMs')]).kind).toBe('unknown')
    expect(noLeftovers().check(historyOf(...inTurn)).kind).toBe('unknown')
  })
})

/** All pairs of things, and all events between their operations. */
function twin({ events, leftovers }: History): Verdict['kind'] {
  const { opened = 0, left = [] } = leftovers ?? {}
  if (opened === 0) return 'vacuous'
  const follows = (a: Leftover, b: Leftover): boolean =>
    events.some(
      (end, at) =>
        (end.kind === 'ok' || end.kind === 'info') &&
        end.invocation === a.invocation &&
        events.slice(at).some((later) => later.kind === 'invoke' && later.invocation === b.invocation),
    )
  return left.some((a) => left.some((b) => a.class === b.class && follows(a, b))) ? 'violated' : 'holds'
}

test('agrees with its twin', () => {
  const kinds = new Set<string>()
  const story = fc.record({
    order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 2 }),
    left: fc.array(fc.record({ invocation: fc.integer({ min: -1, max: 7 }), of: fc.constantFrom('a', 'b') })),
    opened: fc.nat(2),
  })
  fc.assert(
    fc.property(story, ({ order, left, opened }) => {
      // The first time that half of a number is met its operation begins, the second time it ends
      const begun = new Set<number>()
      const lines = order.map((number, at): Line => {
        const id = Math.floor(number / 2)
        const line = begun.has(id) ? ends(at, number % 3 === 0 ? 'info' : 'ok', id) : invoke(at, 'pay', id)
        begun.add(id)
        return line
      })
      const history = {
        ...historyOf(...lines, over(100)),
        leftovers: { opened, left: left.map(({ invocation, of }) => thing(invocation, of)) },
      }
      const { kind } = noLeftovers().check(history)
      kinds.add(kind)
      expect(kind).toBe(twin(history))
    }),
    { numRuns: amount(5_000) },
  )
  expect([...kinds].sort()).toEqual(['holds', 'vacuous', 'violated'])
})

const go = op('go', fc.constant(null), async () => fetch('http://shop/'))
const later = async (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** More than undici keeps for who does not read it, or less. */
function rates({ url }: http.IncomingMessage, response: http.ServerResponse): void {
  if (url === '/in-pieces') response.write(Buffer.alloc(69_000))
  const rest = Buffer.alloc(url === '/all' ? 70_000 : url === '/most' ? 60_000 : 1_000)
  if (url === '/in-pieces') void later(10).then(() => response.end(rest))
  else response.end(rest)
}

const systemOf = (shop: () => NodeDefinition): System => ({
  nodes: {
    shop: shop(),
    bank: serve(() => rates),
  },
  operations: [go],
  invariants: [noLeftovers()],
  ...(full ? {} : { tolerates: ['lose', 'hang', 'crash'] }),
})

const ok = (): Response => new Response()

const app = (handle: express.RequestHandler): express.Express => express().get('/', handle)

const asks =
  (read: boolean): express.RequestHandler =>
  (_, response) =>
    void http.get('http://bank/', (answer) => {
      if (read || answer.statusCode !== 200) answer.resume()
      response.end()
    })

/** It reads the answer where that is no good one, too: no fault is blamed for a leak. */
const asksByUndici = (read: boolean) => async (): Promise<Response> => {
  const { statusCode, body } = await request('http://bank/all')
  if (read || statusCode !== 200) await body.dump()
  return new Response(null, { status: statusCode })
}

/** Of the module, and so of all requests. */
const [shutdown, news] = [new AbortController(), new EventEmitter()]

interface Pair {
  readonly leaks: () => NodeDefinition
  readonly closes: () => NodeDefinition
  readonly words: string
  /** This Node has what it is about. @default true */
  readonly isThere?: boolean
}

/** Leaks, and twins that are sound. */
const pairs: Readonly<Record<string, Pair>> = {
  'an interval that nobody clears': {
    leaks: () =>
      serve(() => async () => {
        setInterval(() => undefined, 1_000)
        await later(10)
        return ok()
      }),
    closes: () =>
      serve(() => async () => {
        const beat = setInterval(() => undefined, 1_000)
        try {
          await later(10)
          return ok()
        } finally {
          clearInterval(beat)
        }
      }),
    words: 'shop has an interval of 1 s',
  },
  'a loop that never ends': {
    leaks: () =>
      serve(() => () => {
        const poll = async (): Promise<never> => {
          for (;;) await later(5_000)
        }
        void poll()
        return ok()
      }),
    closes: () =>
      serve(() => {
        const poll = async (): Promise<never> => {
          for (;;) await later(5_000)
        }
        let polls: Promise<never> | undefined
        return () => {
          polls ??= poll()
          return ok()
        }
      }),
    words: 'shop has a timer of 5 s',
  },
  'an answer that nobody reads': {
    leaks: () => serve(() => app(asks(false))),
    closes: () => serve(() => app(asks(true))),
    words: 'shop has a connection to bank:80',
  },
  "an answer of undici's request that nobody reads": {
    leaks: () => serve(() => asksByUndici(false)),
    closes: () => serve(() => asksByUndici(true)),
    words: 'shop has a connection to bank:80',
  },
  'a server for each request': {
    leaks: () =>
      serve(() =>
        app((_, response) => {
          http.createServer().listen(0)
          response.end()
        }),
      ),
    closes: () =>
      serve(() =>
        app((_, response) => {
          const server = http.createServer().listen(0, () => server.close())
          response.end()
        }),
      ),
    words: 'shop has a server that listens',
  },
  'a listener of the process for each request': {
    leaks: () =>
      serve(() =>
        app((_, response) => {
          process.on('SIGTERM', () => undefined)
          response.end()
        }),
      ),
    closes: () =>
      serve(() =>
        app((_, response) => {
          const stop = (): void => undefined
          process.once('SIGTERM', stop)
          response.end()
          process.off('SIGTERM', stop)
        }),
      ),
    words: 'shop has a listener for "SIGTERM" of the process',
  },
  'a listener of a signal that all share': {
    leaks: () =>
      serve(() => () => {
        shutdown.signal.addEventListener('abort', () => undefined)
        return ok()
      }),
    closes: () =>
      serve(() => async ({ signal }) => {
        const [stop, own] = [(): void => undefined, new AbortController()]
        signal.addEventListener('abort', stop)
        shutdown.signal.addEventListener('abort', stop, { signal: own.signal })
        try {
          await later(10)
          return ok()
        } finally {
          own.abort()
        }
      }),
    words: 'shop has a listener for "abort" of an AbortSignal',
  },
  'a listener of an emitter that all share': {
    leaks: () =>
      serve(() =>
        app((_, response) => {
          news.once('published', () => undefined)
          response.end()
        }),
      ),
    closes: () =>
      serve(() =>
        app((_, response) => {
          const [hear, own] = [(): void => undefined, new EventEmitter()]
          own.on('published', hear)
          news.once('published', hear)
          response.on('close', () => news.off('published', hear))
          response.end()
        }),
      ),
    words: 'shop has a listener for "published" of an EventEmitter',
  },
  'a lock that is never released': {
    leaks: () =>
      serve(() => {
        let orders = 0
        return () => {
          void navigator.locks.request(`order ${(orders += 1)}`, async () => new Promise(() => undefined))
          return ok()
        }
      }),
    closes: () =>
      serve(() => {
        let orders = 0
        return async () => {
          await navigator.locks.request(`order ${(orders += 1)}`, async () => later(10))
          return ok()
        }
      }),
    words: 'shop has a lock',
    isThere: 'locks' in navigator, // from Node 24.5 on
  },
}

const invocations = [0, 1, 2].map((id) => ({ id, operation: 'go', client: 0, afterMs: 2_000, input: null }))

describe.each(Object.entries(pairs))('%s', (_, { leaks, closes: sound, words, isThere = true }) => {
  test.runIf(isThere)('is named with its line, in one history', async () => {
    const system = systemOf(leaks)
    const history = await simulate(system, { workload: { invocations }, plan: noFaults, seed: 1 })
    const { kind, reasons } = noLeftovers().check(history)
    expect({ kind, text: reasons[0]?.text }).toMatchObject({ kind: 'violated', text: expect.stringContaining(words) })
    expect(reasons[0]?.text).toMatch(
      /opened by test\/check\/no-leftovers\.test\.ts:\d+: go#0, go#1, go#2 left one each/,
    )
  })

  test.runIf(isThere)('is found, and its sound twin holds under every fault', async () => {
    expect((await assess(systemOf(leaks), { shrink: false })).kind).toBe('violated')
    expect(await assess(systemOf(sound), { numRuns: amount(100) })).toMatchObject({ kind: 'holds' })
  })
})

describe.each<[string, () => DatabaseSync | BetterSqlite.Database]>([
  ['node:sqlite', () => new DatabaseSync(':memory:')],
  ['better-sqlite3', () => new BetterSqlite(':memory:')],
])('a transaction of %s', (_, open) => {
  const booking = (undoes: boolean): System => {
    const db = open()
    db.exec(
      'create table orders (id integer primary key, free integer check (free >= 0)); insert into orders values (1, 1)',
    )
    const shop = serve(() => () => {
      db.exec('begin')
      try {
        db.exec('update orders set free = free - 1')
        db.exec('commit')
        return ok()
      } catch {
        if (undoes) db.exec('rollback')
        return new Response(null, { status: 409 })
      }
    })
    return { ...systemOf(() => shop), stores: [sqlite(db, { name: 'db' })] }
  }

  test('that stays open is named with its line, in one history', async () => {
    const history = await simulate(booking(false), { workload: { invocations }, plan: noFaults, seed: 1 })
    const { kind, reasons } = noLeftovers().check(history)
    expect(kind).toBe('violated')
    expect(reasons[0]?.text).toMatch(
      /^shop has a transaction of "db" open when all is quiet, opened by test\/check\/no-leftovers\.test\.ts:\d+: go#1 left it\. Commit it/,
    )
  })

  test('that is rolled back where its work fails is none', async () => {
    expect(await assess(booking(true), { numRuns: amount(100) })).toMatchObject({ kind: 'holds' })
  })
})

describe('a client that reads its answers leaves nothing, whatever fails', { tags: ['full'] }, () => {
  test.each(Object.entries(httpClients))('%s', async (_, client) => {
    const shop = serve(() => async () => {
      try {
        return new Response(await client('http://bank/', {}))
      } catch {
        return new Response(null, { status: 502 })
      }
    })
    expect(
      await assess(
        systemOf(() => shop),
        { numRuns: amount(100) },
      ),
    ).toMatchObject({ kind: 'holds' })
  })
})

test('without the invariant, nothing is looked for', async () => {
  const { invariants, ...system } = systemOf(() => serve(() => ok))
  expect(invariants).toHaveLength(1)
  const scenario = { workload: { invocations }, plan: noFaults, seed: 1 }
  expect(await simulate({ ...system, invariants: [noHang()] }, scenario)).not.toHaveProperty('leftovers')
})

describe("an answer of undici's request that nobody reads", () => {
  /** Asks three times in turn, and reads no answer. */
  const ask = async (origin: string, path: string, dispatcher: Agent): Promise<void> => {
    for (const _ of invocations) {
      await request(origin + path, { dispatcher })
      await later(50)
    }
  }

  test.each([
    ['/all', 3],
    ['/in-pieces', 3],
    ['/most', 1],
  ])('%s keeps connections of a real server: %i', async (path, connections) => {
    const server = http.createServer(rates)
    const open = new Set<object>()
    server.on('connection', (socket: object) => void open.add(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // of a server that listens on a port
    const dispatcher = new Agent()
    await ask(`http://127.0.0.1:${port}`, path, dispatcher)
    expect(open.size).toBe(connections)
    server.close()
    server.closeAllConnections()
    await dispatcher.destroy()
  })

  test('is none where it fits into the buffer for it, and has one reason else', async () => {
    const reasonsOf = async (path: string): Promise<Verdict> => {
      const shop = serve(() => async () => {
        await request(`http://bank${path}`)
        return ok()
      })
      const history = await simulate(
        systemOf(() => shop),
        { workload: { invocations }, plan: noFaults, seed: 1 },
      )
      return noLeftovers().check(history)
    }
    expect(await reasonsOf('/most')).toEqual({ kind: 'holds', reasons: [] })
    for (const path of ['/all', '/in-pieces']) expect((await reasonsOf(path)).reasons).toHaveLength(1)
  })
})
