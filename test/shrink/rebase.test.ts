import { describe, expect, it } from 'vitest'
import { bootAddress, invocationRoot, type Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { listed } from '../../src/scenario/plan.ts'
import { rebase, renumber } from '../../src/shrink/rebase.ts'
import { stepOf } from '../address-of.ts'
import { a, b, c, pay, workload } from './payments.ts'

/** The answer to a charge is lost, within an attempt of an invocation that pays for an order. */
function lose(invocation: number, key: string): Fault {
  const at: Address = {
    root: invocationRoot('pay', invocation),
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

describe('rebase', () => {
  it('renames an alias everywhere when an earlier value vanishes, keeps ids, and drops faults of removed operations', () => {
    const before = workload(pay(0, a), pay(1, b))
    const after = workload(pay(1, b))

    expect(rebase([lose(0, 'order#0'), lose(1, 'order#1')], before, after)).toEqual([lose(1, 'order#0')])
  })

  it('keeps faults on a value that changes', () => {
    const before = workload(pay(0, a), pay(1, b))
    const after = workload(pay(0, a), pay(1, c))

    expect(rebase([lose(1, 'order#1')], before, after)).toEqual([lose(1, 'order#1')])
  })

  it('follows the first position when equal values become different', () => {
    const before = workload(pay(0, a), pay(1, a))
    const after = workload(pay(0, a), pay(1, b))

    expect(rebase([lose(0, 'order#0')], before, after)).toEqual([lose(0, 'order#0')])
  })

  it('swaps aliases when the order of appearance swaps', () => {
    const before = workload(pay(0, a), pay(1, b))
    const after = workload(pay(1, b), pay(0, a))

    expect(rebase([lose(0, 'order#0'), lose(1, 'order#1')], before, after)).toEqual([
      lose(0, 'order#1'),
      lose(1, 'order#0'),
    ])
  })

  it('does not confuse a root with an alias of the same spelling', () => {
    const before = workload(pay(0, 'aaaaaaaa'), pay(1, 'bbbbbbbb'))
    const after = workload(pay(1, 'bbbbbbbb'))

    expect(rebase([lose(1, 'pay#1')], before, after)).toEqual([lose(1, 'pay#0')])
  })

  it('leaves faults at boots', () => {
    const skew: Fault = { kind: 'skew', byMs: 5, at: bootAddress('shop') }

    expect(rebase([skew], workload(pay(0, a), pay(1, b)), workload(pay(1, b)))).toEqual([skew])
  })
})

describe('renumber', () => {
  it('numbers invocations and clients from 0, and faults follow', () => {
    const scenario = {
      workload: workload(pay(3, b, 2), pay(5, a, 1)),
      plan: listed([lose(5, 'order#1')]),
      seed: 1,
    }

    expect(renumber(scenario)).toEqual({
      workload: workload(pay(0, b, 0), pay(1, a, 1)),
      plan: listed([lose(1, 'order#1')]),
      seed: 1,
    })
  })
})
