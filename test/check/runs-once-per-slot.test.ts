import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { runsOncePerSlot } from '../../src/check/runs-once-per-slot.ts'
import { journal } from '../../src/history/effect.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { slotHistory, slotTwin, type Run } from './brute-force/budgets.ts'
import { effect, historyOf, over, row } from './build-history.ts'
import { failureName } from '../../src/verdict/reason.ts'

const report = journal<Run>('report')
const hourly = runsOncePerSlot(report, { everyMs: 1_000, withinMs: 100 })
const told = runsOncePerSlot(report, { everyMs: 1_000, withinMs: 1_500, slot: (r) => r.slot, key: (r) => r.job })
const ran = (endMs: number, ...atMs: readonly number[]) =>
  historyOf(...atMs.map((ms) => effect(ms, 'report', {})), over(endMs))

describe('runsOncePerSlot', () => {
  test('holds when the job ran once for each slot that is over', () => {
    expect(hourly.check(ran(2_101, 1_000, 2_100))).toEqual({ kind: 'holds', reasons: [] })
    expect(hourly.check(ran(3_100, 1_000, 2_000)).kind).toBe('holds')
  })

  test('is violated when the job ran twice, late or early', () => {
    expect(hourly.check(ran(1_200, 1_000, 1_050)).reasons).toEqual([
      {
        text: 'report ran twice for slot 0 (1.000 s): at 1.000 s and at 1.050 s; expected once.',
        kind: 'ran-twice',
        of: 'report',
        events: [0, 1],
      },
    ])
    expect(hourly.check(ran(1_200, 1_101)).reasons).toEqual([
      {
        text: 'report ran at 1.101 s for slot 0 (1.000 s); expected it by 1.100 s.',
        kind: 'ran-late',
        of: 'report',
        events: [0],
      },
    ])
    expect(hourly.check(ran(1_050, 999)).reasons[0]).toMatchObject({
      text: 'report ran at 0.999 s, before slot 0 (1.000 s); expected it then.',
      kind: 'ran-early',
      of: 'report',
    })
  })

  test('is violated when the job never ran, with one reason for consecutive slots', () => {
    expect(hourly.check(ran(4_200, 1_000, 4_000)).reasons).toEqual([
      {
        text:
          'report never ran for slot 1 (2.000 s) to slot 2 (3.000 s); expected once for each slot, by ' +
          '3.100 s for ' +
          'the last.',
        kind: 'run-missed',
        of: 'report',
        events: [0, 1],
      },
    ])
    expect(hourly.check(ran(1_101)).reasons[0]?.text).toBe(
      'report never ran for slot 0 (1.000 s); expected once for each slot, by 1.100 s for the last.',
    )
  })

  test('takes the slot from the run, and judges each job on its own', () => {
    const runs = (...all: readonly (readonly [atMs: number, job: string, slot: number])[]) =>
      historyOf(...all.map(([atMs, job, slot]) => effect(atMs, 'report', { job, slot })), over(2_600))

    expect(told.check(runs([1_000, 'a', 0], [2_400, 'b', 0], [2_500, 'a', 1])).kind).toBe('holds')
    expect(
      told
        .check(runs([1_000, 'a', 0], [1_100, 'a', 0], [1_200, 'b', 1]))
        .reasons.map((reason) => [failureName(reason), reason.subject]),
    ).toEqual([
      ['ran-twice report', 'a'],
      ['ran-early report', 'b'],
      ['run-missed report', 'b'],
    ])
  })

  test('is unknown when a run has neither time nor slot', () => {
    expect(check(historyOf(over(9), row('report', {})), [hourly])[0]?.reasons[0]?.text).toContain(
      'has no time; write it down in a journal',
    )
    expect(check(historyOf(effect(1, 'report', { job: 'a', slot: -1 })), [told])[0]?.reasons[0]?.text).toContain(
      'give a whole number from 0',
    )
  })

  test('is vacuous before the first slot is over', () => {
    expect(hourly.check(ran(1_100)).reasons[0]?.text).toBe(
      'the history ended before the first slot was over: does the handler reach journal("report").add?',
    )
    expect(told.check(ran(9_000)).reasons[0]?.text).toContain('nothing ran')
  })

  test('refuses invalid times', () => {
    expect(() => runsOncePerSlot(report, { everyMs: 0 })).toThrow('everyMs is 0')
    expect(() => runsOncePerSlot(report, { everyMs: 1, firstMs: Number.NaN })).toThrow('firstMs is NaN')
    expect(() => runsOncePerSlot(report, { everyMs: 1, withinMs: 2 })).toThrow('withinMs 2 is longer than everyMs 1')
  })

  test('agrees with its twin', () => {
    expectAgreement(
      runsOncePerSlot(report, { everyMs: 5, firstMs: 3, withinMs: 2 }),
      slotTwin({ told: false, jobs: false, withinMs: 2 }),
      ['holds', 'violated', 'unknown', 'vacuous'],
      slotHistory,
    )
    expectAgreement(
      runsOncePerSlot(report, { everyMs: 5, firstMs: 3, withinMs: 2, slot: (r) => r.slot, key: (r) => r.job }),
      slotTwin({ told: true, jobs: true, withinMs: 2 }),
      ['holds', 'violated', 'unknown', 'vacuous'],
      slotHistory,
    )
  })
})
