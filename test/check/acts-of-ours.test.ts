// Consistency checkers accept the histories that the kernel records: under every fault, each client does one thing at a
// time.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { actsOf } from '../../src/check/acts.ts'
import { assess, map, op, serve, type History, type Invariant, type System } from '../../src/index.ts'
import { deliveries } from '../../src/queues.ts'
import { holds } from '../../src/verdict/verdict.ts'
import { amount } from '../full.ts'

let acts = 0

const accepted: Invariant = {
  kind: 'invariant',
  name: 'accepted',
  effects: [],
  check(history: History) {
    acts += actsOf(history, undefined, ({ invoke }) => invoke.operation).length
    return holds
  },
}

async function expectAccepted(system: System): Promise<void> {
  acts = 0
  expect(await assess(system, { numRuns: amount(60), seed: 5 })).toMatchObject({ kind: 'holds' })
  expect(acts).toBeGreaterThan(amount(300))
}

const store = new Map<string, number>()
const shop = serve(() => async (request) => {
  const { id } = (await request.json()) as { id: string }
  store.set(id, (store.get(id) ?? 0) + 1)
  return Response.json({ id })
})
const put = op(
  'put',
  fc.record({ id: fc.constantFrom('a', 'b') }),
  (input) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }),
  { retries: 1, timeout: 500 },
)
const probe = op('look', fc.constant({ id: 'a' }), (input) =>
  fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }),
)

test('accepts operations, retries and probes of every simulated history', async () => {
  await expectAccepted({
    nodes: { shop },
    stores: [map(store, { name: 'store' })],
    operations: [put],
    probe: [probe],
    invariants: [accepted],
  })
})

test('accepts deliveries of every simulated history', async () => {
  await expectAccepted(
    deliveries(
      async ({ id }: { id: string }) => {
        store.set(id, 1)
      },
      fc.array(fc.record({ id: fc.constantFrom('a', 'b') })),
      {
        stores: [map(store, { name: 'store' })],
        invariants: [accepted],
      },
    ),
  )
})
