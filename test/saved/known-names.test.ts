import { describe, expect, test } from 'vitest'
import { unknownNames, type KnownNames } from '../../src/saved/known-names.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { listed } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { invoking, reply, scenario } from './one-finding.ts'

const known: KnownNames = { nodes: ['shop', 'bank'], operations: ['pay'], stores: ['db'], journals: ['charge'] }

function messages(given: Scenario, names: Partial<KnownNames> = {}): readonly string[] {
  const frame = { failure: 'Cannot replay order.json', advice: 'Write its current name into the file.' }
  return unknownNames(given, { ...known, ...names }, frame).map(({ message }) => message)
}

function struck(fault: Fault): Scenario {
  return { ...scenario, plan: listed([fault]) }
}

describe('a scenario can run', () => {
  test('where it names an operation, nodes and a store that there are', () => {
    const crash: Fault = { kind: 'crash', at: { ...reply, from: 'bank', to: 'db' }, node: 'bank', restartAfterMs: 0 }

    expect(messages(scenario)).toStrictEqual([])
    expect(messages(struck(crash))).toStrictEqual([])
  })

  test('where a fault strikes at an entry in a journal', () => {
    expect(messages(struck({ kind: 'lose', at: { ...reply, from: 'shop', to: 'charge' } }))).toStrictEqual([])
  })

  test('where a fault strikes at any outside host', () => {
    expect(messages(struck({ kind: 'lose', at: { ...reply, from: 'shop', to: 'api.stripe.com' } }))).toStrictEqual([])
    expect(messages(struck({ kind: 'lose', at: { ...reply, from: 'shop', to: 'localhost:8080' } }))).toStrictEqual([])
  })

  test('where a partition has nodes, hosts and every client on its sides', () => {
    const other = ['client', 'bank', 'api.stripe.com']

    expect(messages(struck({ kind: 'partition', at: reply, side: ['shop'], other, way: 'both' }))).toStrictEqual([])
  })

  test('where its faults are still to be drawn', () => {
    expect(messages({ ...scenario, plan: { kind: 'drawn', seed: 1, rates: {}, maxFaults: 1 } })).toStrictEqual([])
  })
})

describe('an error names', () => {
  test('an unknown callee, what there is, and what to do', () => {
    expect(messages(struck({ kind: 'lose', at: { ...reply, to: 'pay' } }), { stores: [] })).toStrictEqual([
      'Cannot replay order.json: node "pay" is unknown (have "shop", "bank"). Was it renamed? ' +
        'Write its current name into the file.',
    ])
    expect(messages(struck({ kind: 'lose', at: { ...reply, to: 'dbs' } }))[0]).toContain(
      'node or store "dbs" is unknown (have "shop", "bank", "db"). Was it renamed to "db"?',
    )
  })

  test('an unknown caller', () => {
    expect(messages(struck({ kind: 'lose', at: { ...reply, from: 'bonk' } }))[0]).toContain(
      'node "bonk" is unknown (have "shop", "bank"). Was it renamed to "bank"?',
    )
  })

  test('an unknown node that crashes', () => {
    const crash: Fault = { kind: 'crash', at: reply, node: 'shopp', restartAfterMs: 0 }

    expect(messages(struck(crash))[0]).toContain('node "shopp" is unknown')
  })

  test('an unknown side of a partition', () => {
    const partition: Fault = { kind: 'partition', at: reply, side: ['shop'], other: ['bank', 'bonk'], way: 'both' }

    expect(messages(struck(partition))[0]).toContain('"bonk" is unknown')
  })

  test('an unknown operation', () => {
    expect(messages(scenario, { operations: [] })[0]).toContain(
      'operation "pay" is unknown (have none). Was it renamed?',
    )
  })

  test('an unknown name once, however often it occurs', () => {
    const { invocations } = invoking({ operation: 'pya' }).workload
    const twice = [...invocations, ...invocations.map((invocation) => ({ ...invocation, id: 1 }))]

    expect(messages({ ...scenario, workload: { invocations: twice } })).toStrictEqual([
      expect.stringContaining('Cannot replay order.json: operation "pya" is unknown (have "pay"). Was it renamed'),
    ])
  })
})
