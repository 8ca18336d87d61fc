// An entry in a journal stands for a call that a fake takes: its node may die before it remembers that.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  assess,
  exactlyOnce,
  journal,
  listed,
  map,
  op,
  serve,
  simulate,
  type Fault,
  type Scenario,
  type System,
} from '../../src/index.ts'
import { rootOf, stepOf } from '../address-of.ts'

const mail = journal<{ readonly order: string }>('mail')
const seen = new Map<string, true>()
const order = op(
  'order',
  fc.record({ order: fc.uuid() }),
  (o) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(o) }),
  { retries: 2, timeout: 1_000 },
)

/** Mails once and remembers it: after, or before. */
function system(remembersFirst: boolean): System {
  const shop = serve(() => async (request) => {
    const one = (await request.json()) as { order: string }
    if (seen.has(one.order)) return new Response('again')
    if (remembersFirst) seen.set(one.order, true)
    mail.add(one)
    seen.set(one.order, true)
    return new Response('mailed')
  })
  return {
    nodes: { shop },
    stores: [map(seen, { name: 'seen' })],
    operations: [order],
    tolerates: ['crash'],
    invariants: [
      exactlyOnce(
        order.by((o) => o.order),
        mail.by((m) => m.order),
      ),
    ],
  }
}

test('mailed, not yet remembered, dead: mailed again', async () => {
  const assessment = await assess(system(false), { numRuns: 50, seed: 1 })
  expect(assessment).toMatchObject({
    kind: 'violated',
    counterexample: { violation: { reason: { kind: 'too-many', of: 'mail' } } },
  })
  if (assessment.kind !== 'violated') return
  const {
    scenario: { plan },
  } = assessment.counterexample
  expect(plan.kind === 'listed' && plan.faults).toMatchObject([
    { kind: 'crash', at: { from: 'shop', to: 'mail', operation: 'add mail' } },
  ])
})

test('what a dead node adds afterwards does not count', async () => {
  const at: Fault = {
    kind: 'crash',
    node: 'shop',
    restartAfterMs: 1_000,
    at: {
      root: rootOf('order#0'),
      path: [stepOf('client -> shop POST / order#0 1')],
      from: 'shop',
      to: 'mail',
      operation: 'add mail',
      key: 'order#0',
      leg: 'reply',
      nth: 1,
    },
  }
  const scenario: Scenario = {
    workload: { invocations: [{ id: 0, operation: 'order', client: 0, afterMs: 0, input: { order: 'order-1' } }] },
    plan: listed([at]),
    seed: 1,
  }
  const { events } = await simulate(system(true), scenario)
  const effects = events.filter(({ kind }) => kind === 'effect' || kind === 'crash' || kind === 'store')
  expect(effects.map((event) => (event.kind === 'store' ? event.address.operation : event.kind))).toEqual([
    'has seen',
    'set seen',
    'effect',
    'crash',
    'has seen',
  ])
})

test('remembering first holds at most once, and loses the mail of the dead', async () => {
  expect(await assess(system(true), { numRuns: 50, seed: 1 })).toMatchObject({
    kind: 'violated',
    counterexample: { violation: { reason: { kind: 'missing', of: 'mail' } } },
  })
})
