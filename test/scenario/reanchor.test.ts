import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { listed, type Plan } from '../../src/scenario/plan.ts'
import { reanchor, type Reanchored } from '../../src/scenario/reanchor.ts'
import type { CallSite } from '../../src/scenario/site.ts'
import { rootOf, stepOf } from '../address-of.ts'
import { anyListedPlan, anySite } from '../arbitraries.ts'

const reply: Address = {
  root: rootOf('pay#0'),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /orders',
  key: 'order#0',
  leg: 'reply',
  nth: 1,
}
const lost: Fault = { kind: 'lose', at: reply }

function site(address: Partial<Address>, more: Partial<CallSite> = {}): CallSite {
  return {
    kind: 'call',
    address: { ...reply, ...address },
    nodes: ['shop'],
    repeatable: false,
    latencyMs: 20,
    timersMs: [],
    ...more,
  }
}

function faultsAt(plan: Plan): readonly string[] {
  return plan.kind === 'listed' ? plan.faults.map(({ at }) => addressId(at)) : []
}

function firstFaultsAt(candidates: readonly Reanchored[]): readonly (string | undefined)[] {
  return candidates.map(({ plan }) => faultsAt(plan)[0])
}

describe('reanchor', () => {
  test('moves a fault to the nearest site, best first', () => {
    const met = [
      site({ operation: 'GET /health' }),
      site({ operation: 'POST /v2/orders' }),
      site({ operation: 'POST /v2/orders', nth: 2 }),
    ]

    const candidates = reanchor(listed([lost]), { unfired: [lost], sites: met })

    expect(candidates.map(({ plan }) => faultsAt(plan))).toStrictEqual([
      [addressId({ ...reply, operation: 'GET /health' })],
      [addressId({ ...reply, operation: 'POST /v2/orders' })],
      [addressId({ ...reply, operation: 'POST /v2/orders', nth: 2 })],
    ])
  })

  test('describes each move in words', () => {
    const [candidate] = reanchor(listed([lost]), { unfired: [lost], sites: [site({ operation: 'POST /v2/orders' })] })

    expect(candidate?.moved.map(({ words }) => words)).toStrictEqual([
      'reply lost: moved from the reply of client -> shop POST /orders order#0 1 (caused by pay#0) ' +
        'to the reply of client -> shop POST /v2/orders order#0 1 (caused by pay#0)',
    ])
  })

  test('prefers an equal operation to an equal key, and a near attempt to one far off', () => {
    const met = [site({ nth: 5 }), site({ operation: 'GET /orders' }), site({ nth: 2 }), site({ key: 'order#1' })]

    const candidates = reanchor(listed([lost]), { unfired: [lost], sites: met })

    expect(firstFaultsAt(candidates)).toStrictEqual([
      addressId({ ...reply, nth: 2 }),
      addressId({ ...reply, nth: 5 }),
      addressId({ ...reply, key: 'order#1' }),
      addressId({ ...reply, operation: 'GET /orders' }),
    ])
  })

  test('never moves a fault to another leg, nor to where neither sender nor receiver is the same', () => {
    const met = [site({ leg: 'request' }), site({ from: 'shop', to: 'bank' })]

    expect(reanchor(listed([lost]), { unfired: [lost], sites: met })).toStrictEqual([])
  })

  test('never moves a fault to where its kind does not strike', () => {
    const duplicated: Fault = { kind: 'duplicate', at: { ...reply, leg: 'request' }, after: 'request', gapMs: 0 }
    const oneShot = site({ leg: 'request', nth: 2 })
    const repeatable = site({ leg: 'request', nth: 2 }, { repeatable: true })

    expect(reanchor(listed([duplicated]), { unfired: [duplicated], sites: [oneShot] })).toStrictEqual([])
    expect(reanchor(listed([duplicated]), { unfired: [duplicated], sites: [repeatable] })).toHaveLength(1)
  })

  test('never moves a crash to where its node takes no part', () => {
    const crash: Fault = { kind: 'crash', at: reply, node: 'shop', restartAfterMs: 1_000 }

    expect(
      reanchor(listed([crash]), { unfired: [crash], sites: [site({ nth: 2 }, { nodes: ['bank'] })] }),
    ).toStrictEqual([])
    expect(
      reanchor(listed([crash]), { unfired: [crash], sites: [site({ nth: 2 }, { nodes: ['shop'] })] }),
    ).toHaveLength(1)
  })

  test('never moves a fault to where one of its kind stands, itself included', () => {
    const second: Fault = { kind: 'lose', at: { ...reply, nth: 2 } }

    expect(reanchor(listed([lost, second]), { unfired: [lost], sites: [site({ nth: 2 })] })).toStrictEqual([])
    expect(reanchor(listed([lost]), { unfired: [lost], sites: [site({})] })).toStrictEqual([])
  })

  test('moves several faults together first, then fewer of them, and never two to one site', () => {
    const first: Fault = { kind: 'lose', at: { ...reply, key: 'order#8' } }
    const second: Fault = { kind: 'lose', at: { ...reply, key: 'order#9' } }
    const kept: Fault = { kind: 'hang', at: { ...reply, leg: 'request' } }
    const met = [site({ key: 'order#0' }), site({ key: 'order#1' })]

    const candidates = reanchor(listed([first, kept, second]), { unfired: [first, second], sites: met })

    expect(candidates.map(({ moved }) => moved.length)).toStrictEqual([2, 2, 1, 1, 1, 1])
    for (const { plan } of candidates) {
      expect(plan.faults[1]).toBe(kept)
      expect(new Set(faultsAt(plan)).size).toBe(3)
    }
  })

  describe('a call that goes through a new service', () => {
    const before = site({ to: 'desk' })
    const behind = site({ from: 'desk', path: [stepOf('client -> desk POST /orders order#0 1')] })

    test('is struck behind it or before it', () => {
      const candidates = reanchor(listed([lost]), { unfired: [lost], sites: [before, behind] })

      expect(firstFaultsAt(candidates)).toStrictEqual([addressId(behind.address), addressId(before.address)])
    })

    test('is known by its operation or by its key, not by one of its ends alone', () => {
      const strange = { operation: 'GET /health', key: 'order#1' }
      const met = [site({ ...before.address, ...strange }), site({ ...behind.address, ...strange })]

      expect(reanchor(listed([lost]), { unfired: [lost], sites: met })).toStrictEqual([])
      expect(
        reanchor(listed([lost]), { unfired: [lost], sites: [site({ ...strange, to: 'desk', key: 'order#0' })] }),
      ).toHaveLength(1)
    })

    test('is struck on the same side by all its faults; both sides come first', () => {
      const second: Fault = { kind: 'lose', at: { ...reply, nth: 2 } }
      const halves = (nth: number): readonly CallSite[] => [
        site({ ...before.address, nth }),
        site({ ...behind.address, path: [stepOf(`client -> desk POST /orders order#0 ${nth}`)], nth: 1 }),
      ]

      const candidates = reanchor(listed([lost, second]), {
        unfired: [lost, second],
        sites: [...halves(1), ...halves(2)],
      })

      const links = candidates.map(({ plan: { faults } }) => faults.map(({ at: { from, to } }) => `${from} -> ${to}`))
      expect(links.slice(0, 2)).toStrictEqual([Array(2).fill('desk -> shop'), Array(2).fill('client -> desk')])
      for (const ends of links)
        expect(ends).not.toStrictEqual(expect.arrayContaining(['desk -> shop', 'client -> desk']))
    })

    test('is cut at its new end', () => {
      const at: Address = { ...reply, leg: 'request' }
      const cut: Fault = { kind: 'partition', at, side: ['client'], other: ['shop'], way: 'both' }
      const request = site({ ...behind.address, leg: 'request' })

      const [candidate] = reanchor(listed([cut]), { unfired: [cut], sites: [request] })

      expect(candidate?.plan.faults).toStrictEqual([{ ...cut, at: request.address, side: ['desk'] }])
    })

    test('is left alone where the claim does not allow that', () => {
      const onOldLink = (fault: Fault): Fault | undefined => (fault.at.from === 'client' ? fault : undefined)

      const candidates = reanchor(listed([lost]), { unfired: [lost], sites: [before, behind] }, onOldLink)

      expect(firstFaultsAt(candidates)).toStrictEqual([addressId(before.address)])
    })
  })

  test('has nothing to try where every fault fired', () => {
    expect(reanchor(listed([lost]), { unfired: [], sites: [site({ nth: 2 })] })).toStrictEqual([])
  })

  test('is bounded, keeps the number, kinds and order of faults, and only moves to sites that were met', () => {
    fc.assert(
      fc.property(anyListedPlan, fc.array(anySite, { maxLength: 12 }), (plan, met) => {
        const near = plan.faults.flatMap((fault) =>
          met.map((one) => ({ ...one, address: { ...fault.at, nth: fault.at.nth + 1 } })),
        )
        const sites = [...met, ...near]
        const ids = new Set(sites.map(({ address }) => addressId(address)))

        const candidates = reanchor(plan, { unfired: plan.faults, sites })

        expect(candidates.length).toBeLessThanOrEqual(8) // as its documentation promises
        for (const { plan: candidate, moved } of candidates) {
          expect(candidate.faults.map(({ kind }) => kind)).toStrictEqual(plan.faults.map(({ kind }) => kind))
          expect(moved.length).toBeGreaterThan(0)
          for (const { to } of moved) expect(ids).toContain(to && addressId(to))
        }
      }),
      { numRuns: 200 },
    )
  })
})
