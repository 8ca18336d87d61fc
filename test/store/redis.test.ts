// Redis in a simulation: what its engine gets wrong and is mended, each with the case that needs it; its clock, its
// restarts; what it refuses.
import { createHash } from 'node:crypto'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'
import { redis } from '../../src/redis.ts'
import { given, playing, wait, withEach, type Connect } from './redis-play.ts'

describe('what is mended in the engine', () => {
  test('a client that dies while it waits takes no element that comes later', async () => {
    const play = await given(async (connect) => {
      const [dying, living, other] = [connect(), connect(), connect()]
      await Promise.all([dying.ping(), living.ping(), other.ping()])
      void dying.blpop('queue', 0).catch(() => undefined)
      await wait(100)
      dying.stream.destroy() // as the system does for a process that ends
      const taken = living.blpop('queue', 0)
      await wait(100)
      await other.rpush('queue', 'job')
      return taken
    })

    expect(play).toEqual(['queue', 'job'])
  })

  test('who has waited longest comes first', async () => {
    const order = await given(async (connect) => {
      const clients = [connect(), connect(), connect()]
      const took: unknown[] = []
      for (const [index, client] of clients.entries()) {
        void client.blpop('queue', 0).then((found) => took.push([index, found?.[1]]))
        await wait(100)
      }
      await connect().rpush('queue', 'a', 'b', 'c')
      await wait(100)
      return took
    })

    expect(order).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ])
  })

  test('numbers of scripts reach commands with all their digits', async () => {
    const script =
      "redis.call('set', KEYS[1], ARGV[1] + 1); redis.call('set', KEYS[2], 0.1); return redis.call('get', KEYS[1])"

    const found = await given(async (connect) => {
      const client = connect()
      return [await client.eval(script, 2, 'at', 'share', '1767225600000001'), await client.get('share')]
    })

    expect(found).toEqual(['1767225600000002', '0.10000000000000001'])
  })

  test('an error of a script names the line and the script of its user', async () => {
    const script = 'local a = 1\nreturn nothing'

    const failed = await given((connect) =>
      connect()
        .eval(script, 0)
        .catch((error: unknown) => String(error)),
    )

    expect(failed).toBe(
      'ReplyError: ERR user_script:2: Script attempted to access nonexistent global variable ' +
        `'nothing' script: ${createHash('sha1').update(script).digest('hex')}, on @user_script:2.`,
    )
  })

  test('random numbers begin anew in each script', async () => {
    const drawn = (await given(async (connect) => {
      const client = connect()
      const draw = 'return {tostring(math.random()), tostring(math.random())}'
      return [await client.eval(draw, 0), await client.eval(draw, 0)]
    })) as readonly (readonly string[])[]

    expect(drawn[0]).toEqual(drawn[1])
    expect(drawn[0]?.[0]).not.toBe(drawn[0]?.[1])
  })

  test('who waits for a list goes on waiting where its key becomes a text', async () => {
    const taken = await given(async (connect) => {
      const [waiting, other] = [connect(), connect()]
      const taken = waiting.blpop('queue', 10)
      await wait(200)
      await other.set('queue', 'no list')
      await wait(200)
      await other.multi().del('queue').rpush('queue', 'job').exec()
      return taken
    })

    expect(taken).toEqual(['queue', 'job'])
  })

  test('a watched key that expires was changed', async () => {
    const results = await given(async (connect) => {
      const client = connect()
      await client.set('lock', 'mine', 'PX', 500)
      await client.watch('lock')
      await wait(1_000)
      const expired = await client.multi().set('done', 1).exec()
      await client.watch('lock')
      return [expired, await client.multi().set('done', 1).exec()]
    })

    expect(results).toEqual([null, [[null, 'OK']]])
  })

  test('a client closes while it waits', async () => {
    const ended = await given(async (connect) => {
      const client = connect()
      void client.blpop('queue', 0).catch(() => undefined)
      await wait(200)
      const closed = new Promise((resolve) => client.once('end', () => resolve('closed')))
      client.disconnect()
      return closed
    })

    expect(ended).toBe('closed')
  })

  test('clients are numbered from 1 in each history', async () => {
    const numbers = await playing(
      async (connect) => {
        const [first, second] = [connect(), connect()]
        await first.ping()
        const list = String(await second.client('LIST'))
        return [
          await first.client('ID'),
          await second.client('ID'),
          [...list.matchAll(/\bid=(\d+)/g)].map(([, id]) => id),
        ]
      },
      async (play) => [(await play()).gave, (await play()).gave],
    )

    expect(numbers).toEqual([
      [1, 2, ['1', '2']],
      [1, 2, ['1', '2']],
    ])
  })
})

describe('its clock', () => {
  test('keys expire by it to the millisecond, whatever the clock of the client says', async () => {
    const left = async (connect: Connect): Promise<number> => {
      const client = connect()
      await client.set('lock', 'mine', 'PX', 1_000)
      await wait(500)
      return client.pttl('lock')
    }
    const right = await given(left)
    const wrong = await withEach(left, ({ kind, at }) => kind === 'skew' && at.to === 'redis')

    expect(right).toBe(460) // 500 ms, and two ways of 20 ms between the two commands
    expect(wrong.map(({ gave }) => gave)).toEqual([460, 460])
  })

  test('it jumps: a lock is gone before its time', async () => {
    const plays = await withEach(
      async (connect) => {
        const client = connect()
        await client.set('lock', 'mine', 'PX', 5_000)
        return client.get('lock')
      },
      (fault) => fault.kind === 'jump' && Reflect.get(fault, 'node') === 'redis' && Reflect.get(fault, 'byMs') > 0,
    )
    const [atGet] = plays.filter(({ fault }) => fault.at.operation === 'GET')
    const [atSet] = plays.filter(({ fault }) => fault.at.operation === 'SET')

    expect(atGet?.gave).toBe(null)
    expect(atSet?.gave).toBe('mine')
  })

  test('invariants see what has not expired by it', async () => {
    const entries = await playing(
      async (connect) => {
        const client = connect()
        await client.set('gone', 1, 'PX', 100)
        await client.set('kept', 1, 'PX', 3_600_000)
        await wait(200)
      },
      async (play) => (await play()).entries,
    )

    expect(entries.map(({ key }) => key)).toEqual(['kept'])
  })
})

describe('its process', () => {
  test('what it holds survives, connections and scripts do not', async () => {
    const plays = await withEach(
      async (connect) => {
        const client = connect()
        const sha = await client.script('LOAD', 'return 1')
        await client.set('kept', 1)
        await wait(5_000)
        return [await client.get('kept'), await client.evalsha(String(sha), 0).catch((error: unknown) => String(error))]
      },
      (fault) => fault.kind === 'crash' && fault.at.operation === 'SET' && Reflect.get(fault, 'node') === 'redis',
    )

    expect(plays.length).toBeGreaterThan(2)
    for (const { gave } of plays)
      expect(gave).toEqual(['1', 'ReplyError: NOSCRIPT No matching script. Please use EVAL.'])
  })

  test('subscribers hear what is published, and again once their server has started anew', async () => {
    const heard = await withEach(
      async (connect) => {
        const [subscriber, publisher] = [connect(), connect()]
        const heard: string[] = []
        subscriber.on('message', (_channel, message) => heard.push(message))
        await subscriber.subscribe('news')
        await publisher.publish('news', 'first')
        await wait(60_000)
        await publisher.publish('news', 'second')
        await wait(1_000)
        return heard
      },
      (fault) => fault.kind === 'crash' && fault.at.operation === 'PUBLISH' && Reflect.get(fault, 'node') === 'redis',
    )

    expect(heard.length).toBeGreaterThan(0)
    for (const { gave } of heard) expect((gave as readonly string[]).at(-1)).toBe('second')
  })

  test('a password is asked for', async () => {
    const answers = await given(
      async (connect) => [
        await connect({ password: 'secret' }).ping(),
        await connect({ enableReadyCheck: false })
          .ping()
          .catch((error: unknown) => String(error)),
      ],
      { password: 'secret' },
    )

    expect(answers).toEqual(['PONG', 'ReplyError: NOAUTH Authentication required.'])
  })
})

describe('what it holds, for invariants', () => {
  test('each type as a plain value', async () => {
    const entries = await playing(
      async (connect) => {
        const client = connect()
        await client.rpush('list', 'b', 'a')
        await client.sadd('set', 'b', 'a')
        await client.hset('hash', 'f', 'v')
        await client.zadd('zset', 2, 'b', 1, 'a')
        await client.xadd('stream', '5-1', 'f', 'v')
        await client.set('text', 'é')
      },
      async (play) => (await play()).entries,
    )

    expect(Object.fromEntries(entries.map(({ key, value }) => [key, value]))).toEqual({
      hash: { f: 'v' },
      list: ['b', 'a'],
      set: ['a', 'b'],
      stream: [{ id: '5-1', fields: { f: 'v' } }],
      text: 'é',
      zset: [
        { member: 'a', score: 1 },
        { member: 'b', score: 2 },
      ],
    })
  })
})

describe('bad input', () => {
  test('a command that the engine does not have ends the history', async () => {
    await expect(given((connect) => connect().call('OBJECT', 'ENCODING', 'key'))).rejects.toThrow(
      'redis("redis"): the command OBJECT is unknown to js-redis-server, the engine in the place of Redis (as ' +
        'redis-7.0). Use another command, another `version`, or put a port(...) around the code that calls it.',
    )
  })

  test('and so does one that a script calls', async () => {
    await expect(given((connect) => connect().eval("return redis.call('object', 'help')", 0))).rejects.toThrow(
      'the command that a script calls is unknown to js-redis-server',
    )
  })

  test('a seed that Redis refuses', async () => {
    await expect(
      given(() => Promise.resolve(), {
        seed: [
          ['SET', 'a', 1],
          ['LPUSH', 'a', 1],
        ],
      }),
    ).rejects.toThrow(
      'redis("redis"): seed: LPUSH a 1 is refused: WRONGTYPE Operation against a key holding the wrong kind of value.',
    )
  })

  test.each<[object, string]>([
    [{ name: 'two words' }, 'is no valid name'],
    [{ at: 'cache' }, 'give a host with its port'],
    [{ version: '3' }, 'version is "3"; give one of 6.2, 7.0'],
    [{ appendfsync: 'never' }, 'appendfsync is "never"; give one of always, everysec, no.'],
    [{ seed: ['SET a 1'] }, 'seed has "SET a 1"; give commands as lists'],
    [{ host: 'cache' }, 'host'],
  ])('options %j', (options, words) => {
    expect(() => redis(options)).toThrow(words)
  })
})

test('node-redis subscribes over RESP3', async () => {
  const heard = await given(async () => {
    const client = createClient({ url: 'redis://cache.internal', RESP: 3 })
    await client.connect()
    const subscriber = client.duplicate()
    await subscriber.connect()
    const heard: string[] = []
    await subscriber.subscribe('news', (message) => heard.push(message))
    await client.publish('news', 'hello')
    await wait(1_000)
    return heard
  })

  expect(heard).toEqual(['hello'])
})
