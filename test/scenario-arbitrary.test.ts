// scenario: an arbitrary of scenarios for properties of the user's own. Equal seeds draw equal scenarios; what shrinks
// gets smaller.
import { rootOf } from './address-of.ts'
import { full } from './full.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeScenario,
  encodeScenario,
  exactlyOnce,
  journal,
  noHang,
  op,
  scenario,
  serve,
  simulate,
  type Scenario,
  type System,
} from 'two-generals'

const charge = journal<{ order: string }>('charge')
const pay = op(
  'pay',
  fc.record({ order: fc.uuid(), amount: fc.integer({ min: 1 }) }, { noNullPrototype: true }),
  (input) => fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(input) }),
  { retries: 2, timeout: 5_000 },
)
const once = exactlyOnce(
  pay.by((p) => p.order),
  charge.by((c) => c.order),
)
const system: System = {
  nodes: {
    shop: serve(() => async (request) => {
      charge.add((await request.json()) as { order: string })
      return new Response()
    }),
  },
  operations: [pay],
  invariants: [once],
}

/** Faults it may draw, operations, and how much else. */
function sizeOf({ plan, workload: { invocations } }: Scenario): readonly number[] {
  const faults = plan.kind === 'listed' ? plan.faults.length : plan.maxFaults * 100 + Object.keys(plan.rates).length
  return [
    faults + invocations.length * 10_000,
    invocations.reduce((sum, { client, afterMs }) => sum + client + afterMs, 0),
    JSON.stringify(invocations).length,
  ]
}

describe('what it draws', () => {
  test('is the same for the same seed, and plain data that can be saved', () => {
    const [first, second] = [
      fc.sample(scenario(system), { seed: 7, numRuns: 50 }),
      fc.sample(scenario(system), { seed: 7, numRuns: 50 }),
    ]
    expect(first).toEqual(second)
    for (const one of first) expect(decodeScenario(encodeScenario(one), 'here')).toEqual(one)
    expect(new Set(first.map(({ plan }) => plan.kind))).toEqual(new Set(['drawn', 'listed']))
  })

  test('keeps to the system: its operations, its clients, its claim', () => {
    const small = scenario({ ...system, clients: 3, maxOperations: 2, tolerates: ['lose'] })
    const all = fc.sample(small, { seed: 1, numRuns: 200 })
    expect(Math.max(...all.map(({ workload }) => workload.invocations.length))).toBe(2)
    expect(new Set(all.flatMap(({ workload }) => workload.invocations.map(({ client }) => client)))).toEqual(
      new Set([0, 1, 2]),
    )
    expect(new Set(all.flatMap(({ plan }) => (plan.kind === 'drawn' ? Object.keys(plan.rates) : [])))).toEqual(
      new Set(['lose']),
    )
  })
})

describe('in a property', () => {
  const holds = fc.asyncProperty(
    scenario(system),
    async (one) => noHang().check(await simulate(system, one)).kind === 'holds',
  )
  const fails = (): fc.IAsyncProperty<[Scenario]> =>
    fc.asyncProperty(scenario(system), async (one) => once.check(await simulate(system, one)).kind !== 'violated')

  test('works with simulate and checkers', async () => {
    await fc.assert(holds, { seed: 1, numRuns: 20 })
  })

  test('fails, shrinks to one operation and replays by its path', async () => {
    const found = await fc.check(fails(), { seed: 1, numRuns: 200 })
    expect(found.failed).toBe(true)
    expect(
      found.counterexample?.[0].workload.invocations.map(({ client, afterMs, input }) => ({ client, afterMs, input })),
    ).toEqual([{ client: 0, afterMs: 0, input: { order: '00000000-0000-1000-8000-000000000000', amount: 1 } }])
    const again = await fc.check(fails(), { seed: 1, path: found.counterexamplePath ?? '', numRuns: 1 })
    expect(again.counterexample).toEqual(found.counterexample)
  })

  test(
    'shrinks without what was in vain before: 4,612 executions, when each step began anew',
    {
      tags: ['full'],
      timeout: 120_000,
    },
    async () => {
      let executions = 0
      const failing = fc.asyncProperty(scenario(system), async (one) => {
        executions += 1
        return once.check(await simulate(system, one)).kind !== 'violated'
      })
      const { counterexample } = await fc.check(failing, { seed: 2, numRuns: 200 })
      expect(counterexample?.[0].workload.invocations.length).toBeLessThanOrEqual(6)
      expect(executions).toBeLessThan(1_000)
    },
  )

  test('beside other arbitraries', async () => {
    await fc.assert(
      fc.asyncProperty(scenario(system), fc.nat(), async (one, n) => n >= 0 && one.workload.invocations.length > 0),
      { seed: 1 },
    )
  })
})

describe('shrinking', () => {
  const arbitrary = scenario({ ...system, clients: 3, maxOperations: 5 })

  test('every step is smaller', () => {
    for (const drawn of fc.sample(arbitrary, { seed: 2, numRuns: full ? 30 : 8 })) {
      const size = sizeOf(drawn)
      for (const { value_: next } of arbitrary.shrink(drawn, undefined)) {
        const smaller = sizeOf(next)
        const at = smaller.findIndex((n, index) => n !== size[index])
        if (at === -1)
          expect(next).not.toEqual(drawn) // an input of the same length, made smaller by its own arbitrary
        else expect(smaller[at], JSON.stringify([drawn, next])).toBeLessThan(size[at] ?? 0)
      }
    }
  })

  test('ends at one operation on a perfect network', () => {
    let value = fc.sample(arbitrary, { seed: 3, numRuns: 1 })[0] as Scenario // one was asked for
    for (let steps = 0; steps < 500; steps++) {
      const next = arbitrary.shrink(value, undefined).next()
      if (next.done === true) break
      value = next.value.value_
    }
    expect([value.plan, value.workload.invocations.length]).toEqual([{ kind: 'listed', faults: [] }, 1])
  })

  test('a scenario by hand loses one fault after the other', () => {
    const fault = (nth: number): unknown => ({
      kind: 'lose',
      at: { root: rootOf('pay#0'), path: [], from: 'client', to: 'shop', operation: 'POST /orders', leg: 'reply', nth },
    })
    const byHand = {
      workload: { invocations: [] },
      plan: { kind: 'listed', faults: [fault(1), fault(2)] },
      seed: 1,
    } as unknown as Scenario
    expect(
      [...arbitrary.shrink(byHand, undefined)].map(({ value_: { plan } }) =>
        plan.kind === 'listed' ? plan.faults.map(({ at }) => at.nth) : 'drawn',
      ),
    ).toEqual([[], [2], [1]])
  })
})

describe('bad input', () => {
  test('no system', () => {
    expect(() => scenario(undefined as unknown as System)).toThrow(
      'scenario(): expected a system, { nodes, operations, invariants }, and found undefined.',
    )
    expect(() => fc.asyncProperty(scenario({} as System), async () => {})).toThrow(
      'found an object with nothing in it.',
    )
  })

  test('an arbitrary that throws says whose', async () => {
    const bad = op(
      'bad',
      fc.nat().map(() => {
        throw new RangeError('no more')
      }),
      () => undefined,
    )
    const property = fc.asyncProperty(scenario({ ...system, operations: [bad] }), async () => {})
    await expect((async () => fc.assert(property, { seed: 1 }))()).rejects.toThrow(
      'op("bad"): its arbitrary threw RangeError',
    )
  })
})
