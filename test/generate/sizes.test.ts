import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sizesOf, type Sizes } from '../../src/generate/sizes.ts'
import { WorkloadSource } from '../../src/generate/workload-source.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { node, nothingToJudge } from '../simulate/systems.ts'

const system: System = {
  nodes: { shop: node(() => undefined) },
  operations: [op('go', fc.nat(), () => undefined)],
  invariants: [nothingToJudge],
}
const seeds = Array.from({ length: 1_000 }, (_, seed) => seed)
const all = (of: System): readonly Sizes[] => seeds.map((seed) => sizesOf(of, seed))

describe('how large random workloads are', () => {
  test('a tenth are long, a tenth have many clients, and most are as usual', () => {
    expect(all(system).filter(({ maxOperations }) => maxOperations === 24).length / seeds.length).toBeCloseTo(0.1, 1)
    expect(all(system).filter(({ clients }) => clients === 6).length / seeds.length).toBeCloseTo(0.1, 1)
    const usual = all(system).filter(({ clients, maxOperations }) => clients === 3 && maxOperations === 8)
    expect(usual.length / seeds.length).toBeGreaterThan(0.7)
  })

  test('what the system says is never exceeded', () => {
    expect(all({ ...system, maxOperations: 5 }).every(({ maxOperations }) => maxOperations === 5)).toBe(true)
    expect(all({ ...system, clients: 2 }).every(({ clients }) => clients === 2)).toBe(true)
  })

  test('long workloads have a dozen operations at least', () => {
    const source = new WorkloadSource(system)
    const sizes = new Set(seeds.map((seed) => source.random(seed).invocations.length))
    expect([Math.max(...sizes), sizes.has(1), sizes.has(10)]).toEqual([24, true, false])
  })
})
