// The store for any other state: it is the same before every history, survives a crash, and is told to see no calls.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { ackDurable } from '../../src/check/ack-durable.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { assess } from '../../src/property.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { fakeWorld } from '../../src/conformance/fake-world.ts'
import { store } from '../../src/store/state.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'

const nothing = (): void => undefined
const few = { seed: 1, numRuns: 20 }

/** Orders in a plain array. */
function shop(orders: string[], save: (order: string) => void, parts: Partial<System> = {}): System {
  const place = op('place', fc.uuid(), (order) => fetch(`http://shop/${order}`, { method: 'POST' }), { retries: 2 })
  const kept = rows('order', () => orders)
  return {
    nodes: {
      shop: serve(() => (request) => {
        save(new URL(request.url).pathname.slice(1))
        return new Response('ok')
      }),
    },
    stores: [
      store('orders', {
        reset: () => {
          orders.length = 0
        },
      }),
    ],
    operations: [place],
    invariants: [atMostOnce(kept.by(String)), ackDurable(place.by(String), kept.by(String))],
    ...parts,
  }
}

describe('state that is put back by hand', () => {
  test('is the same before every history, and survives crashes', async () => {
    const orders: string[] = []
    const found = await assess(
      shop(orders, (order) => orders.includes(order) || orders.push(order)),
      few,
    )
    expect(found.kind).toBe('holds')
    expect(found.explored.fired.crash).toBeGreaterThan(0)
    const report = formatAssessment(found, { test: 'orders are kept' })
    expect(report.replaceAll(/\s+/g, ' ')).toContain(
      'Not explored on "orders": a crash directly after a call, and what one process does between two calls of another.',
    )
    expect(orders).toEqual([])
  })

  test('shows what is wrong, at its time', async () => {
    const orders: string[] = []
    const found = await assess(
      shop(orders, (order) => orders.push(order)),
      few,
    )
    expect(found.kind).toBe('violated')
    const report = formatAssessment(found, { test: 'orders are kept' })
    expect(report).toMatch(/order happened twice for \S+: at 0\.020 s and at \d+\.\d+ s/)
  })

  test('may be put back in real time', async () => {
    const orders: string[] = []
    const later = store('orders', {
      reset: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        orders.length = 0
      },
    })
    const system = shop(orders, (order) => orders.includes(order) || orders.push(order), { stores: [later] })
    expect((await assess(system, few)).kind).toBe('holds')
  })
})

describe('with snapshot and restore', () => {
  const counted = (): { readonly state: { n: number }; readonly it: ReturnType<typeof store> } => {
    const state = { n: 1 }
    const it = store('counter', {
      reset: () => {
        state.n = 0
      },
      snapshot: () => state.n,
      restore: (n) => {
        state.n = n
      },
    })
    return { state, it }
  }

  test('what was found is there again when the test is over', async () => {
    const { state, it } = counted()
    void it.attach()
    await it.reset()
    expect(state.n).toBe(0)
    await it.detach()
    expect(state.n).toBe(1)
    state.n = 5
    await it.detach()
    expect(state.n).toBe(5)
  })

  test('what a crashed node still writes in its synchronous code is undone', () => {
    const { state, it } = counted()
    void it.attach()
    const world = fakeWorld([it])
    const life = world.life('shop')
    world.run(life, () => {
      state.n = 7
      it.crash(life, true)
      state.n = 8
    })
    world.settle()
    expect(state.n).toBe(7)
    world.settle()
    expect(state.n).toBe(7)
  })

  test('a crash between an entry in a journal and the rest of the stretch counts', async () => {
    const sent = journal<string>('sent')
    const { state, it } = counted()
    const system = shop([], (order) => {
      sent.add(order)
      state.n += 1
    })
    const counts = await assess(
      {
        ...system,
        stores: [it],
        operations: [op('place', fc.uuid(), (order) => fetch(`http://shop/${order}`, { method: 'POST' }))],
        tolerates: ['crash'],
        invariants: [
          {
            kind: 'invariant',
            name: 'counted',
            effects: [sent, rows('n', () => [state.n])].map(({ source }) => source),
            check: ({ readings, events }) => {
              const mails = events.filter(({ kind }) => kind === 'effect').length
              const last = readings.findLast(({ effect }) => effect === 'n')?.value
              return last === mails
                ? { kind: 'holds', reasons: [] }
                : {
                    kind: 'violated',
                    reasons: [{ kind: 'custom', of: 'n', text: `${String(last)} of ${mails}`, events: [] }],
                  }
            },
          },
        ],
      },
      few,
    )
    expect(counts.kind).toBe('violated')
  })
})

test.each([
  ['mails', {}, 'reset is missing'],
  ['mails', { reset: 3 }, 'found number'],
  ['mails', { resets: nothing }, 'Did you mean "reset"?'],
  ['mails', undefined, 'its options are null'],
  ['', { reset: nothing }, 'give a name'],
  ['mails', { reset: nothing, snapshot: nothing }, 'belong together'],
])('store(%j, %o) is refused: %s', (name, options, words) => {
  expect(() => store(name, options as never)).toThrow(words)
})

test('a reset that throws is said to', async () => {
  const broken = store('mails', {
    reset: (): void => {
      throw new Error('no disk')
    },
  })
  await expect(
    assess(
      shop([], () => undefined, { stores: [broken] }),
      few,
    ),
  ).rejects.toThrow('reset threw Error: no disk')
})
