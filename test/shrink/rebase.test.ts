import { rootOf, stepOf } from '../address-of.ts'
import { describe, expect, it } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { listed } from '../../src/scenario/plan.ts'
import type { Invocation, Workload } from '../../src/scenario/scenario.ts'
import { keepsApart, rebase, renumber } from '../../src/shrink/rebase.ts'
import { substituted } from '../../src/shrink/substitute.ts'

function pay(id: number, input: unknown, client = 0): Invocation {
  return { id, operation: 'pay', client, afterMs: 0, input }
}

function workload(...invocations: readonly Invocation[]): Workload {
  return { invocations }
}

function lose(id: number, key: string): Fault {
  const at: Address = {
    root: rootOf(`pay#${id}`),
    path: [stepOf(`client -> shop POST /orders ${key} 2`)],
    from: 'shop',
    to: 'bank',
    operation: 'POST /charges',
    key,
    leg: 'reply',
    nth: 1,
  }
  return { kind: 'lose', at }
}

const a = { order: 'aaaaaaaa' }
const b = { order: 'bbbbbbbb' }

describe('rebase', () => {
  it('renames an alias everywhere when an earlier value vanishes; ids stay', () => {
    const [moved, ...others] = rebase(
      [lose(0, 'order#0'), lose(1, 'order#1')],
      workload(pay(0, a), pay(1, b)),
      workload(pay(1, b)),
    )
    expect(others).toEqual([])
    expect(moved).toEqual(lose(1, 'order#0'))
  })

  it('keeps faults on a value that changes', () => {
    expect(
      rebase([lose(1, 'order#1')], workload(pay(0, a), pay(1, b)), workload(pay(0, a), pay(1, { order: 'cccccccc' }))),
    ).toEqual([lose(1, 'order#1')])
  })

  it('follows the place where two values that were one become two', () => {
    const after = workload(pay(0, a), pay(1, b))
    expect(rebase([lose(0, 'order#0')], workload(pay(0, a), pay(1, a)), after)).toEqual([lose(0, 'order#0')])
  })

  it('swaps names when order of appearance swaps', () => {
    const before = workload(pay(0, a), pay(1, b))
    expect(rebase([lose(0, 'order#0'), lose(1, 'order#1')], before, workload(pay(1, b), pay(0, a)))).toEqual([
      lose(0, 'order#1'),
      lose(1, 'order#0'),
    ])
  })

  it('does not take a root for an alias of the same spelling', () => {
    const before = workload(pay(0, 'aaaaaaaa'), pay(1, 'bbbbbbbb'))
    expect(rebase([lose(1, 'pay#1')], before, workload(pay(1, 'bbbbbbbb')))).toEqual([lose(1, 'pay#0')])
  })

  it('leaves faults at boots and ticks', () => {
    const skew: Fault = {
      kind: 'skew',
      byMs: 5,
      at: { root: rootOf('boot(shop)'), path: [], from: 'shop', to: 'shop', operation: 'boot', leg: 'request', nth: 1 },
    }
    expect(rebase([skew], workload(pay(0, a), pay(1, b)), workload(pay(1, b)))).toEqual([skew])
  })
})

describe('renumber', () => {
  it('numbers invocations and clients from 0, and faults follow', () => {
    const scenario = { workload: workload(pay(3, b, 2), pay(5, a, 1)), plan: listed([lose(5, 'order#1')]), seed: 1 }
    expect(renumber(scenario)).toEqual({
      workload: workload(pay(0, b, 0), pay(1, a, 1)),
      plan: listed([lose(1, 'order#1')]),
      seed: 1,
    })
  })
})

describe('values of a workload', () => {
  it('that were different must stay different', () => {
    expect(keepsApart(workload(pay(0, a), pay(1, b)), workload(pay(0, a), pay(1, a)))).toBe(false)
    expect(keepsApart(workload(pay(0, a), pay(1, b)), workload(pay(0, a), pay(1, { order: 'cccccccc' })))).toBe(true)
    expect(
      keepsApart(
        workload(pay(0, { order: 1 }), pay(1, { order: 2 })),
        workload(pay(0, { order: 1 }), pay(1, { order: 1 })),
      ),
    ).toBe(false)
  })

  it('may be equal in different fields, and where they were equal before', () => {
    expect(
      keepsApart(
        workload(pay(0, { from: 'aaaaaaaa', to: 'bbbbbbbb' })),
        workload(pay(0, { from: 'aaaaaaaa', to: 'aaaaaaaa' })),
      ),
    ).toBe(true)
    expect(keepsApart(workload(pay(0, a), pay(1, a)), workload(pay(0, b), pay(1, b)))).toBe(true)
  })

  it('are replaced together where they are equal under one field', () => {
    const before = [
      pay(0, { order: 'aaaaaaaa', note: 'aaaaaaaa', amount: 5 }),
      pay(1, { order: 'aaaaaaaa', amount: 7 }),
    ]
    expect(substituted(before, 0, { order: '0', note: 'aaaaaaaa', amount: 5 })).toEqual([
      pay(0, { order: '0', note: 'aaaaaaaa', amount: 5 }),
      pay(1, { order: '0', amount: 7 }),
    ])
  })

  it('are replaced alone where the input changes its shape', () => {
    const before = [pay(0, { items: ['x', 'y'] }), pay(1, { items: ['y'] })]
    expect(substituted(before, 0, { items: ['y'] })).toEqual([pay(0, { items: ['y'] }), pay(1, { items: ['y'] })])
  })
})
