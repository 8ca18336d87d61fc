import { describe, expect, test } from 'vitest'
import { fold, judge } from '../../src/check/fold.ts'
import { sometimes } from '../../src/check/sometimes.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { sometimesTwin } from './brute-force/late-twins.ts'
import { charge } from './brute-force/nouns.ts'
import { commit, effect, historyOf, over, row, struck } from './build-history.ts'

const email = journal<number>('email')
const two = sometimes('two emails', email, (all) => all.length === 2)
const faulty = sometimes('a fault', (history) => history.events.some(({ kind }) => kind === 'fault'))
const emails = (count: number) => historyOf(...Array.from({ length: count }, (_, n) => effect(n, 'email', n)), over(99))

const toReachIt =
  'To reach it: more random histories (numRuns), more operations that meet (maxOperations, inputs that repeat), or ' +
  'the kinds of fault that lead there (tolerates).'

describe('sometimes', () => {
  test('holds when the predicate was true at some moment, even if not at the end', () => {
    expect(two.check(emails(3))).toEqual({ kind: 'holds', reasons: [] })
  })

  test('sees the rows of one commit together', () => {
    const first = { atMs: 5, event: 0 }
    const one = sometimes(
      'one row',
      rows('t', () => [0]),
      (all) => all.length === 1,
    )

    expect(one.check(historyOf(commit(5), over(9), row('t', 1, first), row('t', 2, first))).kind).toBe('vacuous')
  })

  test('can judge the whole history, and then needs no effect', () => {
    expect([
      faulty.check(historyOf(struck(1), over(9))).kind,
      faulty.check(historyOf(over(9))).kind,
      faulty.effects,
    ]).toEqual(['holds', 'vacuous', []])
  })

  test('is vacuous, never violated, when the predicate was never true', () => {
    expect(two.check(emails(1))).toEqual({
      kind: 'vacuous',
      reasons: [{ text: `"two emails" was not true at any "email" effect. ${toReachIt}`, kind: 'vacuous', events: [] }],
    })
    expect(two.check(emails(0)).kind).toBe('vacuous')
  })

  test('is unknown when the predicate was never true and once gave no answer', () => {
    const careless = sometimes('careless', email, (all) => {
      if (all.length === 1) throw new Error('too few')
      return all.length > 2
    })

    expect(careless.check(emails(2))).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('too few') as string }],
    })
    expect(careless.check(emails(3)).kind).toBe('holds')
  })

  test('fails a test when no history reached it, and passes when one did', () => {
    const run = fold([two])
    run.add([two.check(emails(1))])

    expect(judge(run.result())).toMatchObject({
      passes: false,
      failures: [
        `two emails had nothing to look at in 1 history: "two emails" was not true at any "email" effect. ${toReachIt}`,
      ],
    })

    run.add([two.check(emails(2))])

    expect(judge(run.result())).toMatchObject({ passes: true, failures: [], remarks: [] })
  })

  test('agrees with its twin', () => {
    const predicate = (values: readonly { quantity: number }[]) => {
      const total = values.reduce((all, { quantity }) => all + quantity, 0)
      if (total === 1) throw new Error('will not say')
      return total === 3
    }

    expectAgreement(sometimes('three', charge, predicate), sometimesTwin(predicate), ['holds', 'unknown', 'vacuous'])
  })
})
