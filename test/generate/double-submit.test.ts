// Double submit, end to end: what needs no fault but two clicks is found on a perfect network, and only where users
// click twice.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, exactlyOnce, journal, map, op, serve, type OperationOptions, type System } from 'two-generals'
import { amount } from '../full.ts'

const charge = journal<{ readonly order: string }>('charge')
const known = new Map<string, true>()

async function orderOf(request: Request): Promise<string> {
  return ((await request.json()) as { readonly order: string }).order // as `paying` writes it
}

/** Looks, waits for the bank, and then remembers: two clicks pass the look together. */
async function looksFirst(request: Request): Promise<Response> {
  const order = await orderOf(request)
  if (known.has(order)) return new Response('known')
  await fetch('http://bank/', { method: 'POST' })
  charge.add({ order })
  known.set(order, true)
  return new Response('done')
}

/** Remembers in one step with the look. */
async function claimsFirst(request: Request): Promise<Response> {
  const order = await orderOf(request)
  if (known.has(order)) return new Response('known')
  known.set(order, true)
  charge.add({ order })
  return new Response('done')
}

function paying(handler: (request: Request) => Promise<Response>, options: OperationOptions): System {
  const pay = op(
    'pay',
    fc.record({ order: fc.uuid() }, { noNullPrototype: true }),
    (input) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }),
    options,
  )
  return {
    nodes: { shop: serve(() => handler), bank: serve(() => () => new Response()) },
    operations: [pay],
    stores: [map(known, { name: 'known' })],
    tolerates: [],
    invariants: [
      exactlyOnce(
        pay.by((p) => p.order),
        charge.by((c) => c.order),
      ),
    ],
  }
}

test('a look before the act is found with two operations and no fault', async () => {
  const assessment = await assess(paying(looksFirst, { doubleSubmit: true }), { numRuns: 50 })
  if (assessment.kind !== 'violated') throw new Error(assessment.kind)
  const {
    workload: { invocations },
    plan,
  } = assessment.counterexample.scenario

  expect(plan).toEqual({ kind: 'listed', faults: [] })
  expect(invocations.map(({ client, afterMs, input }) => ({ client, afterMs, input }))).toEqual(
    [0, 1].map((client) => ({ client, afterMs: 0, input: { order: '00000000-0000-1000-8000-000000000000' } })),
  )
})

test('it is no alarm where each click is an order of its own', async () => {
  expect(await assess(paying(looksFirst, {}), { numRuns: amount(50) })).toMatchObject({ kind: 'holds' })
})

test('a handler that remembers in one step survives both, and two copies of one request', async () => {
  expect(await assess(paying(claimsFirst, { doubleSubmit: true }), { numRuns: amount(50) })).toMatchObject({
    kind: 'holds',
  })

  const copied = await assess(
    { ...paying(claimsFirst, { doubleSubmit: true }), tolerates: ['duplicate'] },
    { numRuns: amount(50) },
  )

  expect(copied).toMatchObject({ kind: 'holds', explored: { fired: { duplicate: expect.any(Number) as number } } })
})
