// Timers inside a simulation behave as Node's own, in virtual time.
import { setTimeout as importedSetTimeout } from 'node:timers'
import { MessageChannel as ImportedMessageChannel } from 'node:worker_threads'
import { scheduler, setImmediate as nextTurn, setInterval as every, setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { current, within } from '../../src/simulate/context.ts'
import { install } from '../../src/simulate/globals.ts'
import { FakeHost, simulated } from './globals.host.ts'

install()

/** The same function, without the browser's typing. */
const nodeTimeout = importedSetTimeout as (callback: () => void, delayMs: number) => NodeJS.Timeout

test('timers fire in virtual time, in their context, with their arguments', async () => {
  const seen: unknown[] = []
  const host = new FakeHost()
  const context = host.context()

  within(context, () => {
    setTimeout((...args: unknown[]) => seen.push([host.nowMs, args, current() === context]), 3000, 'a', 'b')
    importedSetTimeout(() => seen.push(host.nowMs), 1000)
    setImmediate((x: string) => seen.push([host.nowMs, x]), 'now')
  })
  await host.run()

  expect(seen).toEqual([[0, 'now'], 1000, [3000, ['a', 'b'], true]])
})

test.each([
  [undefined, 1],
  [Number.NaN, 1],
  [0, 1],
  [-5, 1],
  [0.5, 1],
  [1.9, 1],
  [2.9, 2],
  ['30', 30],
  [2 ** 31, 1],
  [Infinity, 1],
  [null, 1],
])('a delay of %s is %d ms, as in Node', async (delay, ms) => {
  const fired = await simulated(
    (host) => new Promise((resolve) => setTimeout(() => resolve(host.nowMs), delay as number)),
  )

  expect(fired).toBe(ms)
})

test('timers are cleared by object, number and numeric string', async () => {
  const fired = vi.fn()

  await simulated(() => {
    clearTimeout(setTimeout(fired, 5))
    const [timer, interval]: unknown[] = [setTimeout(fired, 5), setInterval(fired, 5)]
    clearTimeout(Number(timer))
    clearInterval(String(Number(interval)))
    clearImmediate(setImmediate(fired))
    nodeTimeout(fired, 5).close()
    nodeTimeout(fired, 5)[Symbol.dispose]()
    clearTimeout(undefined)
    clearTimeout(12345)
    clearTimeout('no timer')
  })

  expect(fired).not.toHaveBeenCalled()
})

test('a timer can be told not to keep the history going, and be started anew', async () => {
  await simulated(async (host) => {
    const timer = nodeTimeout(() => undefined, 50)
    expect([timer.hasRef(), timer.unref(), timer.hasRef(), timer.ref().hasRef()]).toEqual([true, timer, false, true])
    let firedMs = 0
    const refreshed = nodeTimeout(() => {
      firedMs = host.nowMs
    }, 10)
    await sleep(6)
    refreshed.refresh()
    await sleep(20)
    expect(firedMs).toBe(16)
    const cleared = nodeTimeout(() => {
      firedMs = -1
    }, 10)
    clearTimeout(cleared)
    cleared.refresh()
    await sleep(20)
    expect([firedMs, cleared.hasRef()]).toEqual([16, false])
  })
})

test('an interval repeats until it clears itself', async () => {
  const at: number[] = []

  await simulated((host) => {
    const interval = setInterval(() => {
      if (at.push(host.nowMs) === 3) clearInterval(interval)
    }, 10)
  })

  expect(at).toEqual([10, 20, 30])
})

test('a bad callback is refused as Node refuses it', async () => {
  await simulated(() => {
    for (const arm of [setTimeout, setInterval, setImmediate])
      expect(() => arm('code' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
  })
})

test('a native timer that was armed outside can be cleared inside', async () => {
  const fired = vi.fn()
  const outside = setTimeout(fired, 20)

  expect(outside.constructor.name).toBe('Timeout')

  await simulated(() => clearTimeout(outside))
  await sleep(40)

  expect(fired).not.toHaveBeenCalled()
})

test('a dead life arms nothing, awaits for ever, and clears no timer of another', async () => {
  const fired = vi.fn()
  const host = new FakeHost()
  const [dead, alive] = [host.context('dead'), host.context('alive')]
  const timer = within(alive, () => setTimeout(() => fired('alive'), 10))

  dead.life.dead = true
  within(dead, () => {
    expect(nodeTimeout(fired, 1).unref().refresh().hasRef()).toBe(false)
    setImmediate(fired)
    void sleep(1).then(fired)
    void nextTurn().then(fired)
    void every(1).next().then(fired)
    clearTimeout(timer)
  })
  await host.run()

  expect(fired.mock.calls).toEqual([['alive']])
})

test('promisify and node:timers/promises wait in virtual time', async () => {
  expect(promisify(setTimeout)).toBe(sleep)
  expect(promisify(setImmediate)).toBe(nextTurn)

  await simulated(async (host) => {
    expect(await promisify(setTimeout)(1000, 'value')).toBe('value')
    expect(await nextTurn('now')).toBe('now')
    await scheduler.wait(500)
    await scheduler.yield()
    expect(host.nowMs).toBe(1500)
  })
})

test('a promised timer is aborted with the error Node gives', async () => {
  await simulated(async (host) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort('why'), 10)
    const aborted = expect.objectContaining({ name: 'AbortError', code: 'ABORT_ERR', cause: 'why' })
    await expect(sleep(1000, undefined, { signal: controller.signal })).rejects.toEqual(aborted)
    expect(host.nowMs).toBe(10)
    await expect(scheduler.wait(1000, { signal: controller.signal })).rejects.toEqual(aborted)
    await expect(nextTurn(0, { signal: controller.signal })).rejects.toEqual(aborted)
    await expect(every(5, 0, { signal: controller.signal }).next()).rejects.toEqual(aborted)
    for (const bad of [null, 'x', { ref: 1 }, { signal: 'x' }]) {
      await expect(sleep(1, 0, bad as never)).rejects.toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
    }
  })
})

test('the promised interval yields every tick, also those a slow loop missed, and stops when left', async () => {
  await simulated(async (host) => {
    const at: unknown[] = []
    for await (const value of every(10, 'tick')) {
      at.push([value, host.nowMs])
      if (at.length === 1) await sleep(25)
      if (at.length === 4) break
    }
    expect(at).toEqual([
      ['tick', 10],
      ['tick', 35],
      ['tick', 35],
      ['tick', 40],
    ])
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 15)
    await expect(
      (async () => {
        for await (const _ of every(10, 0, { signal: controller.signal })) at.push(host.nowMs)
      })(),
    ).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
    expect(at.at(-1)).toBe(50)
  })
})

test('outside a simulation every timer is the native one', async () => {
  const value = await sleep(1, 'v')
  const ticks = every(1, 't')

  const tick = (await ticks.next()).value
  await ticks.return?.()
  const turn = await new Promise((resolve) => setImmediate(resolve, 'turn'))
  const interval = setInterval(() => undefined, 1000)

  clearInterval(Number(interval))

  expect([
    value,
    tick,
    turn,
    await nextTurn('n'),
    interval.constructor.name,
    setTimeout.name,
    setTimeout.length,
  ]).toEqual(['v', 't', 'turn', 'n', 'Timeout', 'setTimeout', 2])

  await scheduler.wait(1)
})

test('AbortSignal.timeout aborts in virtual time with a TimeoutError, and AbortSignal.any hears it', async () => {
  await simulated(async (host) => {
    const signal = AbortSignal.timeout(5000)
    const any = AbortSignal.any([signal, new AbortController().signal])
    await sleep(4999)
    expect(any.aborted).toBe(false)
    await sleep(2)
    expect([signal.aborted, any.aborted, host.nowMs]).toEqual([true, true, 5001])
    expect(any.reason).toBe(signal.reason)
    expect(signal.reason).toBeInstanceOf(DOMException)
    expect((signal.reason as DOMException).name).toBe('TimeoutError')
    expect(() => AbortSignal.timeout(-1)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }))
  })
  const real = AbortSignal.timeout(1)

  await new Promise((resolve) => real.addEventListener('abort', resolve))

  expect((real.reason as DOMException).name).toBe('TimeoutError')
})

test('a MessageChannel clones what is posted and delivers it as steps, in order', async () => {
  await simulated(async () => {
    const seen: unknown[] = []
    expect(ImportedMessageChannel).toBe(MessageChannel)
    const { port1, port2 } = new ImportedMessageChannel()
    const sent = { deep: [1] }
    port1.postMessage(sent)
    port1.postMessage('second')
    sent.deep.push(2)
    port2.addEventListener('message', (event: { data: unknown }) => seen.push(event.data))
    port2.on('message', (value) => seen.push(['on', value]))
    port2.start()
    expect(seen).toEqual([])
    await sleep(1)
    expect(seen).toEqual([{ deep: [1] }, ['on', { deep: [1] }], 'second', ['on', 'second']])
    const answered = new Promise((resolve) => {
      Object.assign(port1, { onmessage: (event: MessageEvent) => resolve(event.data) })
    })
    port2.postMessage('back')
    expect(await answered).toBe('back')
    expect(() => port1.postMessage(() => undefined)).toThrow(expect.objectContaining({ name: 'DataCloneError' }))
    const closed = new Promise((resolve) => port2.on('close', () => resolve('closed')))
    port1.close()
    port2.postMessage('too late')
    expect(await closed).toBe('closed')
  })
  const native = new MessageChannel()

  expect(native.port1).toBeInstanceOf(MessagePort)
  expect(() => (MessageChannel as unknown as () => void)()).toThrow(TypeError)

  native.port1.close()
})
