// Whose code is running: what carries a context through a handler, what loses it, and how bind() keeps it.
import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { journal } from '../../src/history/effect.ts'
import { bind } from '../../src/simulate/context.ts'
import type { System } from '../../src/system/system.ts'
import { act, effectsIn, node, nothingToJudge, outcomesOf, pause, post, runOnce, under } from './systems.ts'

const did = journal<string>('did')

function calling(code: () => unknown): System {
  return {
    nodes: { shop: node(code), bank: node(() => did.add('work')) },
    operations: [post('go', 'http://shop/', { timeout: 10_000 })],
    invariants: [nothingToJudge],
  }
}

const work = (): Promise<Response> => fetch('http://bank/work', { method: 'POST' })

describe('a context goes through', () => {
  const ways: readonly (readonly [name: string, code: () => unknown])[] = [
    [
      'awaits',
      async () => {
        await Promise.resolve()
        await work()
      },
    ],
    [
      'timers',
      () =>
        new Promise((resolve, reject) => {
          setTimeout(() => void work().then(resolve, reject), 5)
        }),
    ],
    [
      'setImmediate',
      () =>
        new Promise((resolve, reject) => {
          setImmediate(() => void work().then(resolve, reject))
        }),
    ],
    [
      'nextTick and microtasks',
      () =>
        new Promise((resolve, reject) => {
          process.nextTick(() => queueMicrotask(() => void work().then(resolve, reject)))
        }),
    ],
    [
      'an emitter',
      () =>
        new Promise((resolve, reject) => {
          const emitter = new EventEmitter()
          emitter.on('go', () => void work().then(resolve, reject))
          emitter.emit('go')
        }),
    ],
    [
      'generators',
      async () => {
        for await (const response of (async function* () {
          yield work()
        })())
          await response.text()
      },
    ],
    [
      'a message channel',
      () =>
        new Promise((resolve, reject) => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => {
            port1.close()
            work().then(resolve, reject)
          }
          port2.postMessage('go')
        }),
    ],
    [
      'real work',
      async () => {
        await crypto.subtle.digest('SHA-1', new Uint8Array(1))
        await work()
      },
    ],
  ]
  test.each(ways)('%s', async (_name, code) => {
    const { history } = await runOnce(calling(code))

    expect(outcomesOf(history)).toEqual(['ok'])
    expect(effectsIn(history, 'did').map(({ value }) => value)).toEqual(['work'])
  })
})

describe('a worker that was started outside', () => {
  /** As batching libraries do: one loop for the whole process, woken by whoever has something. */
  function batching(wrap: (job: () => void) => () => void): {
    readonly add: (job: () => Promise<unknown>) => Promise<unknown>
  } {
    const jobs: (() => void)[] = []
    let wake: (() => void) | undefined
    void (async () => {
      for (;;) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        for (const job of jobs.splice(0)) job()
      }
    })()
    return {
      add: (job) =>
        new Promise((resolve, reject) => {
          jobs.push(
            wrap(() => {
              job().then(resolve, reject)
            }),
          )
          wake?.()
        }),
    }
  }

  test('loses the context, and fetch says so', async () => {
    const queue = batching((job) => job)
    const errors: unknown[] = []

    await runOnce(calling(() => queue.add(work).catch((error: unknown) => errors.push((error as Error).message))))

    expect(errors).toEqual([
      'fetch(http://bank/work) was called during a simulation by code that belongs to no node: its context was ' +
        'lost, as in a batching library ' +
        'or a module-level queue. Wrap the callback that is queued: bind(() => ...), from "two-generals".',
    ])
  })

  test('keeps it with bind()', async () => {
    const queue = batching((job) => bind(job))

    const { history } = await runOnce(calling(() => queue.add(work)))

    expect([outcomesOf(history), effectsIn(history, 'did').length]).toEqual([['ok'], 1])
  })

  test('bind() is the function itself outside a simulation, and passes arguments and result', async () => {
    const add = (a: number, b: number): number => a + b

    expect(bind(add)).toBe(add)

    let sum = 0

    await runOnce(
      calling(() => {
        sum = bind(add)(1, 2)
      }),
    )

    expect(sum).toBe(3)
  })
})

describe('an aborted call', () => {
  test('before it left is never sent', async () => {
    const { history } = await runOnce(
      calling(async () => {
        const controller = new AbortController()
        const sent = fetch('http://bank/work', { method: 'POST', signal: controller.signal })
        controller.abort()
        await sent.catch((error: unknown) => did.add((error as Error).name))
      }),
    )

    expect(effectsIn(history, 'did').map(({ value }) => value)).toEqual(['AbortError'])
  })

  test('on its way arrives all the same', async () => {
    const { history } = await runOnce(
      calling(async () => {
        const controller = new AbortController()
        setTimeout(() => controller.abort(), 10)
        await fetch('http://bank/work', { method: 'POST', signal: controller.signal }).catch(() => undefined)
      }),
    )

    expect(effectsIn(history, 'did').map(({ value }) => value)).toEqual(['work'])
  })
})

describe('an operation', () => {
  const shop = node(() => did.add('work'))
  const after = async (ms: number): Promise<void> => {
    await pause(ms)
    did.add('late')
    await fetch('http://shop/late', { method: 'POST' })
    did.add('answered')
  }

  test('that returned is over: what it left running does not count', async () => {
    const careless = act('go', () => {
      void after(100)
    })

    const history = await under({ nodes: { shop }, operations: [careless], invariants: [nothingToJudge] })

    expect([outcomesOf(history), effectsIn(history, 'did')]).toEqual([['ok'], []])
  })

  test('that timed out is over, and its next attempt is not disturbed', async () => {
    const slow = act('go', () => after(100), { timeout: 50, retries: 1 })

    const history = await under({ nodes: { shop }, operations: [slow], invariants: [nothingToJudge] })

    expect([outcomesOf(history), effectsIn(history, 'did')]).toEqual([['info timeout'], []])
  })

  test('may send without waiting for an answer', async () => {
    const beacon = act('go', () => {
      void fetch('http://shop/', { method: 'POST' })
    })

    const history = await under({ nodes: { shop }, operations: [beacon], invariants: [nothingToJudge] })

    expect(effectsIn(history, 'did')).toEqual([{ atMs: 20, value: 'work' }])
  })
})
