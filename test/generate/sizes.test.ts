import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearizable, noHang, op, register, serve, type System } from 'two-generals'
import { sizesOf, type Sizes } from '../../src/generate/sizes.ts'
import { WorkloadSource } from '../../src/generate/workload-source.ts'
import { node } from '../simulate/systems.ts'

const system: System = {
  nodes: { shop: node(() => undefined) },
  operations: ['add', 'bill'].map((name) => op(name, fc.nat(), () => undefined)),
  invariants: [noHang()],
}
const seeds = Array.from({ length: 1_000 }, (_, seed) => seed)
const all = (of: System): readonly Sizes[] => seeds.map((seed) => sizesOf(of, seed))

describe('how large random workloads are', () => {
  test('two fifths are long, and the others are as usual', () => {
    const long = all(system).filter(({ minOperations }) => minOperations === 9)
    expect(long.length / seeds.length).toBeCloseTo(0.4, 1)
    expect(new Set(all(system).map(({ clients, maxOperations }) => `${clients} ${maxOperations}`))).toEqual(
      new Set(['3 8', '3 30']),
    )
  })

  test('what the system says is never exceeded', () => {
    expect(all({ ...system, maxOperations: 5 }).every(({ maxOperations }) => maxOperations === 5)).toBe(true)
    expect(all({ ...system, clients: 2 }).every(({ clients }) => clients === 2)).toBe(true)
  })

  test('histories are short where consistency is judged, and where load is', () => {
    const limited = { ...system, nodes: { shop: serve(() => () => new Response(), { capacity: { concurrent: 1 } }) } }
    expect(all(limited).every(({ maxOperations }) => maxOperations === 8)).toBe(true)
    const judged = { ...system, invariants: [noHang(), linearizable(register())] }
    expect(all(judged).every(({ maxOperations }) => maxOperations === 8)).toBe(true)
  })

  test('every size is drawn', () => {
    const source = new WorkloadSource(system)
    const sizes = new Set(seeds.map((seed) => source.random(seed).invocations.length))
    expect([...sizes].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
  })

  test('some long ones do one thing over and over, and may end with another', () => {
    const source = new WorkloadSource(system)
    const bulky = seeds.filter((seed) => {
      const names = source.random(seed).invocations.map(({ operation }) => operation)
      const before = names.slice(0, names.lastIndexOf('bill'))
      return before.filter((name) => name === 'add').length > 20
    })
    expect(bulky.length).toBeGreaterThan(5)
  })
})

test('without faults, workloads of any size are a quarter as many as random histories, and 20 at most, beside bulk', () => {
  const source = new WorkloadSource(system)
  const counts = [0, 5, 20, 100, 1_000, Infinity].map((numRuns) => [...source.faultless(1, numRuns)].length)
  const bulk = system.operations.length
  expect(counts).toEqual([1, 2, 5 + bulk, 20 + bulk, 20 + bulk, 20 + bulk])
})
