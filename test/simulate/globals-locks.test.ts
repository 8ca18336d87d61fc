// navigator.locks inside a simulation: one lock manager for each process, in virtual time.
import { expect, test } from 'vitest'
import { within, type Context } from '../../src/simulate/context.ts'
import { install } from '../../src/simulate/globals.ts'
import { FakeHost, simulated } from './globals.host.ts'

install()

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const hasLocks = 'locks' in navigator

/** Takes a lock for a while of virtual time and notes when it had it. */
function take(log: string[], who: string, options: LockOptions = {}, forMs = 10): Promise<void> {
  return navigator.locks.request('l', options, async () => {
    log.push(`${who} in`)
    await sleep(forMs)
    log.push(`${who} out`)
  })
}

test.runIf(hasLocks)('an exclusive lock is held by one at a time, in the order of the requests', async () => {
  const log: string[] = []

  const results = await simulated(() =>
    Promise.all([take(log, 'a'), take(log, 'b'), navigator.locks.request('other', () => 'free at once')]),
  )

  expect(log).toEqual(['a in', 'a out', 'b in', 'b out'])
  expect(results[2]).toBe('free at once')
})

test.runIf(hasLocks)('shared locks overlap, and nobody overtakes an exclusive request that waits', async () => {
  const log: string[] = []

  await simulated(() =>
    Promise.all([
      take(log, 'reader 1', { mode: 'shared' }),
      take(log, 'reader 2', { mode: 'shared' }),
      take(log, 'writer'),
      take(log, 'reader 3', { mode: 'shared' }),
    ]),
  )

  expect(log).toEqual([
    ...['reader 1 in', 'reader 2 in', 'reader 1 out', 'reader 2 out'],
    ...['writer in', 'writer out', 'reader 3 in', 'reader 3 out'],
  ])
})

test.runIf(hasLocks)('a lock is released when its callback throws, and the error reaches the caller', async () => {
  await simulated(async () => {
    const failing = navigator.locks.request('l', () => Promise.reject(new Error('spilt')))

    await expect(failing).rejects.toThrow('spilt')
    expect(await navigator.locks.request('l', (lock) => [lock?.name, lock?.mode])).toEqual(['l', 'exclusive'])
  })
})

test.runIf(hasLocks)('ifAvailable gives null where the lock is held or waited for', async () => {
  await simulated(async () => {
    void take([], 'holder')
    const busy = await navigator.locks.request('l', { ifAvailable: true }, (lock) => lock)
    await sleep(10)
    const free = await navigator.locks.request('l', { ifAvailable: true }, (lock) => lock?.name)

    expect([busy, free]).toEqual([null, 'l'])
  })
})

test.runIf(hasLocks)('steal takes the lock at once; its holder is told and goes on', async () => {
  const log: string[] = []

  await simulated(async () => {
    const robbed = take(log, 'holder').catch((error: Error) => log.push(error.name))
    await sleep(1)
    await take(log, 'thief', { steal: true })
    await robbed
  })

  expect(log).toEqual(['holder in', 'AbortError', 'thief in', 'holder out', 'thief out'])
})

test.runIf(hasLocks)('an aborted request leaves the queue; one that was granted does not notice', async () => {
  const log: string[] = []

  await simulated(async () => {
    const controller = new AbortController()
    const first = take(log, 'a', { signal: controller.signal })
    const second = take(log, 'b', { signal: controller.signal }).catch((error: unknown) => log.push(String(error)))
    const third = take(log, 'c')
    await sleep(5)
    controller.abort('gave up')
    await Promise.all([first, second, third])
  })

  expect(log).toEqual(['a in', 'gave up', 'a out', 'c in', 'c out'])
})

test.runIf(hasLocks)('query tells what is held and what waits, by the process alone', async () => {
  await simulated(async () => {
    void take([], 'a')
    void take([], 'b', { mode: 'shared' })

    expect(await navigator.locks.query()).toEqual({
      held: [{ name: 'l', mode: 'exclusive', clientId: 'shop-1-1' }],
      pending: [{ name: 'l', mode: 'shared', clientId: 'shop-1-1' }],
    })
  })
})

test.runIf(hasLocks)('bad arguments are refused as Node refuses them', async () => {
  await simulated(async () => {
    const { locks } = navigator
    const run = (): void => undefined

    await expect(locks.request('-reserved', run)).rejects.toThrow('may not start with hyphen')
    await expect(locks.request('l', { mode: 'both' as never }, run)).rejects.toThrow(TypeError)
    await expect(locks.request('l', { steal: true, ifAvailable: true }, run)).rejects.toThrow('mutually exclusive')
    await expect(locks.request('l', 'no function' as never)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    )
    await expect(locks.request('l', { signal: AbortSignal.abort('too late') }, run)).rejects.toBe('too late')
  })
})

/** Another process of the same host. */
function restarted(host: FakeHost, { life }: Context): Context {
  const context = host.context()
  return { ...context, life: { ...context.life, incarnation: life.incarnation + 1 } }
}

test.runIf(hasLocks)('a lock dies with its process, and another process never waits for it', async () => {
  const host = new FakeHost()
  const [first, beside] = [host.context(), host.context('bank')]
  const log: string[] = []
  within(first, () => void take(log, 'first', {}, 1_000))
  within(beside, () => void take(log, 'beside'))
  await host.run(100)

  first.life.dead = true
  within(restarted(host, first), () => void take(log, 'restarted'))
  within(first, () => void take(log, 'ghost'))
  await host.run()

  expect(log).toEqual(['first in', 'beside in', 'beside out', 'restarted in', 'restarted out'])
})

test.runIf(hasLocks)(
  'what an attempt of an operation held is free for its client when the attempt has ended',
  async () => {
    const host = new FakeHost()
    const client = host.context('client#0')
    const attempt = (): Context => ({ ...client, life: { ...client.life, within: client.life } })
    const [timedOut, next] = [attempt(), attempt()]
    const log: string[] = []
    within(timedOut, () => void take(log, 'attempt 1', {}, 5_000))
    await host.run(100)

    timedOut.life.dead = true
    within(next, () => void take(log, 'attempt 2'))
    await host.run(1_000)

    expect(log).toEqual(['attempt 1 in', 'attempt 2 in', 'attempt 2 out'])
  },
)

test.runIf(hasLocks)('an ordinary test is not blocked by what a history left held', async () => {
  await simulated(() => void take([], 'shop', {}, 1_000_000))

  expect(await navigator.locks.request('l', () => 'real')).toBe('real')
  expect((await navigator.locks.query()).held).toEqual([])
})
