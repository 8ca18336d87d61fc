// One small service around each package, as its users write it, and the claim that its users rely on. The packages are
// handed in.
import * as fc from 'fast-check'
import { always, boundedCall, eventually, journal, op, serve, type System } from '../../src/index.ts'

/** Loads the package under test; again for each life of a node. */
export type Load = () => unknown

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

interface Queue {
  add(task: () => unknown): Promise<unknown>
}
type QueueClass = new (options: { readonly intervalCap: number; readonly interval: number }) => Queue

/** One call a second to an API with a quota. A crash forgets the quota, and the clocks and timers must be true. */
export function rateLimited(load: Load): System {
  const started = journal<number>('call')
  const call = op('call', fc.constant(null), () => fetch('http://gateway/', { method: 'POST' }))
  return {
    nodes: {
      gateway: serve(() => {
        const queue = new (load() as QueueClass)({ intervalCap: 1, interval: 1_000 })
        return async () => {
          await queue.add(() => {
            started.add(Math.round(performance.now()))
          })
          return new Response()
        }
      }),
    },
    operations: [call],
    invariants: [
      always('calls are 1 s apart', started, (times) => {
        const gapMs = (times.at(-1) ?? 0) - (times.at(-2) ?? -Infinity)
        return gapMs >= 1_000 || `${gapMs} ms apart`
      }),
    ],
    tolerates: { except: ['crash', 'pause', 'jump', 'skew', 'drift'] },
  }
}

interface Cache {
  wrap<T>(
    load: (id: number) => Promise<T>,
    options: { readonly keyPrefix: string; readonly ttl: string },
  ): (id: number) => Promise<T>
}

/** A cache before a slow origin. */
export function cached(load: Load): System {
  const asked = journal<{ readonly life: string; readonly id: number; readonly step: 'begin' | 'end' }>('load')
  const read = op('read', fc.integer({ min: 1, max: 3 }), (id) => fetch(`http://cache/${id}`))
  return {
    nodes: {
      cache: serve(() => {
        const life = crypto.randomUUID()
        const { Cacheable } = load() as { readonly Cacheable: new () => Cache }
        const item = new Cacheable().wrap(
          async (id) => {
            asked.add({ life, id, step: 'begin' })
            try {
              return await (await fetch(`http://origin/${id}`)).text()
            } finally {
              asked.add({ life, id, step: 'end' })
            }
          },
          { keyPrefix: 'item', ttl: '1h' },
        )
        return async (request: Request) => new Response(await item(Number(new URL(request.url).pathname.slice(1))))
      }),
      origin: serve(() => (request: Request) => new Response(`item ${request.url}`)),
    },
    operations: [read],
    invariants: [
      always('one load of an item at a time', asked, (steps) => {
        const last = steps.at(-1)
        const open = steps
          .filter(({ life, id }) => life === last?.life && id === last.id)
          .reduce((n, { step }) => n + (step === 'begin' ? 1 : -1), 0)
        return open <= 1 || `${open} loads of item ${last?.id}`
      }),
    ],
  }
}

interface Lock {
  acquire<T>(key: string, run: () => Promise<T>): Promise<T>
}
type LockClass = new (options: { readonly maxExecutionTime?: number }) => Lock

/** A withdrawal reads and writes a balance elsewhere, under a lock. */
export function locked(load: Load, options: { readonly maxExecutionTime?: number }): System {
  const held = journal<{ readonly life: string; readonly step: 'enter' | 'leave' }>('lock')
  const withdraw = op('withdraw', fc.constant(null), () => fetch('http://teller/', { method: 'POST' }))
  return {
    nodes: {
      teller: serve(() => {
        const life = crypto.randomUUID()
        const lock = new (load() as LockClass)(options)
        const work = async (): Promise<void> => {
          held.add({ life, step: 'enter' })
          try {
            await fetch('http://bank/balance', { method: 'PUT' })
          } finally {
            held.add({ life, step: 'leave' })
          }
        }
        return () =>
          lock.acquire('account', work).then(
            () => new Response(),
            () => new Response(null, { status: 503 }),
          )
      }),
      bank: serve(() => () => new Response()),
    },
    operations: [withdraw],
    invariants: [
      always('one holder at a time', held, (steps) => {
        const inside = steps
          .filter(({ life }) => life === steps.at(-1)?.life)
          .reduce((n, { step }) => n + (step === 'enter' ? 1 : -1), 0)
        return inside <= 1 || `${inside} holders`
      }),
    ],
  }
}

type Retry = (
  run: () => Promise<unknown>,
  options: { readonly retries: number; readonly minTimeout: number; readonly signal: AbortSignal },
) => Promise<unknown>

/**
 * A deadline of 1 s over all tries. Only the way to the bank is bad: what the client's own network does is not the
 * handler's.
 */
export function cancelled(load: Load): System {
  const order = op('order', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))
  return {
    nodes: {
      shop: serve(() => {
        const pRetry = load() as Retry
        return async () => {
          const signal = AbortSignal.timeout(1_000)
          return pRetry(() => fetch('http://bank/', { method: 'POST', signal }), {
            retries: 3,
            minTimeout: 30_000,
            signal,
          }).then(
            () => new Response(),
            () => new Response(null, { status: 504 }),
          )
        }
      }),
      bank: serve(() => () => new Response()),
    },
    operations: [order],
    invariants: [boundedCall(1_500, order)],
    tolerates: { 'shop -> bank': ['lose', 'delay', 'error', 'reset', 'refuse', 'throttle', 'hang'] },
  }
}

type BreakerClass = new (
  run: () => Promise<unknown>,
  options: { readonly resetTimeout: number; readonly timeout: number; readonly errorThresholdPercentage: number },
) => { fire(): Promise<unknown> }

/** A breaker before a bank. Once all has healed, whoever asks again for 2 s is served. */
export function broken(load: Load): System {
  const served = journal<boolean>('probe')
  const ask = (): Promise<Response> => fetch('http://shop/', { method: 'POST' })
  const probe = op('again', fc.constant(null), async () => {
    let ok = false
    for (let tries = 0; tries < 10 && !ok; tries++) {
      ok = (await ask()).ok
      if (!ok) await pause(200)
    }
    served.add(ok)
  })
  return {
    nodes: {
      shop: serve(() => {
        const breaker = new (load() as BreakerClass)(
          async () => {
            if (!(await fetch('http://bank/', { method: 'POST' })).ok) throw new Error('the bank failed')
          },
          { resetTimeout: 100, timeout: 1_000, errorThresholdPercentage: 50 },
        )
        return () =>
          breaker.fire().then(
            () => new Response(),
            () => new Response(null, { status: 503 }),
          )
      }),
      bank: serve(() => () => new Response()),
    },
    operations: [op('order', fc.constant(null), ask)],
    probe: [probe],
    invariants: [eventually('orders are taken again', served, (all) => all.every((ok) => ok))],
  }
}

/** Makes ids; throws where it cannot. */
export type MakeIds = () => () => string

/** A job takes an id every half second for longer than a jump, and the wall clock may be set back meanwhile. */
export function polled(makeIds: MakeIds): System {
  return ids(
    makeIds,
    op('poll', fc.integer({ min: 30, max: 60 }), (lines) =>
      fetch(`http://ids/?lines=${lines}&everyMs=500`, { method: 'POST' }),
    ),
  )
}

/** A file is imported in one go: every line of it takes an id. */
export function imported(makeIds: MakeIds): System {
  return ids(
    makeIds,
    op('import', fc.integer({ min: 1, max: 6_000 }), (lines) =>
      fetch(`http://ids/?lines=${lines}&everyMs=0`, { method: 'POST' }),
    ),
  )
}

function ids(makeIds: MakeIds, take: System['operations'][number]): System {
  const made = journal<readonly string[]>('ids')
  return {
    nodes: {
      ids: serve(() => {
        const next = makeIds()
        return async (request: Request) => {
          const { searchParams } = new URL(request.url)
          const everyMs = Number(searchParams.get('everyMs'))
          let batch: string[] = []
          try {
            for (let line = 0; line < Number(searchParams.get('lines')); line++) {
              batch.push(next())
              if (everyMs === 0) continue
              made.add(batch)
              batch = []
              await pause(everyMs)
            }
          } catch {
            return new Response(null, { status: 503 })
          } finally {
            made.add(batch)
          }
          return new Response()
        }
      }),
    },
    operations: [take],
    invariants: [
      always('ids are unique', made, (batches) => {
        const all = batches.flat()
        const repeated = all.length - new Set(all).size
        return repeated === 0 || `${repeated} came twice`
      }),
    ],
    tolerates: { except: ['crash', 'pause'] },
  }
}
