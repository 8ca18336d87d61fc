import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { noHang } from '../../src/check/no-hang.ts'
import { holds, vacuous, violated, type Invariant } from '../../src/verdict/verdict.ts'
import { ends, historyOf, invoke, over } from './build-history.ts'

const history = historyOf(invoke(0, 'pay', 0), ends(1, 'ok', 0), over(2))

function invariant(name: string, run: () => unknown): Invariant {
  // A user's JavaScript may return anything
  return { kind: 'invariant', name, effects: [], check: run as () => ReturnType<Invariant['check']> }
}

describe('check', () => {
  test('gives the verdict of each invariant, in their order', () => {
    const found = violated({ text: 'it broke', kind: 'custom', of: 'broken', events: [1] })

    expect(
      check(history, [invariant('a', () => vacuous('nothing')), noHang(), invariant('b', () => found)]).map(
        ({ kind }) => kind,
      ),
    ).toEqual(['vacuous', 'holds', 'violated'])
    expect(check(history, [])).toEqual([])
  })

  test('makes an invariant that throws unknown, and goes on', () => {
    const throws = (error: unknown) =>
      invariant('mine', () => {
        throw error
      })

    expect(check(history, [throws(new Error('out of budget')), throws('a text'), noHang()])).toEqual([
      { kind: 'unknown', reasons: [{ text: 'mine threw: out of budget', kind: 'no-verdict', events: [] }] },
      { kind: 'unknown', reasons: [{ text: 'mine threw: a text', kind: 'no-verdict', events: [] }] },
      holds,
    ])
  })

  test.each([
    ['nothing', undefined, 'no verdict'],
    ['true', true, 'no verdict'],
    ['a kind that is none', { kind: 'fine', reasons: [] }, 'no verdict'],
    ['no reasons', { kind: 'holds' }, 'no verdict'],
    ['a promise', Promise.resolve(holds), 'a promise'],
  ])('makes one that returns %s unknown', (_, said, found) => {
    expect(check(history, [invariant('mine', () => said)])).toMatchObject([
      { kind: 'unknown', reasons: [{ text: `mine returned ${found}; return holds, violated, unknown or vacuous.` }] },
    ])
  })

  test('makes a reason of unknown kind unknown, and says how to write one', () => {
    const ofVersion1 = { text: 'it is late', class: 'late', events: [] }

    const [verdict] = check(history, [invariant('mine', () => ({ kind: 'violated', reasons: [ofVersion1] }))])

    expect(verdict).toEqual({
      kind: 'unknown',
      reasons: [
        {
          kind: 'no-verdict',
          text:
            'mine returned a reason whose kind is undefined; ' +
            "return { kind: 'custom', of: a name for this failure, text, events }.",
          events: [],
        },
      ],
    })
  })

  test('gives a reason to a verdict that has none', () => {
    expect(check(history, [invariant('mine', () => violated())])).toEqual([
      { kind: 'violated', reasons: [{ text: 'mine gave no reason.', kind: 'custom', of: 'mine', events: [] }] },
    ])
  })
})
