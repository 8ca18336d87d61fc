import { describe, expect, test } from 'vitest'
import { eventually } from '../../src/check/eventually.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { eventuallyTwin } from './brute-force/late-twins.ts'
import { charge } from './brute-force/nouns.ts'
import { effect, historyOf, invoke, over, row } from './build-history.ts'

const order = rows<string>('order', () => [])
const settled = eventually('all shipped', order, (states) => {
  const open = states.filter((state) => state !== 'shipped')
  return open.length === 0 || `${open.length} still open`
})
const begun = invoke(0, 'ship', 0)

describe('eventually', () => {
  test('holds when the predicate is true at the end, even if it was false before', () => {
    expect(settled.check(historyOf(begun, over(9), row('order', 'shipped'))).kind).toBe('holds')

    const sum = eventually('paid back', journal<number>('entry'), (entries) => entries.reduce((a, b) => a + b, 0) === 0)

    expect(sum.check(historyOf(effect(1, 'entry', -5), effect(2, 'entry', 5), over(9))).kind).toBe('holds')
    expect(sum.check(historyOf(effect(1, 'entry', 0), effect(2, 'entry', 5), over(9))).kind).toBe('violated')
  })

  test('judges an empty list of effects once an operation was invoked', () => {
    expect(settled.check(historyOf(begun, over(9))).kind).toBe('holds')
  })

  test('is violated when the predicate is false and nothing is left to do', () => {
    expect(settled.check(historyOf(begun, over(9), row('order', 'shipped'), row('order', 'paid')))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: '"all shipped" was not true at the end, with 2 order: 1 still open.',
          kind: 'custom',
          of: 'all shipped',
          events: [1],
        },
      ],
    })
  })

  test('is unknown at a bound, and when the predicate throws', () => {
    expect(settled.check(historyOf(begun, over(9, 'maxSteps'), row('order', 'paid')))).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('"all shipped" might still come true') as string }],
    })

    const careless = eventually('careless', order, () => {
      throw new Error('no such field')
    })

    expect(careless.check(historyOf(begun, over(9)))).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('no such field') as string }],
    })
  })

  test('is vacuous when nothing happened', () => {
    expect(settled.check(historyOf(over(9))).kind).toBe('vacuous')
  })

  test('agrees with its twin', () => {
    const predicate = (values: readonly { quantity: number }[]) => {
      const total = values.reduce((all, { quantity }) => all + quantity, 0)
      if (total === 5) throw new Error('will not say')
      return total < 4 || 'too much'
    }

    expectAgreement(eventually('little', charge, predicate), eventuallyTwin('little', predicate), [
      'holds',
      'violated',
      'unknown',
      'vacuous',
    ])
  })
})
