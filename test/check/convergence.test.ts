import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { convergence } from '../../src/check/convergence.ts'
import { effect, rows } from '../../src/history/effect.ts'
import type { History } from '../../src/history/history.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { convergenceTwin } from './brute-force/late-twins.ts'
import { keyOf } from './brute-force/nouns.ts'
import { replicatedHistory, smallReplicas } from './brute-force/random-replays.ts'
import { ends, historyOf, invoke, over, row, struck } from './build-history.ts'
import { failureName } from '../../src/verdict/reason.ts'

interface Entry {
  readonly id: string
  readonly text: string
}

const [left, right, third] = [
  rows<Entry>('left', () => []),
  rows<Entry>('right', () => []),
  rows<Entry>('third', () => []),
]
const put = op('put', fc.record({ id: fc.string(), text: fc.string() }), () => undefined)
const equal = convergence([left, right])
const faithful = convergence(
  [left.by((e) => e.id), right.by((e) => e.id)],
  put.by((p) => p.id),
)
const entry = (id: string, text = 'x') => ({ id, text })
const done = [invoke(0, 'put', 0, entry('a')), ends(10, 'ok', 0)]

describe('convergence', () => {
  test('holds when all replicas have the same values, in any order of rows and fields', () => {
    const history = historyOf(
      over(9),
      row('left', entry('a')),
      row('left', entry('b')),
      row('right', { text: 'x', id: 'b' }),
      row('right', entry('a')),
    )

    expect(equal.check(history)).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated when one replica has another value', () => {
    const history = historyOf(over(9), row('left', entry('a', 'old')), row('right', entry('a', 'new')))

    expect(equal.check(history)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'left and right differ at the end: only left has {"id":"a","text":"old"}, only right has ' +
            '{"id":"a","text":"new"}; expected equal.',
          kind: 'diverged',
          of: 'left and right',
          between: ['left', 'right'],
          events: [],
        },
      ],
    })
  })

  test('is violated when one replica has more copies of a value', () => {
    const history = historyOf(over(9), row('left', entry('a')), row('right', entry('a')), row('right', entry('a')))

    expect(equal.check(history).reasons[0]?.text).toBe(
      'left and right differ at the end: only right has {"id":"a","text":"x"}; expected equal.',
    )
  })

  test('compares every replica with the first', () => {
    const history = historyOf(over(9), row('left', entry('a')), row('right', entry('a')))

    const verdict = convergence([left, right, third]).check(history)

    expect(verdict.reasons.map(failureName)).toEqual(['diverged left and third'])
  })

  test('is violated when all replicas lack an acknowledged key', () => {
    const verdict = faithful.check(historyOf(...done, struck(5), over(50)))

    expect(verdict.reasons.map(failureName)).toEqual(['missing left', 'missing right'])
    expect(verdict.reasons[0]).toEqual({
      text: 'put was answered ok for "a" at 0.010 s, but left is not there at the end; expected it in every replica.',
      kind: 'missing',
      of: 'left',
      subject: 'a',
      events: [0, 1],
    })
  })

  test('is violated when all replicas have a key that nobody wrote', () => {
    const verdict = faithful.check(historyOf(over(50), row('left', entry('b')), row('right', entry('b'))))

    expect(verdict.reasons.map(failureName)).toEqual(['phantom left', 'phantom right'])
  })

  test('allows the key of an operation without an answer to be there or not', () => {
    const unanswered = [invoke(20, 'put', 1, entry('b')), ends(30, 'info', 1)]
    const lines = [...done, ...unanswered, over(50), row('left', entry('a')), row('right', entry('a'))]
    const without = historyOf(...lines)
    const withIt = historyOf(...lines, row('left', entry('b')), row('right', entry('b')))

    expect(faithful.check(without).kind).toBe('holds')
    expect(faithful.check(withIt).kind).toBe('holds')
  })

  test('is unknown at a bound, equal or not', () => {
    const bound = over(9, 'recoverForMs')
    const different = historyOf(bound, row('left', entry('a')))
    const alike = historyOf(bound, row('left', entry('a')), row('right', entry('a')))

    expect(equal.check(different).kind).toBe('unknown')
    expect(equal.check(alike).kind).toBe('unknown')
  })

  test('is vacuous when all replicas are empty', () => {
    expect(equal.check(historyOf(over(9))).reasons[0]?.text).toContain('all replicas are empty')
    expect(faithful.check(historyOf(invoke(0, 'put', 0, entry('a')), over(9))).reasons[0]?.text).toContain(
      'no "put" operation was answered ok',
    )
  })

  test('refuses replicas that cannot be compared', () => {
    expect(() => convergence([left])).toThrow('convergence([left]): give at least two replicas.')
    expect(() => convergence([left, left])).toThrow('two replicas are named "left"')

    const unkeyed = convergence(
      [left, right] as unknown as Parameters<typeof convergence<string>>[0],
      put.by((p) => p.id),
    ) // as JavaScript may

    expect(check(historyOf(over(1)), [unkeyed])[0]).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('left lacks .by(...)') as string }],
    })
  })

  test('agrees with its twin', () => {
    const [a, b, c] = smallReplicas

    expectAgreement(
      convergence([a, b, c]),
      convergenceTwin(['left', 'middle', 'right']),
      ['holds', 'violated', 'unknown', 'vacuous'],
      replicatedHistory,
    )

    const putItem = op('put', fc.record({ key: fc.string() }), () => undefined)

    expectAgreement(
      convergence(
        [a.by(keyOf), b.by(keyOf)],
        putItem.by((p) => p.key as string | number),
      ),
      convergenceTwin(['left', 'middle'], 'put'),
      ['holds', 'violated', 'unknown', 'vacuous'],
      replicatedHistory,
    )
  })
})

describe('views of an actor', () => {
  const shown = effect<Entry>({ from: 'reads', name: 'shown', actor: 'screen', key: Symbol('screen'), view: () => [] })
  const screens = convergence([shown, left])
  const faithfulScreens = convergence(
    [shown.by((e) => e.id), left.by((e) => e.id)],
    put.by((p) => p.id),
  )
  /** A history in which these clients have a view, with these values. */
  const seen = (history: History, views: Readonly<Record<string, readonly Entry[]>>): History => ({
    ...history,
    readings: [
      ...history.readings,
      ...Object.entries(views).flatMap(([node, values]) => values.map((value) => ({ effect: 'shown', node, value }))),
    ],
    views: Object.keys(views).map((node) => ({ effect: 'shown', node })),
  })

  test('hold when each client shows the rows of the store', () => {
    const history = seen(historyOf(...done, over(20), row('left', entry('a'))), {
      'client#0': [entry('a')],
      'client#1': [entry('a')],
    })

    expect(screens.check(history).kind).toBe('holds')
    expect(faithfulScreens.check(history).kind).toBe('holds')
  })

  test('are violated when one of them does not, even if it is empty', () => {
    const history = seen(historyOf(...done, over(20), row('left', entry('a'))), {
      'client#0': [entry('a')],
      'client#1': [],
    })
    const reason = {
      text:
        'shown of client 0 and shown of client 1 differ at the end: only shown of client 0 has ' +
        '{"id":"a","text":"x"}; expected equal.',
      kind: 'diverged',
      of: 'shown and shown',
      between: ['shown', 'shown'],
      events: [],
    }

    expect(screens.check(history)).toEqual({ kind: 'violated', reasons: [reason] })
    expect(convergence([shown]).check(history)).toEqual({ kind: 'violated', reasons: [reason] })
    expect(faithfulScreens.check(history)).toMatchObject({
      reasons: [
        reason,
        {
          text: expect.stringContaining('but shown of client 1 is not there at the end') as string,
          kind: 'missing',
          of: 'shown',
        },
      ],
    })
  })

  test('are unknown at a bound', () => {
    const history = seen(historyOf(...done, over(20, 'recoverForMs')), { 'client#0': [entry('a')] })

    expect(screens.check(history).kind).toBe('unknown')
  })

  describe('are vacuous', () => {
    const withoutViews = historyOf(...done, over(20), row('left', entry('a')))
    const onlyScreens = convergence(
      [shown.by((e) => e.id)],
      put.by((p) => p.id),
    )

    test('when no client has a view', () => {
      expect(onlyScreens.check(withoutViews).kind).toBe('vacuous')
      expect(screens.check(withoutViews)).toEqual({
        kind: 'vacuous',
        reasons: [{ text: 'left is the only replica that there is', kind: 'vacuous', events: [] }],
      })
    })

    test('when only one client has a view, and nothing else is compared', () => {
      const oneView = seen(withoutViews, { 'client#0': [entry('a')] })

      expect(convergence([shown]).check(oneView).kind).toBe('vacuous')
    })
  })
})
