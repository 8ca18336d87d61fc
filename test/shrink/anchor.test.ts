import { rootOf, stepOf } from '../address-of.ts'
import { describe, expect, it } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { Site } from '../../src/scenario/site.ts'
import { reanchored } from '../../src/shrink/anchor.ts'

const order: Address = {
  root: rootOf('pay#0'),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /orders',
  key: 'order#0',
  leg: 'reply',
  nth: 1,
}

function attempt(nth: number): Address {
  return { ...order, nth }
}

function charge(parent: number): Address {
  return {
    ...order,
    path: [stepOf(`client -> shop POST /orders order#0 ${parent}`)],
    from: 'shop',
    to: 'bank',
    operation: 'POST /charges',
  }
}

function site(address: Address): Site {
  return {
    kind: 'call',
    address,
    nodes: ['shop'],
    repeatable: false,
    latencyMs: 20,
    timersMs: [],
  }
}

function lose(at: Address): Fault {
  return { kind: 'lose', at }
}

function moved(
  faults: readonly Fault[],
  fired: readonly Fault[],
  sites: readonly Address[],
): readonly Address[] | undefined {
  return reanchored(faults, { fails: false, verdict: 'holds', fired, sites: sites.map(site) })?.map(({ at }) => at)
}

describe('a fault whose message has moved', () => {
  it('goes to the closest attempt that there is', () => {
    expect(moved([lose(attempt(3))], [], [attempt(1), attempt(2)])).toEqual([attempt(2)])
    expect(moved([lose(charge(3))], [], [charge(1), charge(2)])).toEqual([charge(2)])
  })

  it('takes later ones of its chain along, also where the attempt stands in their path', () => {
    expect(moved([lose(attempt(2)), lose(charge(3)), lose(attempt(4))], [], [charge(1), attempt(1)])).toEqual([
      attempt(1),
      charge(2),
      attempt(3),
    ])
  })

  it('leaves those that fired, and those of other roots', () => {
    const other = { ...attempt(3), root: rootOf('pay#1') }
    expect(
      moved([lose(attempt(1)), lose(attempt(3)), lose(other)], [lose(attempt(1))], [attempt(1), attempt(2)]),
    ).toEqual([attempt(1), attempt(2), other])
  })

  it('does not strike twice at one place, nor where its kind cannot', () => {
    expect(moved([lose(attempt(1)), lose(attempt(2))], [lose(attempt(1))], [attempt(1)])).toBe(undefined)
    const crash: Fault = { kind: 'crash', node: 'bank', restartAfterMs: 0, at: charge(2) }
    expect(moved([crash], [], [charge(1)])).toBe(undefined)
  })

  it('stays away from another call', () => {
    expect(
      moved(
        [lose(attempt(2))],
        [],
        [{ ...attempt(1), operation: 'GET /orders' }, { ...attempt(1), leg: 'request' }, charge(1)],
      ),
    ).toBe(undefined)
  })

  it('stays where all fired', () => {
    expect(moved([lose(attempt(1))], [lose(attempt(1))], [attempt(1)])).toBe(undefined)
  })
})
