// What the platform shares within one process, as systems that are assessed: the sound ones hold under crashes and with
// several instances, and their broken twins are found.
import * as fc from 'fast-check'
import { always, assess, boundedCall, exactlyOnce, journal, op, serve, type System } from 'two-generals'
import { expect, test } from 'vitest'
import { full } from '../full.ts'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const hasLocks = 'locks' in navigator
const buy = op('buy', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }))

const look = op('look', fc.constant(null), () => fetch('http://shop/'))

/** A shop that may sell one of its one item, and looks at the stock long before it takes it. */
function shopOf(guarded: boolean, instances: number): System {
  const sold = journal<{ readonly life: object }>('sold')
  return {
    nodes: {
      shop: serve(
        () => {
          const stock = { left: 1 }
          const sell = async (): Promise<Response> => {
            const { left } = stock
            await sleep(50)
            if (left === 0) return new Response(null, { status: 410 })
            stock.left = left - 1
            sold.add({ life: { left: stock.left } })
            return new Response()
          }
          return () => (guarded ? navigator.locks.request('stock', sell) : sell())
        },
        { instances },
      ),
    },
    operations: [buy],
    invariants: [always('never sold twice by one process', sold, (all) => all.length <= instances)],
    tolerates: ['delay'],
  }
}

test.runIf(hasLocks)('a lock of the platform guards a process, and without it the race is found', async () => {
  const [guarded, open, two] = [shopOf(true, 1), shopOf(false, 1), shopOf(true, 2)]

  expect((await assess(guarded, { seed: 1, numRuns: full ? 30 : 10 })).kind).toBe('holds')
  expect((await assess(open, { seed: 1, numRuns: 30, shrink: false })).kind).toBe('violated')
  expect((await assess(two, { seed: 1, numRuns: full ? 30 : 10 })).kind).toBe('holds')
})

/** A shop that works for a while under a lock; without a release the lock is held for ever. */
function lockingShop(release: boolean): System {
  return {
    nodes: {
      shop: serve(() => () => {
        const done = Promise.withResolvers<Response>()
        void navigator.locks.request('till', async () => {
          await sleep(100)
          done.resolve(new Response())
          if (!release) await Promise.withResolvers<never>().promise
        })
        return done.promise
      }),
    },
    operations: [buy],
    // After the last crash nobody is disturbed, unless a lock of the life that crashed keeps the next life waiting.
    probe: [look],
    invariants: [boundedCall(1_000, look)],
    tolerates: ['crash'],
  }
}

test.runIf(hasLocks)('a crash frees the locks of its process; a lock that nobody releases is a hang', async () => {
  expect((await assess(lockingShop(true), { seed: 1, numRuns: full ? 30 : 10 })).kind).toBe('holds')
  expect((await assess(lockingShop(false), { seed: 1, numRuns: 30, shrink: false })).kind).toBe('violated')
})

/**
 * Each instance tells its own listener of a sale, which writes it down; a listener that hears others writes it twice.
 */
function broadcasting(listeners: number): System {
  const heard = journal<string>('heard')
  return {
    nodes: {
      shop: serve(
        () => {
          for (let i = 0; i < listeners; i++)
            new BroadcastChannel('sales').onmessage = ({ data }) => {
              heard.add(String(data))
            }
          return async (request) => {
            const speaker = new BroadcastChannel('sales')
            speaker.postMessage(await request.text())
            speaker.close()
            return new Response()
          }
        },
        { instances: 2 },
      ),
    },
    operations: [buy],
    invariants: [
      exactlyOnce(
        buy.by((id) => id),
        heard.by((id) => id),
      ),
    ],
    tolerates: ['delay', 'lose'],
  }
}

test('a broadcast is heard in its own process alone', async () => {
  expect((await assess(broadcasting(1), { seed: 1, numRuns: full ? 30 : 10 })).kind).toBe('holds')
  expect((await assess(broadcasting(2), { seed: 1, numRuns: 30, shrink: false })).kind).toBe('violated')
})
