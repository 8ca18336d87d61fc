// The smallest workload has each operation once, with the smallest inputs; one that is listed twice has two of them.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess, map, op, readYourWrites, serve, type Operation } from 'two-generals'
import { Shrinkers } from '../../src/generate/values.ts'
import { smallWorkload } from '../../src/generate/workload.ts'

type Inputs = readonly unknown[]

/** The inputs of the smallest workload for each of 50 seeds. */
function smallestInputs(...operations: readonly Operation<unknown>[]): readonly Inputs[] {
  return Array.from({ length: 50 }, (_, seed) =>
    smallWorkload(seed, operations, 'smallest', new Shrinkers()).invocations.map(({ input }) => input),
  )
}

const operation = (arbitrary: fc.Arbitrary<unknown>, name = 'put'): Operation<unknown> =>
  op(name, arbitrary, () => undefined)

describe('the smallest workload', () => {
  const put = operation(fc.record({ key: fc.constantFrom('a', 'b'), value: fc.nat() }))

  test('has the smallest input of each operation', () => {
    const smallest = { key: 'a', value: 0 }
    for (const inputs of smallestInputs(put, { ...put, name: 'get' })) expect(inputs).toEqual([smallest, smallest])
  })

  test('has other inputs where an operation is listed again', () => {
    for (const inputs of smallestInputs(put, put, put)) {
      const [first, second, third] = inputs as readonly { readonly value: number }[]
      expect(first).toEqual({ key: 'a', value: 0 })
      expect(second).not.toEqual(first)
      expect([first, second]).not.toContainEqual(third)
      expect(second?.value).toBeLessThan(3)
    }
  })

  test('finds the other one of two inputs, and repeats the only one', () => {
    const [flag, constant] = [operation(fc.boolean()), operation(fc.constant(1))]
    for (const inputs of smallestInputs(flag, flag)) expect(inputs).toEqual([false, true])
    for (const inputs of smallestInputs(constant, constant)) expect(inputs).toEqual([1, 1])
  })

  test('can be judged where each value has to be written once', async () => {
    const stored = new Map<string, string>()
    const write = fc.record({ key: fc.constantFrom('a', 'b'), value: fc.uuid() })
    const store = op(
      'store',
      write,
      async (input) => (await fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) })).status,
    )
    const load = op(
      'load',
      fc.record({ key: fc.constantFrom('a', 'b') }),
      async ({ key }) => (await (await fetch(`http://shop/${key}`)).json()) as string | null,
    )
    const shop = async (request: Request): Promise<Response> => {
      if (request.method === 'GET') return Response.json(stored.get(new URL(request.url).pathname.slice(1)) ?? null)
      const { key, value } = (await request.json()) as { readonly key: string; readonly value: string }
      stored.set(key, value)
      return new Response()
    }
    const assessment = await assess(
      {
        nodes: { shop: serve(() => shop) },
        stores: [map(stored, { name: 'stored' })],
        tolerates: ['crash'],
        operations: [store, store, load],
        invariants: [
          readYourWrites([
            store.as(({ key, value }) => [['w', key, value]]),
            load.as(({ key }, value) => [['r', key, value]]),
          ]),
        ],
      },
      { numRuns: 5, seed: 1 },
    )
    expect(assessment).toMatchObject({ kind: 'holds' })
  })
})
