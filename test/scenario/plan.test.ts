import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { invocationRoot, tickRoot } from '../../src/scenario/address.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import { faultKinds, faultsAt, faultSpec, faultWords, type Fault } from '../../src/scenario/fault/registry.ts'
import {
  adversary,
  faultId,
  listed,
  noFaults,
  planId,
  singleFaults,
  without,
  type DrawnPlan,
  type Allowed,
} from '../../src/scenario/plan.ts'
import type { Site } from '../../src/scenario/site.ts'
import { anyFault, anyListedPlan, anySite } from '../arbitraries.ts'
import { bootSite, callSite, writeSite } from './fault/sites.ts'

const all: Allowed = (fault) => fault
const always = Object.fromEntries(faultKinds.map((kind) => [kind, 1]))
const drawn = (more: Partial<DrawnPlan> = {}): DrawnPlan => ({
  kind: 'drawn',
  seed: 1,
  rates: always,
  maxFaults: 1_000,
  ...more,
})
const sitesWithNames = fc.uniqueArray(anySite, { selector: ({ address }) => addressId(address), maxLength: 20 })
const request = callSite('request')

describe('a listed plan', () => {
  test('answers at the address of each fault with all that stand there, in their order, if they fit there, whatever is allowed', () => {
    fc.assert(
      fc.property(anyListedPlan, (plan) => {
        const asked = adversary(plan, () => undefined)
        for (const { at } of plan.faults) {
          const id = addressId(at)
          const site = { ...request, address: at }
          expect(asked.at(site)).toStrictEqual(
            plan.faults.filter((fault) => addressId(fault.at) === id && faultSpec(fault.kind).fits?.(site) !== false),
          )
          expect(asked.awaits(() => id)).toBe(true)
        }
        expect(asked.at(request)).toStrictEqual(
          plan.faults.filter((fault) => addressId(fault.at) === addressId(request.address)),
        )
        expect(asked.awaits(() => 'nowhere')).toBe(false)
      }),
    )
  })

  test('the empty plan awaits nothing, and does not even ask for an address', () => {
    const asked = adversary(noFaults, all)
    expect(asked.at(request)).toStrictEqual([])
    expect(
      asked.awaits(() => {
        throw new Error('built in vain')
      }),
    ).toBe(false)
  })
})

describe('a drawn plan', () => {
  const draw = (plan: DrawnPlan, sites: readonly Site[], allowed: Allowed = all): readonly Fault[] => {
    const asked = adversary(plan, allowed)
    return sites.flatMap((site) => asked.at(site))
  }

  test('is a pure function of the address: the order in which sites are met does not matter', () => {
    fc.assert(
      fc.property(sitesWithNames, fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (sites, seed, rate) => {
        const plan = drawn({ seed, rates: { ...always, lose: rate, delay: rate } })
        const ids = (faults: readonly Fault[]): readonly string[] => faults.map(faultId).toSorted()
        expect(ids(draw(plan, sites.toReversed()))).toStrictEqual(ids(draw(plan, sites)))
        expect(draw(plan, sites.slice(1))).toStrictEqual(sites.slice(1).flatMap((site) => draw(plan, [site])))
      }),
    )
  })

  test('draws only values of kinds that apply, with a chance above 0, and that are allowed', () => {
    fc.assert(
      fc.property(
        anySite,
        fc.subarray([...faultKinds]),
        fc.subarray([...faultKinds]),
        fc.integer(),
        (site, rated, allowed, seed) => {
          const plan = drawn({ seed, rates: Object.fromEntries(rated.map((kind) => [kind, 1])) })
          const faults = draw(plan, [site], (fault) => (allowed.includes(fault.kind) ? fault : undefined))
          const expected = faultKinds.filter(
            (kind) => rated.includes(kind) && allowed.includes(kind) && faultsAt(kind, site).length > 0,
          )
          expect(faults.map(({ kind }) => kind)).toStrictEqual(expected)
          for (const fault of faults) expect(faultsAt(fault.kind, site)).toContainEqual(fault)
        },
      ),
    )
  })

  test('never exceeds its most, and then awaits nothing', () => {
    fc.assert(
      fc.property(sitesWithNames, fc.integer({ min: 0, max: 10 }), (sites, maxFaults) => {
        const asked = adversary(drawn({ maxFaults }), all)
        const faults = sites.flatMap((site) => asked.at(site))
        expect(faults.length).toBe(Math.min(maxFaults, draw(drawn(), sites).length))
        expect(asked.awaits(() => '')).toBe(faults.length < maxFaults)
      }),
    )
  })

  test('strikes about as often as its rate says, and every value in its turn', () => {
    const sites = Array.from({ length: 4_000 }, (_, nth) =>
      callSite('request', { address: { ...request.address, nth: nth + 1 }, repeatable: true }),
    )
    const faults = draw(drawn({ rates: { duplicate: 0.25 }, maxFaults: 4_000 }), sites)
    expect(faults.length).toBeGreaterThan(900)
    expect(faults.length).toBeLessThan(1_100)
    const values = Map.groupBy(faults, (fault) => JSON.stringify({ ...fault, at: undefined }))
    expect(values.size).toBe(3)
    for (const some of values.values()) expect(some.length).toBeGreaterThan(faults.length / 4)
  })
})

describe('singleFaults', () => {
  test('are every value at every site, kinds in their order, as far as allowed; then the rarer ones', () => {
    const sites = [request, writeSite, bootSite]
    expect(singleFaults(sites, all).map(({ kind }) => kind)).toStrictEqual([
      'lose',
      'crash',
      'crash',
      'crash',
      'delay',
      'delay',
      'error',
      'reset',
      'refuse',
      'throttle',
      'hang',
      'partition',
      'partition',
      'slow',
      'latency',
      'pause',
      'pause',
      'pause',
      'pause',
      'pause',
      'pause',
      'deploy',
      'deploy',
      'jump',
      'jump',
      'skew',
      'skew',
      'drift',
      'drift',
      'drift',
      'drift',
      ...['error', 'error', 'error'],
      ...['lookup', 'lookup'],
      'unreachable',
      ...['throttle', 'throttle', 'throttle', 'throttle'],
      'leave',
      ...['partition', 'partition'],
      'deploy',
      ...['jump', 'jump', 'jump', 'jump'],
    ])
    expect(
      singleFaults(sites, (fault) =>
        fault.kind === 'crash' && fault.at.to === writeSite.address.to ? fault : undefined,
      ),
    ).toStrictEqual([{ kind: 'crash', at: writeSite.address, node: 'shop', restartAfterMs: 1_000 }])
    expect(singleFaults([], all)).toStrictEqual([])
  })

  test('the rarer values come at the first two and the last of alike sites: of one call, by one path of code', () => {
    const at = (operation: string, invocation: number, nth: number, key: string): Site =>
      callSite('request', { address: { ...request.address, root: invocationRoot(operation, invocation), nth, key } })
    const loop = [1, 2, 3, 4, 5].map((nth) => at('pay', 0, nth, `item#${nth}`))
    const other = [at('refund', 1, 1, 'item#1'), at('refund', 2, 1, 'item#1')]
    const rarer = singleFaults([...loop, ...other], (fault) => (fault.kind === 'error' ? fault : undefined)).filter(
      (fault) => fault.kind === 'error' && fault.status === 502,
    )
    expect(rarer.map((fault) => fault.at)).toStrictEqual(
      [loop[0], loop[1], loop[4], ...other].map((site) => site?.address),
    )
    const ticks = [1, 2, 3].map((firing) =>
      callSite('request', { address: { ...request.address, root: tickRoot('shop', 0, firing) } }),
    )
    const inLoop = singleFaults(ticks, (fault) => (fault.kind === 'error' ? fault : undefined)).filter((fault) =>
      faultWords(fault).includes('502'),
    )
    expect(inLoop.map(({ at: where }) => where)).toStrictEqual([ticks[0]?.address])
  })

  test('no two are alike', () => {
    fc.assert(
      fc.property(sitesWithNames, (sites) => {
        const ids = singleFaults(sites, all).map(faultId)
        expect(new Set(ids).size).toBe(ids.length)
      }),
    )
  })
})

describe('identity', () => {
  test('planId is one for the same faults in any order, and tells plans apart', () => {
    fc.assert(
      fc.property(anyListedPlan, anyFault, (plan, more) => {
        expect(planId(listed(plan.faults.toReversed(), plan.order?.toReversed()))).toBe(planId(plan))
        expect(planId(listed([...plan.faults, more], plan.order))).not.toBe(planId(plan))
        expect(planId(listed(plan.faults, [...(plan.order ?? []), { at: more.at }]))).not.toBe(planId(plan))
      }),
    )
    expect(planId(noFaults)).toBe('')
  })

  test('faultId differs with kind, place and fields', () => {
    const at = request.address
    const faults: readonly Fault[] = [
      { kind: 'lose', at },
      { kind: 'hang', at },
      { kind: 'lose', at: { ...at, nth: 2 } },
      { kind: 'delay', at, byMs: 1 },
      { kind: 'delay', at, byMs: 2 },
    ]
    expect(new Set(faults.map(faultId)).size).toBe(faults.length)
  })

  test('without drops that very fault', () => {
    const [a, b]: readonly Fault[] = [
      { kind: 'lose', at: request.address },
      { kind: 'lose', at: request.address },
    ]
    const plan = listed([a, b].filter((fault) => fault !== undefined))
    expect(a === undefined ? undefined : without(plan, a).faults).toStrictEqual([b])
    expect(b === undefined ? undefined : without(plan, b).faults[0]).toBe(a)
  })
})
