import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { invocationRoot, type Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { longestOutageMs } from '../../src/scenario/lengths.ts'
import { listed, type ListedPlan } from '../../src/scenario/plan.ts'
import { relengthened } from '../../src/scenario/relength.ts'
import type { Workload } from '../../src/scenario/scenario.ts'
import type { CallSite } from '../../src/scenario/site.ts'
import { anyListedPlan } from '../arbitraries.ts'

const at: Address = {
  root: invocationRoot('pay', 0),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /',
  leg: 'request',
  nth: 1,
}
const site: CallSite = { kind: 'call', address: at, nodes: ['shop'], repeatable: false, latencyMs: 20, timersMs: [] }
const back: Fault = { kind: 'jump', at, node: 'shop', byMs: -1_000 }

const pausing: Fault = { kind: 'pause', at, node: 'shop', forMs: 1_000, replaced: 'no' }

function workloadOf(...gaps: readonly number[]): Workload {
  return { invocations: gaps.map((afterMs, id) => ({ id, operation: 'pay', client: 0, afterMs, input: null })) }
}

function lengthsIn(workload: Workload, plan: ListedPlan): readonly (readonly unknown[])[] {
  return [...relengthened({ workload, plan }, [site])].map(({ plan: { faults }, workload: { invocations } }) => [
    ...faults.map((fault) => ('byMs' in fault ? fault.byMs : 'forMs' in fault ? fault.forMs : undefined)),
    ...invocations.map(({ afterMs }) => afterMs),
  ])
}

describe('relengthened', () => {
  test('tries what was seen first, the two nearest, for all that were as long: a time limit was edited', () => {
    const seenMs = [900, 1_200, 1_200, 1_000, 3_000, 0, 1_900, 400]
    const found = [
      ...relengthened({ workload: workloadOf(0, 1_000), plan: listed([pausing]) }, [site], undefined, seenMs),
    ]
    const lengths = found.map(({ plan, workload }) => [
      ...plan.faults.map((fault) => ('forMs' in fault ? fault.forMs : undefined)),
      workload.invocations[1]?.afterMs,
    ])

    expect(lengths.slice(0, 3)).toEqual([
      [900, 900],
      [1_200, 1_200],
      [1_050, 1_050],
    ])
    expect(found[0]?.moved).toHaveLength(2)
  })

  test('makes one length a little longer or shorter, then more so, in its own direction', () => {
    expect(lengthsIn(workloadOf(0), listed([back])).map(([byMs]) => byMs)).toEqual([
      -1_050, -952, -1_250, -800, -2_000, -0,
    ])
  })

  test('changes two lengths together, each alone, and against each other', () => {
    expect(
      lengthsIn(workloadOf(0, 2_000), listed([back]))
        .slice(0, 8)
        .map(([byMs, , gap]) => [byMs, gap]),
    ).toEqual([
      [-1_050, 2_100],
      [-952, 1_905],
      [-1_050, 2_000],
      [-952, 2_000],
      [-1_000, 2_100],
      [-1_000, 1_905],
      [-1_050, 1_905],
      [-952, 2_100],
    ])
  })

  test('has nothing to try where shrinking left no length', () => {
    const crash: Fault = { kind: 'crash', at, node: 'shop', restartAfterMs: 1_000 }

    expect([...relengthened({ workload: workloadOf(0, 0), plan: listed([crash]) }, [site])]).toEqual([])
  })

  test('stays within what the world does and what the claim allows', () => {
    const cut: Fault = { kind: 'slow', at, byMs: 1, forMs: longestOutageMs }
    const within = (fault: Fault): Fault | undefined => (fault === back ? fault : undefined)

    expect(lengthsIn(workloadOf(0), listed([cut])).length).toBeGreaterThan(0)
    for (const { plan } of relengthened({ workload: workloadOf(0), plan: listed([cut]) }, [site]))
      for (const fault of plan.faults) expect('forMs' in fault && fault.forMs).toBeLessThanOrEqual(longestOutageMs)
    expect([...relengthened({ workload: workloadOf(0), plan: listed([back]) }, [site], within)]).toEqual([])
  })

  test('changes something in each, is bounded, and keeps the kinds, places and order of faults', () => {
    fc.assert(
      fc.property(anyListedPlan, (plan) => {
        const found = [...relengthened({ workload: workloadOf(0, 1_000), plan }, [])]

        expect(found.length).toBeLessThanOrEqual(54)
        for (const other of found) {
          expect(other.moved.length).toBeGreaterThan(0)
          expect(other.plan.faults.map(({ kind, at: place }) => [kind, place])).toEqual(
            plan.faults.map(({ kind, at: place }) => [kind, place]),
          )
          expect({ plan: other.plan, workload: other.workload }).not.toEqual({ plan, workload: workloadOf(0, 1_000) })
        }
      }),
      { numRuns: 100 },
    )
  })
})
