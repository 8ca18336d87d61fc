// What the compiler must accept and refuse of a system: every mistake is an error on its own line, whatever the order
// of the properties. tsc checks the expected errors; vitest that declaring things throws nothing.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expectTypeOf, test } from 'vitest'
import {
  assess,
  exactlyOnce,
  githubSignature,
  journal,
  map,
  noHang,
  op,
  port,
  requests,
  rows,
  serve,
  sqlite,
  store,
  stripeSignature,
  webhook,
  type Effect,
  type FaultKind,
  type InterpretedOperation,
  type Journal,
  type Operation,
  type Store,
  type System,
} from 'two-generals'
import { testResilience } from 'two-generals/vitest'

const pay = op('pay', fc.record({ order: fc.string(), amount: fc.nat() }), () => undefined)
const entry = rows('entry', () => [{ order: 'a', cents: 1 }])
const charge = requests(
  'charge',
  'POST https://pay.example/charges',
  async (request) => (await request.json()) as { order: string },
)
const app = (): Response => new Response()
const system: System = { nodes: { shop: serve(() => app) }, operations: [pay], invariants: [noHang()] }

/** Compiled, never called: what is wrong here on purpose would be refused, or be a test of its own. */
const compiled: (_never: () => unknown) => void = () => undefined

describe('what is inferred', () => {
  test('an operation has the type of its arbitrary, an effect that of its rows, requests or journal', () => {
    expectTypeOf(pay).toEqualTypeOf<Operation<{ order: string; amount: number }, undefined>>()
    expectTypeOf(
      op('read', fc.string(), () => fetch('http://shop/')).as((key, answer) => [key, answer] as const),
    ).toEqualTypeOf<
      InterpretedOperation<readonly [string, { readonly status: number; readonly body: string } | undefined]>
    >()
    expectTypeOf(op('read', fc.string(), async () => 7).as((_, answer) => answer)).toEqualTypeOf<
      InterpretedOperation<number | undefined>
    >()
    expectTypeOf(entry).toEqualTypeOf<Effect<{ order: string; cents: number }>>()
    expectTypeOf(rows('entry', () => Promise.resolve([{ id: 1n }]))).toEqualTypeOf<Effect<{ id: bigint }>>()
    expectTypeOf(charge).toEqualTypeOf<Effect<{ order: string }>>()
    expectTypeOf<Parameters<Journal<{ to: string }>['add']>>().toEqualTypeOf<[value: { to: string }]>()
    expectTypeOf(journal<{ to: string }>('email')).toEqualTypeOf<Journal<{ to: string }>>()
  })

  test('a port has the type of its fake, and a store takes any state', () => {
    const mailer = { send: async (to: string) => to.length, from: 'shop' }
    expectTypeOf(port('mailer', mailer)).toEqualTypeOf<typeof mailer>()
    expectTypeOf(port('mailer', mailer.send)).toEqualTypeOf<(to: string) => Promise<number>>()
    port('mailer', mailer, { write: ['send'] })
    // @ts-expect-error the fake has no such method
    compiled(() => port('mailer', mailer, { write: ['sent'] }))
    const mails: string[] = []
    const restore = (found: readonly string[]): unknown => mails.splice(0, mails.length, ...found)
    expectTypeOf(
      store('mails', { reset: () => restore([]), snapshot: () => [...mails], restore }),
    ).toEqualTypeOf<Store>()
    compiled(() =>
      // @ts-expect-error what is restored is what was taken
      store('mails', { reset: () => undefined, snapshot: () => mails.length, restore: (found: string) => found }),
    )
  })

  test('a webhook has the type of its events, and schemes fit its signature', () => {
    const bank = webhook('bank', fc.record({ id: fc.string() }), { to: 'http://shop/', sign: stripeSignature('s') })
    expectTypeOf(bank).toEqualTypeOf<Operation<{ id: string }>>()
    bank.by((event) => event.id)
    // @ts-expect-error it is "id"
    bank.by((event) => event.key)
    webhook('text', fc.string(), { to: new URL('http://shop/'), sign: githubSignature('s'), backOff: [1_000] })
    // @ts-expect-error it has to go somewhere
    compiled(() => webhook('bank', fc.string(), {}))
    // @ts-expect-error headers are texts
    compiled(() => webhook('bank', fc.string(), { to: 'http://shop/', sign: (_, atMs) => ({ at: atMs }) }))
  })

  test('a handler may be a function, { fetch }, or one for each method, made at once or later', () => {
    expectTypeOf(serve).parameter(0).toExtend<() => unknown>()
    serve(() => app)
    serve(() => ({ fetch: app }))
    serve(() => ({ GET: app, POST: app }))
    serve(() => Promise.resolve(app))
  })

  test('a system without invariants is taken by a test, and by nobody else', () => {
    const { invariants: _, ...unjudged } = system
    compiled(() => testResilience('looked at', unjudged))
    compiled(() => testResilience('looked at', { numRuns: 1 }, () => unjudged))
    // @ts-expect-error invariants are missing
    compiled(() => assess(unjudged))
  })

  test('cases of each reach the set-up with their type', () => {
    compiled(() =>
      testResilience.each([{ app }, { app }])('case', ({ app: one }) => {
        expectTypeOf(one).toEqualTypeOf<() => Response>()
        return system
      }),
    )
  })
})

describe('what is refused, on its line', () => {
  test('a column that the rows do not have', () => {
    // @ts-expect-error it is "order"
    entry.by((e) => e.ordr)
    // @ts-expect-error it is "order"
    charge.by((c) => c.id)
    // @ts-expect-error it is "order"
    pay.by((p) => p.ordr)
  })

  test('keys of two types', () => {
    exactlyOnce(
      pay.by((p) => p.order),
      // @ts-expect-error cents are a number, and an order is a string
      entry.by((e) => e.cents),
    )
  })

  test('a fault that there is not', () => {
    expectTypeOf<FaultKind>().toEqualTypeOf<
      | 'lose'
      | 'duplicate'
      | 'crash'
      | 'delay'
      | 'error'
      | 'reset'
      | 'close'
      | 'refuse'
      | 'lookup'
      | 'unreachable'
      | 'throttle'
      | 'hang'
      | 'garble'
      | 'trickle'
      | 'leave'
      | 'partition'
      | 'slow'
      | 'latency'
      | 'pause'
      | 'deploy'
      | 'readonly'
      | 'stale'
      | 'unsynced'
      | 'jump'
      | 'skew'
      | 'drift'
    >()
    compiled(() =>
      testResilience('claims', {
        // @ts-expect-error it is "crash"
        tolerates: ['lose', 'crush'],
        ...system,
      }),
    )
    compiled(() =>
      testResilience('claims', {
        // @ts-expect-error it is "crash"
        tolerates: { except: ['crush'] },
        ...system,
      }),
    )
    compiled(() =>
      testResilience('claims', {
        ...system,
        // @ts-expect-error it is "crash"
        tolerates: { 'client -> shop': ['crush'] },
      }),
    )
    compiled(() =>
      testResilience('claims', {
        ...system,
        // @ts-expect-error a part is "forward" or "back"
        tolerates: { shop: [{ kind: 'jump', direction: 'forwards' }] },
      }),
    )
  })

  test('options that there are not', () => {
    // @ts-expect-error it is "retries"
    compiled(() => op('pay', fc.nat(), () => undefined, { retry: 2 }))
    // @ts-expect-error it is "replays"
    compiled(() => requests('charge', 'POST https://pay.example/charges', () => ({}), { replay: 'idempotency-key' }))
    // @ts-expect-error it is "at"
    compiled(() => serve(() => app, { url: 'https://shop.example' }))
    // @ts-expect-error it is "name"
    compiled(() => map(new Map(), { named: 'seen' }))
    // @ts-expect-error it is "wipe"
    compiled(() => sqlite(new DatabaseSync(':memory:'), { wiped: true }))
    // @ts-expect-error it is "numRuns"
    compiled(() => testResilience('often', { runs: 1_000 }, system))
  })

  test('fields that a system does not have, or lacks', () => {
    const { nodes, operations, invariants } = system
    compiled(() =>
      testResilience('misspelt', {
        nodes,
        operations,
        // @ts-expect-error it is "invariants"
        invariant: invariants,
      }),
    )
    // @ts-expect-error nothing is claimed
    const nothing: System = { nodes, operations }
    compiled(() => nothing)
    // @ts-expect-error an operation's input comes first
    const order: System = { nodes, invariants, operations: ['pay'] }
    compiled(() => order)
  })

  test('a handler that gives no Response', () => {
    // @ts-expect-error a string is no Response
    serve(() => () => 'ok')
  })

  test('a set-up that gives no system', () => {
    // @ts-expect-error nothing is returned
    compiled(() => testResilience('forgotten', async () => undefined))
  })
})
