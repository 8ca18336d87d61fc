import { describe, expect, it } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { Site } from '../../src/scenario/site.ts'
import { compensate } from '../../src/shrink/compensate.ts'
import { rootOf, stepOf } from '../address-of.ts'

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

/** The reply to an attempt of the client. */
function attempt(nth: number): Address {
  return { ...order, nth }
}

/** The reply to the charge that an attempt causes, or that its copy `copy` causes. */
function charge(cause: number, copy?: number): Address {
  const step = stepOf(`client -> shop POST /orders order#0 ${cause}`)
  return {
    ...order,
    path: [copy === undefined ? step : { ...step, copy }],
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

/** The faults after a run that reached these sites; undefined if none was moved. */
function compensated(
  faults: readonly Fault[],
  fired: readonly Fault[],
  met: readonly Address[],
): readonly Address[] | undefined {
  const moved = compensate(faults, { fails: false, verdict: 'holds', fired, sites: met.map(site) })
  return moved?.map(({ at }) => at)
}

describe('a fault whose message has moved', () => {
  it('moves to the nearest attempt that exists', () => {
    expect(compensated([lose(attempt(3))], [], [attempt(1), attempt(2)])).toEqual([attempt(2)])
    expect(compensated([lose(charge(3))], [], [charge(1), charge(2)])).toEqual([charge(2)])
  })

  it('moves later faults of its chain along, even if the attempt is in their path', () => {
    const faults = [lose(attempt(2)), lose(charge(3)), lose(attempt(4))]

    expect(compensated(faults, [], [charge(1), attempt(1)])).toEqual([attempt(1), charge(2), attempt(3)])
  })

  it('moves along faults on what the copy of a request causes', () => {
    const faults = [lose(charge(2, 1)), lose(charge(3, 1))]

    expect(compensated(faults, [], [charge(1, 1)])).toEqual([charge(1, 1), charge(2, 1)])
  })

  it('leaves faults that fired, and those of other roots', () => {
    const fired = lose(attempt(1))
    const ofOtherRoot = { ...attempt(3), root: rootOf('pay#1') }

    const faults = [fired, lose(attempt(3)), lose(ofOtherRoot)]

    expect(compensated(faults, [fired], [attempt(1), attempt(2)])).toEqual([attempt(1), attempt(2), ofOtherRoot])
  })

  it('does not strike twice at one place', () => {
    const fired = lose(attempt(1))

    expect(compensated([fired, lose(attempt(2))], [fired], [attempt(1)])).toBe(undefined)
  })

  it('does not strike where its kind cannot', () => {
    const crashOfBank: Fault = { kind: 'crash', node: 'bank', restartAfterMs: 0, at: charge(2) }

    expect(compensated([crashOfBank], [], [charge(1)])).toBe(undefined)
  })

  it('does not move to another call', () => {
    const others = [{ ...attempt(1), operation: 'GET /orders' }, { ...attempt(1), leg: 'request' } as const, charge(1)]

    expect(compensated([lose(attempt(2))], [], others)).toBe(undefined)
  })

  it('stays if all faults fired', () => {
    const fired = lose(attempt(1))

    expect(compensated([fired], [fired], [attempt(1)])).toBe(undefined)
  })
})
