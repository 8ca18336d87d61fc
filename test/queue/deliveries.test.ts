// deliveries: a bare (event) => Promise<void> behind a provider that delivers at least once, unordered, overlapping,
// again when it throws.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  always,
  assess,
  exactlyOnce,
  formatAssessment,
  journal,
  listed,
  map,
  noFaults,
  rows,
  simulate,
  type Assessment,
  type History,
  type Scenario,
  type System,
} from 'two-generals'
import { deliveries } from 'two-generals/queues'
import { rootOf } from '../address-of.ts'
import { amount } from '../full.ts'
import { effectsIn, eventsOf, outcomesOf, pause } from '../simulate/systems.ts'
import { failureName } from '../../src/verdict/reason.ts'

interface Credit {
  readonly id: string
  readonly cents: number
  readonly at: Date
}

const credits = fc.array(
  fc.record<Credit>(
    {
      id: fc.uuid(),
      cents: fc.integer({ min: 1 }),
      at: fc.date({ min: new Date(0), max: new Date(1), noInvalidDate: true }),
    },
    { noNullPrototype: true },
  ),
)
const credited = journal<Credit>('credited')
const events: Credit[] = ['event-1', 'event-2'].map((id) => ({ id, cents: 5, at: new Date(0) }))

function scenario(times: readonly number[], plan: Scenario['plan'] = noFaults): Scenario {
  return {
    workload: {
      invocations: times.map((afterMs, id) => ({ id, operation: 'deliver', client: id, afterMs, input: events[id] })),
    },
    plan,
    seed: 1,
  }
}

async function found(system: System): Promise<Extract<Assessment, { readonly kind: 'violated' }>> {
  const assessment = await assess(system)
  if (assessment.kind !== 'violated') throw new Error(formatAssessment(assessment, { test: 'x' }))
  return assessment
}

function faultKindsOf({
  counterexample: {
    scenario: { plan },
  },
}: Awaited<ReturnType<typeof found>>): readonly string[] {
  return plan.kind === 'listed' ? plan.faults.map(({ kind }) => kind) : ['drawn']
}

describe('what the handler is given', () => {
  test('each event as it was drawn, dates and all, overlapping', async () => {
    let running = 0
    let most = 0
    const history = await simulate(
      deliveries(async (event: Credit) => {
        running += 1
        most = Math.max(most, running)
        expect(event.at).toBeInstanceOf(Date)
        credited.add(event)
        await pause(100)
        running -= 1
      }, credits),
      scenario([0, 50]),
    )
    expect(most).toBe(2)
    expect(outcomesOf(history)).toEqual(['ok', 'ok'])
    expect(effectsIn(history, 'credited').map(({ atMs }) => atMs)).toEqual([20, 70])
  })

  test('again after it threw, with growing pauses, until it accepts', async () => {
    let times = 0
    const history = await simulate(
      deliveries((event: Credit) => {
        credited.add(event)
        times += 1
        if (times < 4) throw new Error('not yet')
      }, credits),
      scenario([0]),
    )
    expect(effectsIn(history, 'credited').map(({ atMs }) => atMs)).toEqual([20, 1_060, 3_100, 7_140])
    expect(outcomesOf(history)).toEqual(['ok'])
  })

  test('again when it gives no answer for 10 s', async () => {
    let times = 0
    const history = await simulate(
      deliveries((event: Credit) => {
        credited.add(event)
        times += 1
        return times === 1 ? new Promise(() => undefined) : undefined
      }, credits),
      scenario([0]),
    )
    expect(effectsIn(history, 'credited').map(({ atMs }) => atMs)).toEqual([20, 11_020])
  })

  test('again by a clock that is fast', async () => {
    let times = 0
    const at = {
      ...{ root: rootOf('deliver#0'), path: [], from: 'client', to: 'client', operation: 'boot' },
      ...({ leg: 'request', nth: 1 } as const),
    }
    const history = await simulate(
      deliveries((event: Credit) => {
        credited.add(event)
        times += 1
        if (times < 2) throw new Error('not yet')
      }, credits),
      scenario([0], listed([{ kind: 'drift', at, ppm: 100_000 }])),
    )
    expect(eventsOf(history, 'fault')).toHaveLength(1)
    expect(effectsIn(history, 'credited').map(({ atMs }) => Math.round(atMs))).toEqual([20, 969])
    expect(outcomesOf(history)).toEqual(['ok'])
  })

  test('again after a crash', async () => {
    const at = {
      root: rootOf('deliver#0'),
      path: [],
      from: 'client',
      to: 'handler',
      operation: 'deliver events',
      key: 'id#0',
      leg: 'reply',
      nth: 1,
    } as const
    const history = await simulate(
      deliveries((event: Credit) => credited.add(event), credits),
      scenario([0], listed([{ kind: 'crash', at, node: 'handler', restartAfterMs: 1_000 }])),
    )
    expect(eventsOf(history, 'crash')).toHaveLength(1)
    expect(effectsIn(history, 'credited').length).toBeGreaterThan(1)
    expect(outcomesOf(history)).toEqual(['ok'])
  })
})

describe('what it finds', () => {
  test('in two lines: nothing is wrong with a handler that does nothing', async () => {
    expect(
      await assess(
        deliveries(async () => {}, credits),
        { numRuns: 10 },
      ),
    ).toMatchObject({ kind: 'holds' })
  })

  test('an event that counts twice when it comes twice', async () => {
    const naive = deliveries(
      (event: Credit) => credited.add(event),
      credits,
      (deliver) => ({
        invariants: [
          exactlyOnce(
            deliver.by((e) => e.id),
            credited.by((c) => c.id),
          ),
        ],
        tolerates: ['lose', 'duplicate', 'crash'],
      }),
    )
    const assessment = await found(naive)
    expect(faultKindsOf(assessment)).toHaveLength(1)
    expect(assessment.counterexample.scenario.workload.invocations).toMatchObject([
      { operation: 'deliver', input: { id: '00000000-0000-1000-8000-000000000000', cents: 1 } },
    ])
    for (const kind of ['lose', 'duplicate', 'crash'] as const)
      expect(faultKindsOf(await found({ ...naive, tolerates: [kind] }))).toEqual([kind])
  })

  test('and holds for one that knows what it has seen', async () => {
    const seen = new Map<string, Credit>()
    const credit = rows('credit', () => [...seen.values()])
    const sound = deliveries(
      (event: Credit) => {
        seen.set(event.id, event)
      },
      credits,
      (deliver) => ({
        stores: [map(seen, { name: 'seen' })],
        invariants: [
          exactlyOnce(
            deliver.by((e) => e.id),
            credit.by((c) => c.id),
          ),
        ],
      }),
    )
    expect(await assess(sound, { numRuns: amount(50) })).toMatchObject({ kind: 'holds' })
  })

  test('an event that poisons the handler for good', async () => {
    const begun = new Map<string, true>()
    const poisoned = deliveries(
      async ({ id }: Credit) => {
        if (begun.has(id)) throw new Error('in progress')
        begun.set(id, true)
        await pause(100)
        begun.delete(id)
      },
      credits,
      { stores: [map(begun, { name: 'begun' })], tolerates: ['crash'] },
    )
    const { violation } = (await found(poisoned)).counterexample
    expect([violation.invariant, failureName(violation.reason)]).toEqual([
      'every event is accepted in the end',
      'event-not-accepted',
    ])
    expect(violation.reason.text).toContain('not even minutes after the last fault')
  })

  test('a handler that always throws is no matter of the network', async () => {
    const assessment = await assess(
      deliveries(() => {
        throw new TypeError('no such column')
      }, credits),
    )
    expect(assessment.kind).not.toBe('holds')
    expect(formatAssessment(assessment, { test: 'x' })).toContain('no such column')
  })
})

describe('a batch', () => {
  interface Batch {
    readonly Records: readonly { readonly messageId: string; readonly body: string }[]
  }
  type Handler = (batch: Batch, nth: number) => unknown

  const batch: Batch = { Records: ['a', 'b', 'c'].map((id) => ({ messageId: id, body: `body ${id}` })) }
  const batches = fc.constant<readonly Batch[]>([batch])
  const came = journal<string>('came')
  const failing = (...ids: readonly unknown[]): unknown => ({
    batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
  })

  const system = (handle: Handler): System => {
    let nth = 0
    return deliveries<Batch>(
      (one) => {
        came.add(one.Records.map(({ body }) => body.slice(-1)).join(''))
        nth += 1
        return handle(one, nth)
      },
      batches,
      { invariants: [always('nothing', came, () => true)] },
    )
  }

  async function delivered(handle: Handler, plan: Scenario['plan'] = noFaults): Promise<History> {
    const one = { id: 0, operation: 'deliver', client: 0, afterMs: 0, input: batch }
    const history = await simulate(system(handle), { workload: { invocations: [one] }, plan, seed: 1 })
    expect(outcomesOf(history)).toEqual(['ok'])
    return history
  }

  async function comes(handle: Handler, plan?: Scenario['plan']): Promise<readonly unknown[]> {
    return effectsIn(await delivered(handle, plan), 'came').map(({ value }) => value)
  }

  test('is delivered again as far as it was not accepted', async () => {
    expect(await comes((_, nth) => (nth === 1 ? failing('c', 'a') : nth === 2 ? failing('c') : failing()))).toEqual([
      'abc',
      'ac',
      'c',
    ])
  })

  test.each([
    ['no list', { batchItemFailures: 'a' }],
    ['an unknown id', failing('a', 'x')],
    ['a null id', failing(null)],
    ['an empty id', failing('')],
    ['an item that is none', { batchItemFailures: [null] }],
    ['a key that is misspelt', { batchItemFailures: [{ messageId: 'a' }] }],
  ])('is delivered again as a whole after %s', async (_name, returned) => {
    expect(await comes((_, nth) => (nth === 1 ? returned : undefined))).toEqual(['abc', 'abc'])
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty answer', {}],
    ['no list at all', { batchItemFailures: null }],
    ['an empty list', failing()],
    ['something else', 'done'],
  ])('is accepted by %s', async (_name, returned) => {
    expect(await comes(() => returned)).toEqual(['abc'])
  })

  test('with a message that always fails is found on a perfect network', async () => {
    const { counterexample } = await found(system(() => failing('b')))
    expect(failureName(counterexample.violation.reason)).toBe('event-not-accepted')
    expect(counterexample.scenario.plan).toEqual(noFaults)
  })
})

describe('events', () => {
  const {
    operations: [deliver],
  } = deliveries(
    () => undefined,
    fc.array(
      fc.nat().map((n) => ({ n })),
      { minLength: 1 },
    ),
  )

  test('are shrunk as their list is, with its context', () => {
    const arbitrary = deliver?.arbitrary as fc.Arbitrary<{ n: number }>
    const property = fc.property(arbitrary, ({ n }) => n < 17)
    for (const seed of [1, 2, 3, 4, 5])
      expect(fc.check(property, { seed, numRuns: amount(1_000) }).counterexample).toEqual([{ n: 17 }])
  })
})

describe('bad input', () => {
  test('no handler, no arbitrary', () => {
    expect(() => deliveries(undefined as unknown as () => void, credits)).toThrow(
      'deliveries(): its first argument is undefined, not a handler',
    )
    expect(() => deliveries(() => undefined, [] as unknown as typeof credits)).toThrow(
      'deliveries(): its second argument is no arbitrary of this copy of fast-check',
    )
  })

  test.each([
    [
      'single events',
      fc.nat() as unknown as fc.Arbitrary<number[]>,
      'needs lists of events, and its second argument makes single ones: give fc.array(event)',
    ],
    ['empty lists', fc.constant([]), 'drew 100 lists of events, all empty'],
    [
      'an error',
      fc.nat().map((): number[] => {
        throw new RangeError('no more')
      }),
      'RangeError',
    ],
  ])('an arbitrary that makes %s', async (_name, lists, message) => {
    await expect(assess(deliveries(() => undefined, lists))).rejects.toThrow(message)
  })
})
