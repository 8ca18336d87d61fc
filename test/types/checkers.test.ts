// What the compiler must accept and refuse of the checkers. tsc checks the expected errors; vitest that nothing throws.
import * as fc from 'fast-check'
import { describe, expectTypeOf, test } from 'vitest'
import { always } from '../../src/check/always.ts'
import { atLeastOnce } from '../../src/check/at-least-once.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { boundedCall } from '../../src/check/bounded-call.ts'
import type { Agreeing } from '../../src/check/by-key.ts'
import { exactlyOnce } from '../../src/check/exactly-once.ts'
import { noHang } from '../../src/check/no-hang.ts'
import { counted, noOversell } from '../../src/check/no-oversell.ts'
import { noPhantom } from '../../src/check/no-phantom.ts'
import { journal } from '../../src/effect.ts'
import { op } from '../../src/operation.ts'
import type { Invariant } from '../../src/verdict.ts'

type OrderId = string & { readonly brand: 'order' }

const pay = op('pay', fc.record({ order: fc.string(), amount: fc.nat(), method: fc.constantFrom('card', 'cash'), id: fc.string().map((id) => id as OrderId) }),
  () => undefined)
const charge = journal<{ order: string; amount: number; id: OrderId }>('charge')

describe('types of the checkers', () => {
  test('every checker is an invariant', () => {
    expectTypeOf(exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order))).toEqualTypeOf<Invariant>()
    expectTypeOf(atMostOnce(charge.by((c) => c.order))).toEqualTypeOf<Invariant>()
    expectTypeOf(noHang()).toEqualTypeOf<Invariant>()
    expectTypeOf(boundedCall(1, pay)).toEqualTypeOf<Invariant>()
  })

  test('the types of both keys must agree, and the effect is to blame', () => {
    const byAmount = charge.by((c) => c.amount)
    // @ts-expect-error the key of pay is a string
    exactlyOnce(pay.by((p) => p.order), byAmount)
    // @ts-expect-error the key of pay is a string
    exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.amount))
    exactlyOnce(
      pay.by((p) => p.order),
      // @ts-expect-error the error stands on the line of the effect
      byAmount,
    )
    // @ts-expect-error the key of pay is a number
    atLeastOnce(pay.by((p) => p.amount), charge.by((c) => c.order))
    // @ts-expect-error the key of pay is a string
    noPhantom(pay.by((p) => p.order), byAmount)
    // @ts-expect-error the keys of both operations are strings
    noPhantom([pay.by((p) => p.order), pay.by((p) => p.method)], byAmount)
  })

  test('both sides must be keyed', () => {
    // @ts-expect-error pay lacks .by
    exactlyOnce(pay, charge.by((c) => c.order))
    // @ts-expect-error charge lacks .by
    exactlyOnce(pay.by((p) => p.order), charge)
    // @ts-expect-error charge lacks .by
    atMostOnce(charge)
    // @ts-expect-error the sides are swapped
    exactlyOnce(charge.by((c) => c.order), pay.by((p) => p.order))
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
    exactlyOnce(pay.by((p) => p.method), charge.by((c) => c.order))
    exactlyOnce(pay.by((p) => p.id), charge.by((c) => c.id))
    const byOrder = charge.by((c) => c.order)
    // @ts-expect-error any string is not yet an order's id
    exactlyOnce(pay.by((p) => p.id), byOrder)
  })

  test('always takes true, false or a reason, and knows the values', () => {
    always('few', charge, (all) => {
      expectTypeOf(all).toEqualTypeOf<readonly { order: string; amount: number; id: OrderId }[]>()
      return all.length < 9 || 'too many'
    })
    // @ts-expect-error nothing is no answer
    always('forgotten', charge, () => undefined)
    // @ts-expect-error forgotten return
    always('forgotten', charge, (all) => { all.every(({ amount }) => amount > 0) })
    // @ts-expect-error checkers are synchronous
    always('asynchronous', charge, () => Promise.resolve(true))
  })

  test('noOversell knows the key that the stock is asked for', () => {
    noOversell(charge.by((c) => c.order), { stock: (order) => { expectTypeOf(order).toEqualTypeOf<string>(); return 1 } })
    noOversell(counted(charge, (c) => c.order, (c) => c.amount), { stock: 1, restocked: charge.by((c) => c.order) })
    const byAmount = charge.by((c) => c.amount)
    // @ts-expect-error what is restocked is keyed alike
    noOversell(charge.by((c) => c.order), { stock: 1, restocked: byAmount })
    // @ts-expect-error a level needs a quantity
    noOversell(charge.by((c) => c.order), { stock: 1, level: charge.by((c) => c.order) })
    // @ts-expect-error the stock is said
    noOversell(charge.by((c) => c.order), {})
  })
})
