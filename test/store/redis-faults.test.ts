// What Redis does of its own: what it confirmed was on no disk as power is lost, or unknown to the replica that goes
// on; a replica that lags answers a read. For each a handler that breaks under it, and its twin.
import { describe, expect, test } from 'vitest'
import { always, atLeastOnce, journal, rows, serve, type System } from '../../src/index.ts'
import { redis, type RedisOptions } from '../../src/redis.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { listed } from '../../src/scenario/plan.ts'
import { breaks, post } from '../simulate/systems.ts'
import { connect, playing, wait, type Connect } from './redis-play.ts'

/** A shop that confirms an order once Redis has. */
function confirming(options: RedisOptions): System {
  const store = redis(options)
  const saved = rows('saved', () => store.entries('order'))
  const save = post('save', 'http://shop/')
  const shop = serve(async () => {
    const client = connect()
    await client.ping().catch(() => undefined)
    return async () => {
      await client.set('order', 'it')
      return new Response('saved')
    }
  })
  return {
    nodes: { shop },
    stores: [store],
    operations: [save],
    invariants: [
      atLeastOnce(
        save.by(() => 'order'),
        saved.by(({ key }) => key),
      ),
    ],
  }
}

describe('power is lost, and with it what was on no disk', () => {
  test.each<[string, RedisOptions, readonly string[]]>([
    ['everysec', { appendfsync: 'everysec' }, ['unsynced request of SET']],
    ['always', { appendfsync: 'always' }, []],
    ['always, and a replica that goes on', { appendfsync: 'always', replica: true }, ['unsynced request of SET']],
  ])('an order that was confirmed is gone: %s', async (_, options, found) => {
    expect(await breaks(confirming(options))).toEqual(found)
  })

  test.each<[string, RedisOptions, number, unknown]>([
    ['within a second', {}, 900, [['before']]],
    ['after more than that', {}, 1_100, [['after', 'before']]],
    ['where the system writes when it likes', { appendfsync: 'no' }, 29_000, [['before']]],
    ['and after that', { appendfsync: 'no' }, 31_000, [['after', 'before']]],
  ])('so many milliseconds of writes are lost: %s', async (_, options, afterMs, kept) => {
    const plays = await playing(
      async (connect) => {
        const client = connect()
        await client.set('before', 1)
        await client.set('after', 1)
        await wait(60_000)
      },
      async (play) => {
        const { singles } = await play()
        const found: unknown[] = []
        const meant = singles.filter(({ kind, at }) => kind === 'unsynced' && at.operation === 'SET' && at.nth === 2)
        for (const fault of meant) {
          const { entries } = await play(listed([{ ...fault, afterMs } as Fault]))
          found.push(entries.map(({ key }) => key))
        }
        return found
      },
      options,
    )

    expect(plays).toEqual(kept)
  })

  test('a client that waits is told by a reset, connects again, and finds what was kept', async () => {
    const gave = await playing(
      async (connect) => {
        const client = connect()
        await client.set('kept', 1)
        await wait(5_000)
        await client.set('lost', 1)
        return [await client.get('kept'), await client.blpop('queue', 20).catch(String), await client.get('lost')]
      },
      async (play) => {
        const { singles } = await play()
        const ofSecond = singles.filter(({ kind, at }) => kind === 'unsynced' && at.operation === 'SET' && at.nth === 2)
        return (await play(listed(ofSecond))).gave
      },
    )

    expect(gave).toEqual(['1', null, null])
  })
})

const seen = journal<boolean>('seen')

/** Adds one and looks: at once, which a replica may answer, or at what the command gave. */
function counting(how: 'at once' | 'where it wrote', options: RedisOptions): System {
  const code = async (client: ReturnType<Connect>): Promise<void> => {
    const inside = await client.incr('count')
    const outside = how === 'at once' ? Number(await client.get('count')) : inside
    seen.add(outside >= inside)
  }
  const shop = serve(async () => {
    const client = connect({ autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 })
    await client.ping().catch(() => undefined)
    return async () => {
      await code(client)
      return new Response('counted')
    }
  })
  return {
    nodes: { shop },
    stores: [redis(options)],
    operations: [post('act', 'http://shop/')],
    invariants: [always('nobody misses their own write', seen, (all) => all.every(Boolean))],
  }
}

describe('a replica that lags answers a read', () => {
  test.each<['at once' | 'where it wrote', RedisOptions, readonly string[]]>([
    ['at once', { replica: true, appendfsync: 'always' }, ['stale request of GET']],
    ['where it wrote', { replica: true, appendfsync: 'always' }, []],
    ['at once', { appendfsync: 'always' }, []],
  ])('reading %s, with %j', { tags: ['full'] }, async (how, options, found) => {
    expect((await breaks(counting(how, options))).filter((label) => !label.startsWith('unsynced'))).toEqual(found)
  })

  test('it sees what there was, and nothing in a transaction', async () => {
    const gave = await playing(
      async (connect) => {
        const client = connect()
        for (let n = 1; n <= 3; n++) await client.set('n', n)
        const inside = await client.multi().get('n').exec()
        return [await client.get('n'), inside?.[0]?.[1], await client.get('n')]
      },
      async (play) => {
        const { singles } = await play()
        const stale = singles.find(({ kind }) => kind === 'stale')
        const under = async (age: object): Promise<unknown> =>
          (await play(listed(stale === undefined ? [] : [{ kind: 'stale', at: stale.at, ...age }]))).gave
        return [await under({ writes: 1 }), await under({ writes: 9 }), await under({ byMs: 100 })]
      },
      { replica: true },
    )

    expect(gave).toEqual([
      ['2', '3', '3'],
      [null, '3', '3'],
      ['2', '3', '3'],
    ])
  })
})
