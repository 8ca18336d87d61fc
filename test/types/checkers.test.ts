// What the compiler must accept and refuse of the checkers. tsc checks the expected errors; vitest that nothing throws.
import * as fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ackDurable } from '../../src/check/ack-durable.ts'
import { always } from '../../src/check/always.ts'
import { atLeastOnce } from '../../src/check/at-least-once.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { boundedCall } from '../../src/check/bounded-call.ts'
import type { Agreeing } from '../../src/check/by-key.ts'
import { conservation } from '../../src/check/conservation.ts'
import { convergence } from '../../src/check/convergence.ts'
import { eventually } from '../../src/check/eventually.ts'
import { exactlyOnce } from '../../src/check/exactly-once.ts'
import { idempotentReplay } from '../../src/check/idempotent-replay.ts'
import { monotonic } from '../../src/check/monotonic.ts'
import { noHang } from '../../src/check/no-hang.ts'
import { counted, noOversell } from '../../src/check/no-oversell.ts'
import { noPhantom } from '../../src/check/no-phantom.ts'
import { counterBounds } from '../../src/check/counter-bounds.ts'
import { queueDelivery } from '../../src/check/queue-delivery.ts'
import { readYourWrites } from '../../src/check/session/read-your-writes.ts'
import { uniqueIds } from '../../src/check/unique-ids.ts'
import { retryBudget } from '../../src/check/retry-budget.ts'
import { sometimes } from '../../src/check/sometimes.ts'
import { journal } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import type { Invariant } from '../../src/verdict/verdict.ts'

type OrderId = string & { readonly brand: 'order' }

const pay = op(
  'pay',
  fc.record({
    order: fc.string(),
    amount: fc.nat(),
    method: fc.constantFrom('card', 'cash'),
    id: fc.string().map((id) => id as OrderId),
  }),
  () => undefined,
)
const charge = journal<{ order: string; amount: number; id: OrderId }>('charge')

describe('types of the checkers', () => {
  test('every checker is an invariant', () => {
    expectTypeOf(
      exactlyOnce(
        pay.by((p) => p.order),
        charge.by((c) => c.order),
      ),
    ).toEqualTypeOf<Invariant>()
    expectTypeOf(atMostOnce(charge.by((c) => c.order))).toEqualTypeOf<Invariant>()
    expectTypeOf(noHang()).toEqualTypeOf<Invariant>()
    expectTypeOf(boundedCall(1, pay)).toEqualTypeOf<Invariant>()
  })

  test('the types of both keys must agree, and the effect is to blame', () => {
    const byAmount = charge.by((c) => c.amount)
    exactlyOnce(
      pay.by((p) => p.order),
      // @ts-expect-error the key of pay is a string
      byAmount,
    )
    exactlyOnce(
      pay.by((p) => p.order),
      // @ts-expect-error the key of pay is a string
      charge.by((c) => c.amount),
    )
    exactlyOnce(
      pay.by((p) => p.order),
      // @ts-expect-error the error stands on the line of the effect
      byAmount,
    )
    atLeastOnce(
      pay.by((p) => p.amount),
      // @ts-expect-error the key of pay is a number
      charge.by((c) => c.order),
    )
    noPhantom(
      pay.by((p) => p.order),
      // @ts-expect-error the key of pay is a string
      byAmount,
    )
    // @ts-expect-error the keys of both operations are strings
    noPhantom([pay.by((p) => p.order), pay.by((p) => p.method)], byAmount)
  })

  test('both sides must be keyed', () => {
    exactlyOnce(
      // @ts-expect-error pay lacks .by
      pay,
      charge.by((c) => c.order),
    )
    exactlyOnce(
      pay.by((p) => p.order),
      // @ts-expect-error charge lacks .by
      charge,
    )
    // @ts-expect-error charge lacks .by
    atMostOnce(charge)
    exactlyOnce(
      // @ts-expect-error the sides are swapped
      charge.by((c) => c.order),
      pay.by((p) => p.order),
    )
  })

  test('a key is something that can be compared', () => {
    // @ts-expect-error an object is no key
    charge.by((c) => c)
  })

  test('literal types agree with their base, brands only with themselves', () => {
    expectTypeOf<Agreeing<'card' | 'cash'>>().toEqualTypeOf<string>()
    expectTypeOf<Agreeing<1 | 2>>().toEqualTypeOf<number>()
    expectTypeOf<Agreeing<true>>().toEqualTypeOf<boolean>()
    expectTypeOf<Agreeing<7n>>().toEqualTypeOf<bigint>()
    expectTypeOf<Agreeing<string | number>>().toEqualTypeOf<string | number>()
    expectTypeOf<Agreeing<OrderId>>().toEqualTypeOf<OrderId>()
    exactlyOnce(
      pay.by((p) => p.method),
      charge.by((c) => c.order),
    )
    exactlyOnce(
      pay.by((p) => p.id),
      charge.by((c) => c.id),
    )
    const byOrder = charge.by((c) => c.order)
    exactlyOnce(
      pay.by((p) => p.id),
      // @ts-expect-error any string is not yet an order's id
      byOrder,
    )
  })

  test('always takes true, false or a reason, and knows the values', () => {
    always('few', charge, (all) => {
      expectTypeOf(all).toEqualTypeOf<readonly { order: string; amount: number; id: OrderId }[]>()
      return all.length < 9 || 'too many'
    })
    // @ts-expect-error nothing is no answer
    always('forgotten', charge, () => undefined)
    // @ts-expect-error forgotten return
    always('forgotten', charge, (all) => {
      all.every(({ amount }) => amount > 0)
    })
    // @ts-expect-error checkers are synchronous
    always('asynchronous', charge, () => Promise.resolve(true))
  })

  test('noOversell knows the key that the stock is asked for', () => {
    noOversell(
      charge.by((c) => c.order),
      {
        stock: (order) => {
          expectTypeOf(order).toEqualTypeOf<string>()
          return 1
        },
      },
    )
    noOversell(
      counted(
        charge,
        (c) => c.order,
        (c) => c.amount,
      ),
      { stock: 1, restocked: charge.by((c) => c.order) },
    )
    const byAmount = charge.by((c) => c.amount)
    noOversell(
      charge.by((c) => c.order),
      // @ts-expect-error what is restocked is keyed alike
      { stock: 1, restocked: byAmount },
    )
    noOversell(
      charge.by((c) => c.order),
      // @ts-expect-error a level needs a quantity
      { stock: 1, level: charge.by((c) => c.order) },
    )
    const unsaid = (): unknown =>
      noOversell(
        charge.by((c) => c.order),
        // @ts-expect-error the stock is said
        {},
      )
    expect(unsaid).toThrow('give a number, or a function of the key')
  })

  test('ackDurable and convergence join by key', () => {
    const [byOrder, byAmount] = [charge.by((c) => c.order), charge.by((c) => c.amount)]
    expectTypeOf(
      ackDurable(
        pay.by((p) => p.order),
        byOrder,
      ),
    ).toEqualTypeOf<Invariant>()
    ackDurable(
      pay.by((p) => p.order),
      // @ts-expect-error the key of pay is a string
      byAmount,
    )
    const [left, right] = [journal<{ order: string }>('left'), journal<{ order: string }>('right')]
    expectTypeOf(convergence([left, right])).toEqualTypeOf<Invariant>()
    convergence(
      [left.by((l) => l.order), right.by((r) => r.order)],
      pay.by((p) => p.order),
    )
    convergence(
      // @ts-expect-error the key of pay is a number
      [left.by((l) => l.order), right.by((r) => r.order)],
      pay.by((p) => p.amount),
    )
    convergence(
      // @ts-expect-error replicas lack .by
      [left, right],
      pay.by((p) => p.order),
    )
  })

  test('idempotentReplay needs a key', () => {
    idempotentReplay(
      pay.by((p) => p.id),
      { answer: (value) => value },
    )
    // @ts-expect-error pay lacks .by
    idempotentReplay(pay)
  })

  test('conservation counts in numbers', () => {
    conservation(charge, (c) => c.amount, { total: 1 })
    // @ts-expect-error an order is no amount
    conservation(charge, (c) => c.order, { total: 1 })
    // @ts-expect-error the total is said
    expect(() => conservation(charge, (c) => c.amount, {})).toThrow('total is undefined')
  })

  test('monotonic knows the states, and takes states or versions', () => {
    const status = journal<{ order: string; state: 'placed' | 'paid'; version: bigint }>('status')
    monotonic(status, (s) => s.order, { state: (s) => s.state, order: ['placed', 'paid'] })
    monotonic(status, (s) => s.order, { version: (s) => s.version })
    // @ts-expect-error no such state
    monotonic(status, (s) => s.order, { state: (s) => s.state, order: ['placed', 'payed'] })
    expect(() =>
      // @ts-expect-error no such state
      monotonic(status, (s) => s.order, { state: (s) => s.state, order: ['placed', 'paid'], terminal: ['shipped'] }),
    ).toThrow('not in the order')
    // @ts-expect-error an order needs the state
    monotonic(status, (s) => s.order, { order: ['placed', 'paid'] })
    // @ts-expect-error a state is no version
    monotonic(status, (s) => s.order, { version: (s) => s.state })
  })

  test('retryBudget names a link', () => {
    retryBudget({ attempts: 1, backoffMs: (retry) => 2 ** retry, link: 'shop -> bank' })
    // @ts-expect-error a link has two ends
    expectTypeOf(retryBudget).toBeCallableWith({ attempts: 1, link: 'shop' })
  })

  test('eventually takes true, false or a reason; sometimes true or false, of values or of the history', () => {
    eventually('few', charge, (all) => all.every(({ amount }) => amount < 9) || 'too much')
    sometimes('many', charge, (all) => all.some(({ amount }) => amount > 9))
    sometimes('long', (history) => history.events.length > 99)
    // @ts-expect-error nothing is no answer
    eventually('forgotten', charge, () => undefined)
    // @ts-expect-error a reason says why not, and sometimes has nothing to explain
    sometimes('many', charge, (all) => all.length > 1 || 'too few')
  })

  test('readYourWrites and its family take what operations read and write, as it stands', () => {
    const get = op('get', fc.record({ order: fc.string() }), () => ({ amount: 1 }))
    readYourWrites([
      pay.as(({ order, amount }) => [['w', order, amount]]),
      get.as(({ order }, answer) => [['r', order, answer?.amount]]),
    ])
    readYourWrites()
    // @ts-expect-error an act is no transaction
    readYourWrites([pay.as(({ order }) => ({ f: 'read', key: order }))])
    // @ts-expect-error a micro-operation reads, writes or appends
    readYourWrites([pay.as(({ order }) => [['x', order, 1]])])
    counterBounds([pay.as(({ order, amount }) => ({ f: 'add', key: order, input: amount }))])
    uniqueIds(get.as((_, answer) => answer?.amount))
  })

  test('queueDelivery joins keys that agree, or takes acts; its order knows what came out', () => {
    queueDelivery(
      pay.by((p) => p.order),
      charge.by((c) => c.order),
      { order: (c: { order: string; amount: number }) => ({ partition: c.order, sequence: c.amount }) },
    )
    queueDelivery([pay.as((p) => ({ f: 'enqueue', input: p.order }))], { duplicates: 1 })
    queueDelivery(
      // @ts-expect-error a number is never a text
      pay.by((p) => p.amount),
      charge.by((c) => c.order),
    )
    // @ts-expect-error an operation alone has no receptions
    queueDelivery(pay.by((p) => p.order))
  })
})
