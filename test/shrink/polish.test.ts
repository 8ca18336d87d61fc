// Ways out of local minima, each with a scenario in which no single part can be dropped, and something smaller fails.
import { describe, expect, it } from 'vitest'
import { invocationOf, type Address } from '../../src/scenario/address.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { everyFault, listed } from '../../src/scenario/plan.ts'
import type { Invocation } from '../../src/scenario/scenario.ts'
import type { Site } from '../../src/scenario/site.ts'
import type { CandidateOutcome, ListedScenario, ShrinkOptions } from '../../src/shrink/candidate.ts'
import { minimise } from '../../src/shrink/minimise.ts'
import { rootOf } from '../address-of.ts'

/** A leg of a call of the shop's. */
function leg(invocation: number, to: string, way: 'request' | 'reply' = 'request', nth = 1): Address {
  return { root: rootOf(`pay#${invocation}`), path: [], from: 'shop', to, operation: 'POST /', leg: way, nth }
}

/** The sites of a workload: each operation calls the bank twice and the post once. */
function sitesOf({ workload }: ListedScenario): readonly Site[] {
  const ways = ['request', 'reply'] as const
  return workload.invocations.flatMap(({ id }) =>
    [leg(id, 'bank'), leg(id, 'bank', 'request', 2), leg(id, 'post')].flatMap((address) =>
      ways.map((way): Site => ({
        kind: 'call',
        address: { ...address, leg: way },
        nodes: ['shop'],
        repeatable: false,
        latencyMs: 20,
        timersMs: [5_000],
      })),
    ),
  )
}

function paying(...waits: readonly number[]): readonly Invocation[] {
  return waits.map((afterMs, id) => ({ id, operation: 'pay', client: 0, afterMs, input: null }))
}

interface Found {
  readonly scenario: ListedScenario
  readonly executions: number
}

/** What is left of a scenario; faults fire where their sites are met. */
async function shrunk(
  invocations: readonly Invocation[],
  faults: readonly Fault[],
  fails: (fired: readonly Fault[], invocations: readonly Invocation[]) => boolean,
  more: Partial<Pick<ShrinkOptions, 'allowed' | 'inputs' | 'others'>> = {},
): Promise<Found> {
  const { allowed = everyFault, inputs = () => [], others = () => [] } = more
  const run = (scenario: ListedScenario): Promise<CandidateOutcome> => {
    const sites = sitesOf(scenario)
    const met = new Set(sites.map(({ address }) => addressId(address)))
    const fired = scenario.plan.faults.filter(({ at }) => met.has(addressId(at)))
    expect(scenario.plan.faults.every((fault) => allowed(fault) === fault)).toBe(true)
    const found = fails(fired, scenario.workload.invocations)
    return Promise.resolve({ fails: found, verdict: found ? 'violated' : 'holds', fired, sites })
  }
  const start: ListedScenario = { workload: { invocations }, plan: listed(faults), seed: 1 }
  const outcome = await run(start)
  expect(outcome.fails).toBe(true)
  const options = { run, inputs, others, allowed, clients: 1, deadline: () => false, maxExecutions: 2_000 }
  return minimise(start, outcome, options)
}

function kindsIn({ scenario }: Found): readonly string[] {
  return scenario.plan.faults.map(({ kind }) => kind)
}

function operationsIn({ scenario }: Found): number {
  return scenario.workload.invocations.length
}

describe('a fault whose operation goes', () => {
  const slow: Fault = { kind: 'slow', at: leg(0, 'bank'), byMs: 5_000 }

  it('lasts from the first message of its link that is left', async () => {
    const crash: Fault = { kind: 'crash', at: leg(1, 'post'), node: 'shop', restartAfterMs: 1_000 }
    const found = await shrunk(
      paying(0, 0),
      [slow, crash],
      (fired) =>
        fired.some(({ kind, at }) => kind === 'slow' && at.to === 'bank') &&
        fired.some(({ kind, at }) => kind === 'crash' && at.to === 'post'),
    )

    expect(operationsIn(found)).toBe(1)
    expect(kindsIn(found).toSorted()).toEqual(['crash', 'slow'])
    expect(new Set(found.scenario.plan.faults.map(({ at }) => invocationOf(at.root))).size).toBe(1)
  })

  it('strikes its node elsewhere, one fault after the other', async () => {
    const crash = (at: Address): Fault => ({ kind: 'crash', at, node: 'shop', restartAfterMs: 1_000 })
    const found = await shrunk(
      paying(0, 0, 0),
      [crash(leg(0, 'bank')), crash(leg(1, 'post')), crash(leg(2, 'bank', 'reply'))],
      (fired) => fired.filter(({ kind }) => kind === 'crash').length === 3,
    )

    expect(operationsIn(found)).toBe(1)
    expect(kindsIn(found)).toEqual(['crash', 'crash', 'crash'])
  })

  it('strikes its node at its last moment before, and what follows waits as long as it lasts', async () => {
    const crash: Fault = { kind: 'crash', at: leg(1, 'bank'), node: 'shop', restartAfterMs: 1_000 }
    const found = await shrunk(paying(0, 0, 0), [crash], (fired, invocations) => {
      if (invocations.length === 3) return fired.some(({ at }) => invocationOf(at.root) === 1)
      const [, second] = invocations
      return fired.some(({ at }) => at.to === 'post' && at.leg === 'reply') && (second?.afterMs ?? 0) >= 1_000
    })

    expect(operationsIn(found)).toBe(2)
    expect(kindsIn(found)).toEqual(['crash'])
    expect(found.scenario.workload.invocations.map(({ afterMs }) => afterMs)).toEqual([0, 1_000])
  })

  it('is replaced by what it did to one message', async () => {
    const crash: Fault = { kind: 'crash', at: leg(1, 'post'), node: 'shop', restartAfterMs: 1_000 }
    const found = await shrunk(paying(0, 0), [slow, crash], (fired, invocations) => {
      const crashed = fired.some(({ kind, at }) => kind === 'crash' && at.to === 'post')
      const late = fired.some(({ kind, at }) => kind === 'delay' && at.to === 'bank' && at.leg === 'reply')
      return crashed && (late || (invocations.length === 2 && fired.some(({ kind }) => kind === 'slow')))
    })

    expect(operationsIn(found)).toBe(1)
    expect(kindsIn(found).toSorted()).toEqual(['crash', 'delay'])
  })
})

describe('two faults', () => {
  it('are replaced by one that lasts, beside a third one', async () => {
    const lose = (nth: number): Fault => ({ kind: 'lose', at: leg(0, 'bank', 'reply', nth) })
    const crash: Fault = { kind: 'crash', at: leg(0, 'post'), node: 'shop', restartAfterMs: 1_000 }
    const found = await shrunk(
      paying(0),
      [lose(1), lose(2), crash],
      (fired) =>
        fired.some(({ kind }) => kind === 'crash') &&
        (fired.filter(({ kind }) => kind === 'lose').length === 2 ||
          fired.some((fault) => fault.kind === 'partition' && fault.way === 'in')),
    )

    expect(kindsIn(found).toSorted()).toEqual(['crash', 'partition'])
  })
})

describe('two faults of two operations', () => {
  it('are replaced by one of them and another one of the same operation', async () => {
    const crash: Fault = { kind: 'crash', at: leg(0, 'bank'), node: 'shop', restartAfterMs: 1_000 }
    const found = await shrunk(
      paying(0, 0),
      [crash, { kind: 'lose', at: leg(1, 'post') }],
      (fired, invocations) =>
        fired.some(({ kind }) => kind === 'crash') &&
        (invocations.length === 2
          ? fired.some(({ kind, at }) => kind === 'lose' && invocationOf(at.root) === 1)
          : fired.some(({ kind, at }) => kind === 'delay' && at.to === 'post')),
    )

    expect(operationsIn(found)).toBe(1)
    expect(kindsIn(found).toSorted()).toEqual(['crash', 'delay'])
  })
})

describe('one client', () => {
  it('suffices with another fault on the same link', async () => {
    const invocations = paying(0, 0).map((one, client) => ({ ...one, client }))
    const slow: Fault = { kind: 'slow', at: leg(1, 'bank'), byMs: 5_000 }
    const found = await shrunk(invocations, [slow], (fired, some) => {
      const kind = new Set(some.map(({ client }) => client)).size === 2 ? 'slow' : 'partition'
      return some.length === 2 && fired.some((fault) => fault.kind === kind && fault.at.to === 'bank')
    })

    expect(found.scenario.workload.invocations.map(({ client }) => client)).toEqual([0, 0])
    expect(kindsIn(found)).toEqual(['partition'])
  })
})

describe('operations in another order', () => {
  const invocations = ['buy', 'buy', 'buy', 'hold'].map((operation, id) => ({
    id,
    operation,
    client: [2, 0, 0, 1][id] ?? 0,
    afterMs: 0,
    input: null,
  }))

  it('are fewer', async () => {
    const found = await shrunk(
      invocations,
      [],
      (_, some) => some.length === 4 || (some.length === 3 && some[0]?.operation === 'hold'),
    )

    expect(found.scenario.workload.invocations.map(({ operation, id }) => `${operation} ${id}`)).toEqual([
      'hold 0',
      'buy 1',
      'buy 2',
    ])
  })

  it('are on fewer clients', async () => {
    const found = await shrunk(invocations, [], (_, some) => {
      const clients = new Set(some.map(({ client }) => client)).size
      return some.length === 4 && (clients === 3 || (clients === 1 && some[3]?.operation === 'buy'))
    })

    expect(found.scenario.workload.invocations.map(({ client }) => client)).toEqual([0, 0, 0, 0])
  })
})

describe('time', () => {
  const lose: Fault = { kind: 'lose', at: leg(1, 'bank') }

  function lastStart(invocations: readonly Invocation[]): number {
    return invocations.reduce((total, { afterMs }) => total + afterMs, 0)
  }

  it('that a fault made pass is a gap in the workload', async () => {
    const pause: Fault = { kind: 'pause', at: leg(0, 'post'), node: 'shop', forMs: 30_100, replaced: 'no' }
    const found = await shrunk(paying(0, 0), [pause, lose], (fired, invocations) => {
      const paused = fired.reduce((total, fault) => total + (fault.kind === 'pause' ? fault.forMs : 0), 0)
      return (
        invocations.length === 2 &&
        fired.some(({ kind }) => kind === 'lose') &&
        paused + lastStart(invocations) >= 30_000
      )
    })

    expect(kindsIn(found)).toEqual(['lose'])
    expect(found.scenario.workload.invocations.map(({ afterMs }) => afterMs)).toContain(30_000)
  })

  const longPauses = (['post', 'bank'] as const).map((to): Fault => ({
    kind: 'pause',
    at: leg(0, to),
    node: 'shop',
    forMs: 30_100,
    replaced: 'no',
  }))

  /** Two pauses fail, whatever else is done; so does one with an operation in the middle of it. */
  function expired(fired: readonly Fault[], invocations: readonly Invocation[]): boolean {
    const pauses = fired.filter((fault) => fault.kind === 'pause')
    const startMs = lastStart(invocations)
    if (pauses.length === 2) return pauses.every(({ forMs }) => forMs >= 30_000)
    return invocations.length === 2 && startMs >= 30_000 && pauses.some(({ forMs }) => forMs > startMs + 100)
  }

  it('that a fault made pass for its own retry passes before an operation that was dropped', async () => {
    const found = await shrunk(paying(0, 0), longPauses, expired)

    expect(kindsIn(found)).toEqual(['pause'])
    expect(found.scenario.workload.invocations.map(({ afterMs }) => afterMs)).toEqual([0, 30_000])
  })

  it('passes before one that is drawn, where the system has room for it', async () => {
    const found = await shrunk(paying(0), longPauses, expired, { others: () => [null] })

    expect(kindsIn(found)).toEqual(['pause'])
    expect(operationsIn(found)).toBe(2)
  })

  it('passes before no operation more than there were, where there is no room', async () => {
    let most = 0
    const found = await shrunk(paying(0), longPauses, (fired, invocations) => {
      most = Math.max(most, invocations.length)
      return expired(fired, invocations)
    })

    expect(kindsIn(found)).toEqual(['pause', 'pause'])
    expect(most).toBe(1)
  })

  it('that a fault made pass at each operation is a gap before each of them, and then before one', async () => {
    const slow: Fault = { kind: 'slow', at: leg(0, 'post'), byMs: 3_000 }
    const found = await shrunk(
      paying(0, 0, 0, 0, 0, 0),
      [slow, { ...lose, at: leg(5, 'bank') }],
      (fired, invocations) => {
        const slowMs = fired.reduce((total, fault) => total + (fault.kind === 'slow' ? fault.byMs : 0), 0)
        return (
          fired.some(({ kind }) => kind === 'lose') && slowMs * invocations.length + lastStart(invocations) >= 12_000
        )
      },
    )

    expect(kindsIn(found)).toEqual(['lose'])
    expect(operationsIn(found)).toBe(1)
  })

  it('that the only fault made pass, or a caller that gave up, is a gap on a perfect network', async () => {
    const pause: Fault = { kind: 'pause', at: leg(0, 'post'), node: 'shop', forMs: 9_000, replaced: 'no' }
    for (const fault of [pause, lose]) {
      const found = await shrunk(paying(0, 0), [fault], (fired, invocations) => {
        const passed = fired.map((one) => (one.kind === 'pause' ? one.forMs : 5_000))
        return invocations.length === 2 && Math.max(0, ...passed) + lastStart(invocations) >= 5_000
      })

      expect(kindsIn(found)).toEqual([])
      expect(found.scenario.workload.invocations.map(({ afterMs }) => afterMs)).toContain(5_000)
    }
  })

  it('that operations waited one after the other is one wait', async () => {
    const found = await shrunk(paying(0, 4_000, 4_000, 4_000), [], (_, invocations) => lastStart(invocations) >= 12_000)

    expect(found.scenario.workload.invocations.map(({ afterMs }) => afterMs)).toEqual([12_000])
  })

  it('passes only until a node is back, where no length of a fault matters', async () => {
    const crash = (id: number): Fault => ({ kind: 'crash', at: leg(id, 'bank'), node: 'shop', restartAfterMs: 1_000 })
    const gaps: number[] = []
    await shrunk(paying(0, 0), [crash(0), crash(1)], (fired, invocations) => {
      gaps.push(...invocations.map(({ afterMs }) => afterMs))
      return new Set(fired.flatMap(({ kind, at }) => (kind === 'crash' ? [invocationOf(at.root)] : []))).size === 2
    })

    expect(new Set(gaps)).toEqual(new Set([0, 2_000]))
  })
})

describe('fewer operations', () => {
  it('fail with another fault than one that lasts', async () => {
    const pause: Fault = { kind: 'pause', at: leg(0, 'post'), node: 'shop', forMs: 10_000, replaced: 'no' }
    const found = await shrunk(
      paying(0, 0, 0, 0),
      [pause],
      (fired, invocations) =>
        (invocations.length === 4 && fired.some(({ kind }) => kind === 'pause')) ||
        (invocations.length === 2 && fired.some(({ kind, at }) => kind === 'delay' && at.to === 'bank')),
    )

    expect(operationsIn(found)).toBe(2)
    expect(kindsIn(found)).toEqual(['delay'])
  })

  it('fail with another input', async () => {
    const invocations = paying(0, 0, 0).map((one) => ({ ...one, input: { event: 'jazz' } }))
    const found = await shrunk(
      invocations,
      [],
      (_, some) => some.length > (some.every(({ input }) => (input as { event: string }).event === 'opera') ? 1 : 2),
      { inputs: ({ input }) => ((input as { event: string }).event === 'jazz' ? [{ event: 'opera' }] : []) },
    )

    expect(operationsIn(found)).toBe(2)
  })
})
