import { describe, expect, it } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import { deliveryOf, type Fault } from '../../src/scenario/fault/registry.ts'
import { listed } from '../../src/scenario/plan.ts'
import type { Site } from '../../src/scenario/site.ts'
import type { ListedScenario, CandidateOutcome } from '../../src/shrink/candidate.ts'
import { necessity } from '../../src/shrink/necessity.ts'
import { neighbour } from '../../src/shrink/neighbour.ts'
import { rootOf, stepOf } from '../address-of.ts'

const reply: Address = {
  root: rootOf('pay#0'),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /orders',
  leg: 'reply',
  nth: 1,
}
const request: Address = { ...reply, leg: 'request' }
const insert: Address = {
  ...reply,
  from: 'shop',
  to: 'db',
  operation: 'insert orders',
  path: [stepOf('client -> shop POST /orders 1')],
}

function callSite(address: Address, timersMs: readonly number[]): Site {
  return { kind: 'call', address, nodes: ['shop'], repeatable: true, latencyMs: 20, timersMs }
}

/** How long the client's timer waits, and how long it still waits when the reply leaves. */
const [limitMs, leftMs] = [5_000, 4_860] as const
/** By how much the reply may be late: it needs 20 ms anyway. */
const roomMs = leftMs - 20

const sites: readonly Site[] = [
  callSite(request, [limitMs]),
  { kind: 'store', address: insert, nodes: ['shop'], write: true },
  callSite(reply, [leftMs]),
]

function plan(...faults: readonly Fault[]): ListedScenario {
  return { workload: { invocations: [] }, plan: listed(faults), seed: 1 }
}

/** A system that fails if some fault satisfies the predicate, and records its runs. */
function system(bad: (fault: Fault) => boolean): {
  readonly run: (candidate: ListedScenario) => Promise<CandidateOutcome>
  readonly ran: readonly ListedScenario[]
} {
  const ran: ListedScenario[] = []
  return {
    ran,
    run(candidate) {
      ran.push(candidate)
      const fails = candidate.plan.faults.some(bad)
      return Promise.resolve({ fails, verdict: fails ? 'violated' : 'holds', fired: candidate.plan.faults, sites })
    },
  }
}

const outcome: CandidateOutcome = { fails: true, verdict: 'violated', fired: [], sites }

describe('the nearest passing neighbour', () => {
  it('of a lost reply is a delay that is shorter than the caller waits', async () => {
    const { run, ran } = system((fault) => deliveryOf([fault]).fate === 'lost' || deliveryOf([fault]).delayMs > roomMs)

    const found = await neighbour(plan({ kind: 'lose', at: reply }), outcome, run)

    expect(found).toEqual({ change: 'delay that reply by 4.8 s instead' })
    expect(ran).toHaveLength(1)
  })

  it('of a delay is a shorter one', async () => {
    const tooLateMs = roomMs + 1
    const { run } = system((fault) => deliveryOf([fault]).delayMs >= tooLateMs)

    const found = await neighbour(plan({ kind: 'delay', at: reply, byMs: tooLateMs }), outcome, run)

    expect(found).toEqual({ change: 'delay that reply by 4.84 s instead' })
  })

  it('of a crash is one at the moment before or after', async () => {
    const { run } = system((fault) => fault.kind === 'crash' && fault.at.leg === 'reply' && fault.at.to === 'shop')
    const crash: Fault = { kind: 'crash', at: reply, node: 'shop', restartAfterMs: 1_000 }

    const found = await neighbour(plan(crash), outcome, run)

    expect(found).toEqual({ change: 'shop crashes after insert orders, restarts after 1 s (shop -> db) instead' })
  })

  it('of a duplicate is one with another gap', async () => {
    const { run } = system((fault) => fault.kind === 'duplicate' && fault.after === 'request')
    const duplicate: Fault = { kind: 'duplicate', at: request, after: 'request', gapMs: 0 }

    const found = await neighbour(plan(duplicate), outcome, run)

    expect(found).toEqual({ change: 'deliver the copy 10 ms after the reply instead' })
  })

  it('of a lasting fault is a milder one: half as slow, without the tail, or shorter', async () => {
    const lasting: readonly (readonly [Fault, string])[] = [
      [{ kind: 'slow', at: request, byMs: 5_000 }, 'shop answers 2.5 s later instead'],
      [
        { kind: 'latency', at: request, typicalMs: 50, tailMs: 8_000 },
        'client <-> shop takes 50 ms, at p99 50 ms instead',
      ],
      [
        { kind: 'partition', at: request, side: ['shop'], way: 'both' },
        'shop cut off from all others, for 1 s instead',
      ],
    ]

    for (const [fault, change] of lasting) {
      const { run } = system((other) => JSON.stringify(other) === JSON.stringify(fault))
      expect(await neighbour(plan(fault), outcome, run)).toEqual({ change })
    }
  })

  it('of a short partition both ways is the same one way', async () => {
    const twoWays: Fault = { kind: 'partition', at: request, side: ['shop'], way: 'both', forMs: 500 }
    const { run } = system((fault) => fault.kind === 'partition' && fault.way === 'both')

    const found = await neighbour(plan(twoWays), outcome, run)

    expect(found).toEqual({ change: 'nothing of shop reaches all others, for 500 ms instead' })
  })

  it('of a reset or a garbled body is the whole reply, but late', async () => {
    for (const fault of [
      { kind: 'reset', at: reply },
      { kind: 'garble', at: reply, body: 'html' },
    ] as const) {
      const { run } = system((other) => other.kind === fault.kind)
      expect(await neighbour(plan(fault), outcome, run)).toEqual({ change: 'delay that reply by 4.8 s instead' })
    }
  })

  it('is undefined if nothing holds after six tries', async () => {
    const ran: ListedScenario[] = []
    const faults: readonly Fault[] = [1, 2, 3, 4].map((nth) => ({
      kind: 'crash',
      at: { ...reply, nth },
      node: 'shop',
      restartAfterMs: 1_000,
    }))
    const run = (candidate: ListedScenario): Promise<CandidateOutcome> => {
      ran.push(candidate)
      return Promise.resolve(outcome)
    }
    const many = plan(
      ...faults,
      { kind: 'hang', at: request },
      { kind: 'delay', at: reply, byMs: 9 },
      { kind: 'delay', at: { ...reply, nth: 2 }, byMs: 900 },
    )

    const found = await neighbour(many, outcome, run)

    expect(found).toBe(undefined)
    expect(ran).toHaveLength(6)
    expect(await neighbour(plan(), outcome, run)).toBe(undefined)
  })

  it('never has an unknown verdict', async () => {
    const run = (): Promise<CandidateOutcome> => Promise.resolve({ ...outcome, fails: false, verdict: 'unknown' })

    const found = await neighbour(plan({ kind: 'lose', at: reply }), outcome, run)

    expect(found).toBe(undefined)
  })
})

describe('necessity', () => {
  it('says what happens without each fault', async () => {
    const lose: Fault = { kind: 'lose', at: reply }
    const hang: Fault = { kind: 'hang', at: request }
    const { run } = system((fault) => fault.kind === 'lose')

    const found = await necessity(plan(lose, hang), run)

    expect(found).toEqual([
      { fault: lose, without: 'holds' },
      { fault: hang, without: 'violated' },
    ])
  })
})
