// What a worker shares: crash listeners, fetch, and the detection of other fake timers.
import { afterEach, expect, test, vi } from 'vitest'
import { within, type Context } from '../../src/simulate/context.ts'
import {
  assertFetch,
  fakeTimersMessage,
  install,
  listenForCrashes,
  nativeFetch,
  restoreFetch,
} from '../../src/simulate/globals.ts'
import { epochMs, FakeHost, turnOver } from './globals.host.ts'

install()

afterEach(() => {
  vi.useRealTimers()
  install()
})

const kinds = ['uncaughtException', 'unhandledRejection'] as const

function listeners(): unknown[][] {
  return kinds.map((kind) => process.rawListeners(kind))
}

test('crashes are reported with their context, and the host listeners come back in order', async () => {
  const before = listeners()

  expect(before.every((found) => found.length > 0)).toBe(true)

  const host = new FakeHost()
  const context = host.context()
  const reported: [string, unknown, Context | undefined][] = []
  const stop = listenForCrashes((...crash) => reported.push(crash) > 0)

  within(context, () => {
    process.nextTick(() => {
      throw new Error('thrown')
    })
    void Promise.reject(new Error('rejected'))
  })
  await turnOver()
  stop()
  stop()

  expect(reported.map(([kind, error, where]) => [kind, (error as Error).message, where === context])).toEqual([
    ['uncaught exception', 'thrown', true],
    ['unhandled rejection', 'rejected', true],
  ])
  expect(listeners()).toEqual(before)
})

test('a crash outside any context goes to the host listeners with the original arguments', async () => {
  const vitests = kinds.map((kind) => [kind, process.rawListeners(kind)] as const)

  for (const kind of kinds) process.removeAllListeners(kind)
  const [always, once] = [vi.fn(), vi.fn()]

  process.on('unhandledRejection', always)
  process.once('unhandledRejection', once)
  const stop = listenForCrashes((_kind, _error, context) => context !== undefined)
  const reasons = [new Error('first'), new Error('second')]
  const promises = reasons.map(async (reason) => {
    throw reason
  })

  await turnOver()
  stop()
  const left = process.rawListeners('unhandledRejection')

  for (const [kind, found] of vitests) {
    process.removeAllListeners(kind)
    for (const listener of found) process.on(kind, listener)
  }

  expect(always.mock.calls).toEqual(reasons.map((reason, i) => [reason, promises[i]]))
  expect(once.mock.calls).toEqual([[reasons[0], promises[0]]])
  expect(left).toEqual([always])
})

test('overlapping histories share the listeners until the last one ends', async () => {
  const before = listeners()
  const reported: string[] = []
  const stopFirst = listenForCrashes(() => reported.push('first') < 0)
  const stopSecond = listenForCrashes(() => reported.push('second') > 0)

  expect(listeners().map((found) => found.length)).toEqual([1, 1])

  void Promise.reject(new Error('either'))
  await turnOver()
  stopFirst()
  void Promise.reject(new Error('second only'))
  await turnOver()
  const added = (): void => undefined

  process.on('uncaughtException', added)
  stopSecond()

  expect(reported).toEqual(['first', 'second', 'second'])
  expect(listeners()).toEqual([[...(before[0] ?? []), added], before[1]])

  process.off('uncaughtException', added)
})

test('fetch is lent to overlapping runs and put back exactly', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'fetch')
  const real = globalThis.fetch
  const ours: typeof fetch = async () => new Response('ours')

  expect(nativeFetch()).toBe(real)

  assertFetch(ours)
  globalThis.fetch = async () => new Response('msw wraps it meanwhile')
  assertFetch(ours)

  expect([globalThis.fetch, nativeFetch()]).toEqual([ours, real])

  restoreFetch()

  expect(globalThis.fetch).toBe(ours)

  restoreFetch()

  expect(Object.getOwnPropertyDescriptor(globalThis, 'fetch')).toEqual(before)
  expect(nativeFetch()).toBe(real)
  expect(restoreFetch).toThrow('Bug: fetch was restored more often')
})

test('fake timers are noticed, and real ones bring the simulation back', () => {
  expect(fakeTimersMessage()).toBeUndefined()

  vi.useFakeTimers()

  expect(fakeTimersMessage()).toBe(
    'Cannot simulate: Date, setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, ' +
      'performance replaced by fake timers ' +
      '(vi.useFakeTimers or vi.setSystemTime). two-generals has a virtual time of its own: call ' +
      'vi.useRealTimers() before the test (at the top of its file, where a set-up file has faked them), and leave ' +
      'fake timers out of handlers.',
  )

  vi.useRealTimers()
  install()

  expect(fakeTimersMessage()).toBeUndefined()

  const host = new FakeHost()

  expect(within(host.context(), () => Date.now())).toBe(epochMs)
})

test('a set system time is noticed, and so is any other replacement', () => {
  vi.setSystemTime(0)

  expect(fakeTimersMessage()).toMatch(/^Cannot simulate: Date replaced by fake timers/)

  vi.useRealTimers()
  install()

  expect(fakeTimersMessage()).toBeUndefined()

  const ours = globalThis.setTimeout

  globalThis.setTimeout = Object.assign(() => 0, ours) as never

  expect(fakeTimersMessage()).toMatch(/^Cannot simulate: setTimeout replaced by something other than two-generals/)

  globalThis.setTimeout = ours

  expect(fakeTimersMessage()).toBeUndefined()
})
