// Workloads that fill the pools of nodes: one more operation at once than finds a place.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess, noHang, op, serve, type System, type Workload } from 'two-generals'
import { fillingSizes } from '../../src/generate/filling.ts'
import { WorkloadSource } from '../../src/generate/workload-source.ts'
import type { Capacity } from '../../src/system/capacity.ts'

const ask = op('ask', fc.constant(null), () => fetch('http://shop/'))
const tell = op('tell', fc.constantFrom('a', 'b'), (name) => fetch(`http://shop/${name}`, { method: 'PUT' }))

function system(capacity: Capacity | undefined, parts: Partial<System> = {}, instances = 1): System {
  const limits = capacity === undefined ? {} : { capacity }
  return {
    nodes: { shop: serve(() => () => new Response(), { ...limits, instances }) },
    operations: [ask, tell],
    invariants: [noHang()],
    ...parts,
  }
}

/** Each operation has a client of its own: other workloads have three. */
const isFilling = (invocations: Workload['invocations']): boolean =>
  invocations.length > 3 && invocations.every(({ client, id }) => client === id)

describe('a pool is filled', () => {
  test('with one more than it works on, and one more than that and the queue', () => {
    expect(fillingSizes(system({ concurrent: 2, queue: 3 }))).toEqual([3, 6])
    expect(fillingSizes(system({ concurrent: 4 }))).toEqual([5])
    expect(fillingSizes(system({ concurrent: 2, queue: 3 }, {}, 2))).toEqual([5, 11])
  })

  test('as far as the limits allow that the user gave, and that histories have', () => {
    expect(fillingSizes(system({ concurrent: 2, queue: 3 }, { clients: 4 }))).toEqual([3, 4])
    expect(fillingSizes(system({ concurrent: 8, queue: 3 }, { maxOperations: 5 }))).toEqual([5])
    expect(fillingSizes(system({ concurrent: 2 }, { clients: 1 }))).toEqual([])
    expect(fillingSizes(system({ concurrent: 1_000 }))).toEqual([50])
  })

  test('never where no node has a capacity', () => {
    expect(fillingSizes(system(undefined))).toEqual([])
  })

  test('in a share of the random workloads: all at once, each by a client of its own', () => {
    const source = new WorkloadSource(system({ concurrent: 9, queue: 3 }))
    const drawn = Array.from({ length: 400 }, (_, seed) => source.random(seed).invocations)
    const filling = drawn.filter(isFilling)

    expect(filling.length).toBeGreaterThan(30)
    expect(filling.length).toBeLessThan(90)
    expect(new Set(filling.map(({ length }) => length))).toEqual(new Set([10, 13]))
    for (const invocations of filling) {
      expect(invocations.map(({ client, afterMs }) => [client, afterMs])).toEqual(invocations.map((_, id) => [id, 0]))
    }
  })

  test('by one operation, by one and last by another that may not need what these wait for, or by any', () => {
    const source = new WorkloadSource(system({ concurrent: 9, queue: 3 }))
    const drawn = Array.from({ length: 400 }, (_, seed) => source.random(seed).invocations).filter(isFilling)
    const mixes = drawn.map((invocations) => new Set(invocations.slice(0, -1).map(({ operation }) => operation)).size)
    const lastDiffers = drawn.filter(
      (invocations) =>
        new Set(invocations.slice(0, -1).map(({ operation }) => operation)).size === 1 &&
        invocations.at(-1)?.operation !== invocations[0]?.operation,
    )

    expect(new Set(mixes)).toEqual(new Set([1, 2]))
    expect(lastDiffers.length).toBeGreaterThan(mixes.length / 3)
  })

  test('and by histories that do nothing else, for a fifth of the seeds', () => {
    const source = new WorkloadSource(system({ concurrent: 9, queue: 3 }))
    const sizes = Array.from({ length: 400 }, (_, seed) => source.filling(seed)?.invocations.length)

    expect(new Set(sizes)).toEqual(new Set([undefined, 10, 13]))
    expect(sizes.filter((size) => size !== undefined).length).toBeGreaterThan(50)
    expect(sizes.filter((size) => size !== undefined).length).toBeLessThan(110)
    expect(new WorkloadSource(system(undefined)).filling(1)).toBeUndefined()
  })

  test('without a fault too', () => {
    const source = new WorkloadSource(system({ concurrent: 9, queue: 3 }))

    expect([...source.faultless(1, 100)].map(({ invocations }) => invocations.length)).toEqual(
      expect.arrayContaining([10, 13]),
    )
  })
})

describe('a pool that was never full is named', () => {
  const remarksOf = async (of: System): Promise<readonly string[]> => (await assess(of, { numRuns: 5 })).remarks

  test('where the user allows fewer operations at once', async () => {
    expect(await remarksOf(system({ concurrent: 3, serviceMs: 10 }, { clients: 3 }))).toEqual([
      expect.stringMatching(/^Never full in any history: "shop"\. .*clients and maxOperations/),
    ])
  })

  test('and only then', async () => {
    expect(await remarksOf(system({ concurrent: 3, serviceMs: 10 }))).toEqual([])
    expect(await remarksOf(system(undefined))).toEqual([])
  })
})
