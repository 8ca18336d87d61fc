// The same scenario gives the same history, byte for byte, whatever ran before it: with locks, scripts, transactions,
// blocking commands, subscriptions and streams, and with every fault.
import { historyBytes, journal, op, scenario, serve, type History, type Scenario, type System } from 'two-generals'
import * as fc from 'fast-check'
import type { Redis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'
import { redis } from '../../src/redis.ts'
import { open } from '../../src/simulation.ts'
import { full } from '../full.ts'
import { nothingToJudge } from '../simulate/systems.ts'
import { charging } from './redis-bull.ts'
import { connect, wait } from './redis-play.ts'

const done = journal('done')
const order = op('order', fc.record({ id: fc.uuid() }), (input) =>
  fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }),
)

interface Order {
  readonly id: string
}

/** A shop that puts orders into a list, and a worker that takes them out of it. */
function queueOf(): System {
  const take = async (client: Redis): Promise<void> => {
    for (;;) {
      const found = await client.blpop('orders', 5).catch(() => wait(1_000))
      if (Array.isArray(found)) done.add(found[1])
    }
  }
  return {
    nodes: {
      shop: serve(() => {
        const client = connect()
        return async (request: Request) => {
          const { id } = (await request.json()) as Order
          await client.multi().rpush('orders', id).incr('count').exec()
          return new Response(String(await client.srandmember('seen')))
        }
      }),
      worker: serve(() => {
        void take(connect())
        return () => new Response('alive')
      }),
    },
    stores: [redis({ seed: [['SADD', 'seen', 'a', 'b', 'c']] })],
    operations: [order],
    invariants: [nothingToJudge],
  }
}

const release = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

/** A shop in two instances that locks what it sells, and tells of it. */
function locked(): System {
  return {
    nodes: {
      shop: serve(
        async () => {
          const client = createClient({ url: 'redis://cache.internal' }).on('error', () => undefined)
          await client.connect().catch(() => undefined) // it goes on trying
          const subscriber = client.duplicate().on('error', () => undefined)
          void subscriber
            .connect()
            .then(() => subscriber.subscribe('sold', (id) => done.add(id)))
            .catch(() => undefined)
          return async (request: Request) => {
            const { id } = (await request.json()) as Order
            const token = crypto.randomUUID()
            const isMine = await client.set('lock', token, { condition: 'NX', expiration: { type: 'PX', value: 200 } })
            if (isMine === null) return new Response('busy', { status: 409 })
            await client.xAdd('orders', '*', { id })
            await client.eval(release, { keys: ['lock'], arguments: [token] })
            await client.publish('sold', id)
            return new Response('sold')
          }
        },
        { instances: 2 },
      ),
    },
    stores: [redis({ name: 'cache' })],
    operations: [order],
    invariants: [nothingToJudge],
  }
}

describe.each<[name: string, system: System, histories: number, tags: readonly string[]]>([
  ['a list as a queue, by ioredis', queueOf(), 300, []],
  ['a lock, a stream and a subscription, by node-redis', locked(), 300, []],
  ['jobs of BullMQ', charging((client, id) => client.hsetnx('charges', id, 1)), 30, ['full']],
])('%s', (_name, system, histories, tags) => {
  const scenarios = fc.sample(scenario(system), { numRuns: full ? histories : 10, seed: 7 })

  test('the same bytes again, after other histories', { timeout: 600_000, tags: [...tags] }, async () => {
    const simulation = await open(system)
    const play = async (one: Scenario): Promise<History> => (await simulation.run(one)).history
    const first: string[] = []
    try {
      for (const one of scenarios) first.push(historyBytes(await play(one)))
      for (const [index, one] of [...scenarios.entries()].reverse())
        expect(historyBytes(await play(one)) === first[index], `scenario ${index}`).toBe(true)
    } finally {
      await simulation.close()
    }
    expect(new Set(first).size).toBe(scenarios.length)
  })
})
