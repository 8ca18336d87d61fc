import { describe, expect, test } from 'vitest'
import type { MicroOp } from '../../src/history/act.ts'
import { consistencyModels, implies, ruledOutWith, weakestOf } from '../../src/verdict/consistency.ts'
import { ofTransactions, weakest, type ModelJudge } from '../../src/check/weakest.ts'
import { inTurn, together } from './build-transactions.ts'
import { failureName } from '../../src/verdict/reason.ts'

const r = (key: string, value: unknown): MicroOp => ['r', key, value]
const add = (key: string, element: unknown): MicroOp => ['append', key, element]

describe('weakest', () => {
  const skew = together([0, [r('x', null), add('y', 1)]], [1, [r('y', null), add('x', 1)]])

  test('names the weakest violated model, the stronger ones, and those that are not ruled out', () => {
    const found = weakest(skew)

    expect(found).toMatchObject({
      kind: 'violated',
      violated: ['repeatable read'],
      alsoViolated: ['serializable', 'strong session serializable', 'strict serializable'],
      text:
        'Not repeatable read (G2-item); so neither serializable, nor strong session serializable, nor strict ' +
        'serializable. Not ruled out: strong snapshot isolation.',
    })
    expect(found.notRuledOut).toContain('read committed')
    expect(found.reasons.map(failureName)).toEqual(['anomaly G2-item'])
  })

  test('names several models if none is weaker than another', () => {
    const fork = together(
      [0, [add('x', 1)]],
      [1, [add('y', 1)]],
      [2, [r('x', [1]), r('y', null)]],
      [3, [r('x', null), r('y', [1])]],
    )

    expect(weakest(fork)).toMatchObject({ violated: ['repeatable read', 'snapshot isolation'] })
    expect(weakest(fork).text).toContain(
      'Not repeatable read and snapshot isolation (long fork); so neither serializable',
    )
    expect(weakest(fork).text).toContain('Not ruled out: parallel snapshot isolation and causal.')
  })

  test('distinguishes the order of sessions from real time', () => {
    expect(weakest(inTurn([0, [add('x', 1)]], [0, [r('x', [])]]), undefined, [ofTransactions]).violated).toEqual([
      'strong session snapshot isolation',
    ])
    expect(weakest(inTurn([0, [add('x', 1)]], [1, [r('x', [])]])).violated).toEqual(['strong snapshot isolation'])
    expect(
      weakest(inTurn([0, [r('x', null), add('y', 1)]], [0, [r('y', null)]], [0, [add('x', 1)]]), undefined, [
        ofTransactions,
      ]).violated,
    ).toEqual(['strong session snapshot isolation'])
  })

  test('names a session guarantee if that is weaker than any model of transactions', () => {
    const unseen = weakest(inTurn([0, [add('x', 1)]], [0, [r('x', [])]]))

    expect([unseen.violated, unseen.reasons[0]?.kind]).toEqual([['read your writes'], 'own-write-unseen'])
    expect(unseen.alsoViolated).toContain('strong session snapshot isolation')
    expect(unseen.text).toMatch(
      /^Not read your writes \(own write unseen\); so neither PRAM, .*\. Not ruled out: .*serializable.*\.$/,
    )

    const back = inTurn([0, [add('x', 1)]], [1, [r('x', [1])]], [1, [r('x', [])]])

    expect(weakest(back).violated).toEqual(['monotonic reads'])
  })

  test('reports only the causal model for a register, since it is not known which guarantee is broken', () => {
    const set = inTurn([0, [['w', 'x', 1]]], [0, [r('x', null)]])

    expect(weakest(set).violated).toEqual(['causal'])
  })

  test('reports all anomalies, the worst first', () => {
    const both = together(
      [0, [add('x', 1)], 'fail'],
      [1, [r('x', [1])]],
      [2, [r('y', null), add('z', 1)]],
      [3, [r('z', null), add('y', 1)]],
    )

    expect(weakest(both).reasons.map(failureName)).toEqual(['anomaly G1a', 'anomaly G2-item'])
    expect(weakest(both, undefined, [ofTransactions]).text).toMatch(
      /^Not read committed \(G1a\); so neither cursor stability, .*\. Not ruled out: read uncommitted\.$/,
    )
  })

  test('leaves no weaker model below read uncommitted', () => {
    expect(weakest(together([0, [r('x', [1])]]), undefined, [ofTransactions]).text).toMatch(
      /^Not read uncommitted \(thin air\); .* Nothing weaker is left\.$/,
    )
  })

  test('finds nothing, or nothing to judge', () => {
    expect(weakest(inTurn([0, [add('x', 1)]], [1, [r('x', [1])]]))).toMatchObject({
      kind: 'holds',
      violated: [],
      text: 'No violation was found; not ruled out: strict serializable.',
    })
    expect(weakest(inTurn())).toMatchObject({
      kind: 'vacuous',
      notRuledOut: [],
      text: 'Nothing to judge: there is no transaction in the history.',
    })
  })

  test('accepts other judges of models', () => {
    const sessions: ModelJudge = () => ({
      models: ['monotonic reads', 'causal'],
      anomalies: [
        {
          name: 'read-went-back',
          models: ['monotonic reads'],
          reason: { text: 'x went back', kind: 'read-went-back', events: [] },
        },
      ],
    })
    const found = weakest(skew, undefined, [ofTransactions, sessions])

    expect(found.violated).toEqual(['repeatable read', 'monotonic reads'])
    expect(found.alsoViolated).toContain('strong snapshot isolation')
    expect(found.notRuledOut).not.toContain('causal')
  })
})

describe('the order of models', () => {
  test('is an order: no two imply each other', () => {
    for (const one of consistencyModels)
      for (const other of consistencyModels)
        if (one !== other) expect(implies(one, other) && implies(other, one)).toBe(false)
  })

  test('has strict serializability above all', () => {
    expect(consistencyModels.filter((one) => !implies('strict serializable', one))).toEqual([])
    expect(ruledOutWith(['linearizable'])).toEqual(['linearizable', 'strict serializable'])
  })

  test('keeps incomparable models apart', () => {
    expect(weakestOf(['serializable', 'snapshot isolation', 'repeatable read', 'causal'])).toEqual([
      'repeatable read',
      'snapshot isolation',
      'causal',
    ])
    expect(implies('serializable', 'causal')).toBe(false)
  })
})
