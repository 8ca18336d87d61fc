// What is built on clients of Redis, unmodified: BullMQ, redlock, rate-limiter-flexible. For each a mistake that users
// make with it, found by the faults that bring it about, and the way that holds.
import { RateLimiterRedis } from 'rate-limiter-flexible'
import Redlock, { type Lock } from 'redlock'
import { describe, expect, test } from 'vitest'
import { always, assess, journal, serve, type System } from '../../src/index.ts'
import { redis } from '../../src/redis.ts'
import { amount } from '../full.ts'
import { post } from '../simulate/systems.ts'
import { charging } from './redis-bull.ts'
import { connect } from './redis-play.ts'

/** The kinds of the faults that are left of a violation, or how else an exploration ended. */
async function found(system: System, numRuns = amount(100)): Promise<readonly string[]> {
  const assessment = await assess(system, { numRuns })
  if (assessment.kind !== 'violated') return [assessment.kind]
  const { plan } = assessment.counterexample.scenario
  return plan.kind === 'listed' ? plan.faults.map(({ kind }) => kind) : []
}

const silent = (): undefined => undefined

describe('BullMQ', { tags: ['full'] }, () => {
  test('a job whose worker stands still for longer than its lock is done again', { timeout: 300_000 }, async () => {
    expect(await found(charging((client, id) => client.rpush('charges', id)))).toEqual(['pause'])
  })

  test('that is no harm where the charge is kept under its id', { timeout: 300_000 }, async () => {
    expect(
      await found(
        charging((client, id) => client.hsetnx('charges', id, 1)),
        20,
      ),
    ).toEqual(['holds'])
  })
})

const left = journal<number>('left')

/** Takes a lock of redlock, and says how long it is to last yet. */
function locking(isValid: (lock: Lock) => boolean): System {
  const shop = serve(async () => {
    const client = connect({ autoResendUnfulfilledCommands: false })
    await client.ping().catch(silent)
    const redlock = new Redlock([client], { retryCount: 0 }).on('error', silent)
    return async () => {
      const lock = await redlock.acquire(['document'], 3_000)
      if (!isValid(lock)) return new Response('the lock is over', { status: 503 })
      left.add(lock.expiration - Date.now())
      return new Response('worked')
    }
  })
  return {
    nodes: { shop },
    stores: [redis()],
    operations: [post('work', 'http://shop/')],
    invariants: [always('whoever works has the lock', left, (all) => all.every((ms) => ms > 0))],
    tolerates: ['delay', 'pause'],
  }
}

describe('redlock', () => {
  test('grants a lock that is over by the time its answer comes', async () => {
    expect(await found(locking(() => true))).toHaveLength(1)
  })

  test('whose time may be looked at before the work', async () => {
    expect(await found(locking(({ expiration }) => expiration > Date.now()))).toEqual(['holds'])
  })
})

const served = journal<string>('served')

/** Serves two requests, ever. */
function limiting(lost: 'served' | 'refused'): System {
  const shop = serve(() => {
    const limiter = new RateLimiterRedis({
      storeClient: connect({ maxRetriesPerRequest: 0 }),
      points: 2,
      duration: 0,
    })
    return async () => {
      try {
        await limiter.consume('somebody')
      } catch (why) {
        // Whoever has asked too often is told by what is no error
        if (!(why instanceof Error) || lost === 'refused') return new Response('too many', { status: 429 })
      }
      served.add('somebody')
      return new Response('served')
    }
  })
  return {
    nodes: { shop },
    stores: [redis({ appendfsync: 'always' })],
    operations: [post('ask', 'http://shop/')],
    invariants: [always('two at most', served, (all) => all.length <= 2)],
    tolerates: ['lose', 'reset', 'refuse', 'error', 'crash'],
  }
}

describe('rate-limiter-flexible', () => {
  test('serves more than the limit where an error of Redis counts as a yes', async () => {
    expect(await found(limiting('served'))).toHaveLength(1)
  })

  test('and no more where it counts as a no', async () => {
    expect(await found(limiting('refused'))).toEqual(['holds'])
  })
})
