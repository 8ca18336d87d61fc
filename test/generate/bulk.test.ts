// One operation many times, so that pages are full and limits reached before the others come.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { always, assess, journal, noHang, op, serve, type System } from 'two-generals'
import { bulkWorkload } from '../../src/generate/workload.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { WorkloadSource } from '../../src/generate/workload-source.ts'
import { node } from '../simulate/systems.ts'

const cart = fc.constantFrom('a', 'b', 'c')
const add = op('add', fc.record({ cart, item: fc.uuid() }), () => undefined)
const bill = op('bill', fc.record({ cart }), () => undefined)
const system: System = { nodes: { shop: node(() => undefined) }, operations: [add, bill], invariants: [noHang()] }

/** How many operations the fault-free workloads of a system have. */
const sizesOf = (of: System): readonly number[] =>
  [...new WorkloadSource(of).faultless(1, 100)].map(({ invocations }) => invocations.length)

test('so many of one, then one of each other, by one client without a pause, most of them about one key', () => {
  const { invocations } = bulkWorkload(1, add, 26, { operations: [add, bill], shrinkers: new Shrinkers() })

  expect(invocations.map(({ id }) => id)).toEqual(invocations.map((_, index) => index))
  expect(invocations.map(({ operation }) => operation)).toEqual([...Array.from({ length: 26 }, () => 'add'), 'bill'])
  expect(invocations.every(({ client, afterMs }) => client === 0 && afterMs === 0)).toBe(true)
  const carts = Map.groupBy(invocations, ({ input }) => (input as { readonly cart: string }).cart)
  expect(Math.max(...[...carts.values()].map(({ length }) => length))).toBeGreaterThan(20)
})

test('each operation more often than a page of 25 holds, and one of them than a page of 100 does', () => {
  const sizes = sizesOf(system)
  expect(sizes.slice(4, 6).toSorted((a, b) => a - b)).toEqual([27, 102])
  expect(sizes.filter((size) => size > 40)).toEqual([102])
})

test('where the user leaves open how many there are', () => {
  expect(Math.max(...sizesOf({ ...system, maxOperations: 20 }))).toBeLessThanOrEqual(20)
})

test('a list that gives a hundred at most is found by default, without a fault, and its sound twin holds', async () => {
  const listing = (most: number): System => {
    const told = journal<readonly [number, number]>('told')
    const shop = serve(() => {
      const items: string[] = []
      return async (request) => {
        if (request.method === 'POST') items.push(await request.text())
        else told.add([items.length, items.slice(0, most).length])
        return new Response()
      }
    })
    const put = op('put', fc.uuid(), (item) => fetch('http://shop/', { method: 'POST', body: item }))
    const list = op('list', fc.constant(null), () => fetch('http://shop/'))
    const isWhole = (all: readonly (readonly [number, number])[]): boolean => all.every(([has, told]) => has === told)
    return { nodes: { shop }, operations: [put, list], invariants: [always('a list is whole', told, isWhole)] }
  }
  const found = await assess(listing(100), { seed: 1, shrink: false })
  expect(found.kind).toBe('violated')
  expect(found.kind === 'violated' && found.counterexample.scenario.plan).toEqual({ kind: 'listed', faults: [] })
  expect((await assess(listing(1_000), { seed: 1, numRuns: 20 })).kind).toBe('holds')
})
