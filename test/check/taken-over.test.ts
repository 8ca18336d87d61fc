import { describe, expect, test } from 'vitest'
import { takenOver } from '../../src/check/taken-over.ts'
import { journal, rows } from '../../src/history/effect.ts'
import type { History } from '../../src/history/history.ts'
import { expectAgreement } from './brute-force/agree.ts'
import {
  boot,
  crash,
  does,
  eventsInOrder,
  fault,
  heal,
  over,
  takenOverTwin,
  takes,
  workingHistory,
} from './brute-force/taken-over.ts'

const begun = journal<string>('begun')
const finished = journal<string>('finished')
const within = takenOver(
  begun.by((key) => key),
  finished.by((key) => key),
  { withinMs: 100 },
)

/** Instance 1 begins job a, and dies at 20 ms by the only fault. */
const dies = [boot(0, 1), boot(0, 2), does(10, 'begun', 'a', 0), fault(20), crash(20, 1)] as const

describe('takenOver', () => {
  test('holds when another instance finishes in time', () => {
    const history = eventsInOrder(...dies, does(60, 'begun', 'a', 1), does(120, 'finished', 'a', 1), over(200))
    expect(within.check(history)).toEqual({ kind: 'holds', reasons: [] })
  })

  test('holds when the next life of the same instance does', () => {
    const history = eventsInOrder(...dies, boot(30, 1, 2), does(90, 'finished', 'a', 5), over(200))
    expect(within.check(history).kind).toBe('holds')
  })

  test('is violated when nobody does, and nothing is left to do', () => {
    expect(within.check(eventsInOrder(...dies, heal(30), over(40)))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'worker #1 began "a" at 0.010 s and died at 0.020 s; it was never finished; expected that somebody takes it ' +
            'over within 0.100 s after that.',
          kind: 'not-taken-over',
          of: 'begun',
          subject: 'a',
          events: [2, 4, 6],
        },
      ],
    })
  })

  test('is violated when somebody does too late', () => {
    const verdict = within.check(eventsInOrder(...dies, does(121, 'finished', 'a', 1), over(200)))
    expect(verdict).toMatchObject({ kind: 'violated', reasons: [{ events: [2, 4, 5] }] })
    expect(verdict.reasons[0]?.text).toContain('it was finished only at 0.121 s')
  })

  test('gives others time from healing if something else struck as well', () => {
    const healed = [fault(25), heal(1_000)] as const
    const inTime = eventsInOrder(...dies, ...healed, does(1_100, 'finished', 'a', 1), over(2_000))
    const late = eventsInOrder(...dies, ...healed, does(1_101, 'finished', 'a', 1), over(2_000))
    expect(within.check(inTime).kind).toBe('holds')
    expect(within.check(late).reasons[0]?.text).toContain('within 0.100 s after all had healed at 1.000 s')
  })

  test('is unknown when the history ends at a bound before the time is up', () => {
    expect(within.check(eventsInOrder(...dies, over(100, 'maxSteps'))).kind).toBe('unknown')
    expect(within.check(eventsInOrder(...dies, over(121, 'maxSteps'))).kind).toBe('violated')
  })

  test.each<[string, History]>([
    ['no work was begun', eventsInOrder(boot(0, 1), fault(20), crash(20, 1), over(40))],
    ['nobody died', eventsInOrder(boot(0, 1), does(10, 'begun', 'a', 0), over(40))],
    [
      'it was finished before',
      eventsInOrder(boot(0, 1), does(1, 'begun', 'a', 0), does(2, 'finished', 'a', 0), crash(3, 1), over(9)),
    ],
    ['the other one died', eventsInOrder(...dies.slice(0, 3), fault(20), crash(20, 2), over(40))],
    [
      'another one had taken it over before',
      eventsInOrder(...dies.slice(0, 3), does(15, 'begun', 'a', 1), fault(20), crash(20, 1), over(40)),
    ],
    [
      'an earlier life had begun it',
      eventsInOrder(boot(0, 1), does(1, 'begun', 'a', 0), boot(2, 1, 2), crash(3, 1, 2), over(9)),
    ],
  ])('is vacuous when %s', (_, history) => {
    expect(within.check(history).kind).toBe('vacuous')
  })

  test('knows who served a request, and what a request to somebody outside came from', () => {
    const served = eventsInOrder(
      boot(0, 1),
      boot(0, 2),
      takes(5, 1),
      does(10, 'begun', 'a', 2),
      fault(20),
      crash(20, 1),
      over(40),
    )
    expect(within.check(served).kind).toBe('violated')
    const other = eventsInOrder(
      boot(0, 1),
      boot(0, 2),
      takes(5, 2),
      does(10, 'begun', 'a', 2),
      fault(20),
      crash(20, 1),
      over(40),
    )
    expect(within.check(other).kind).toBe('vacuous')
  })

  test('sees in rows that are read after each commit that a life had finished just before it died', () => {
    const stored = rows<string>('stored', () => [], { everyCommit: true })
    const invariant = takenOver(
      begun.by((key) => key),
      stored.by((key) => key),
      { withinMs: 100 },
    )
    const history = eventsInOrder(...dies, over(40))
    const snapshot = (atMs: number, event: number) => ({ effect: 'stored', rows: ['a'], atMs, event })
    expect(invariant.check({ ...history, snapshots: [snapshot(15, 2)] }).kind).toBe('vacuous')
    expect(invariant.check({ ...history, snapshots: [snapshot(40, 5)] }).kind).toBe('holds')
    expect(invariant.check(history).kind).toBe('violated')
  })

  test('refuses effects without a time, and an odd limit', () => {
    const atEnd = rows<string>('stored', () => [])
    const by = (key: string): string => key
    expect(() => takenOver(begun.by(by), atEnd.by(by), { withinMs: 1 })).toThrow('{ everyCommit: true }')
    expect(() => takenOver(atEnd.by(by), begun.by(by), { withinMs: 1 })).toThrow('journal(name).add(value)')
    expect(() => takenOver(begun.by(by), finished.by(by), { withinMs: 0 })).toThrow('milliseconds above 0')
    expect(() => takenOver(begun.by(by), finished.by(by), { within: 1 } as never)).toThrow('has no option "within"')
  })

  test('agrees with its twin on random histories', () => {
    const by = (key: string): string => key
    const small = takenOver(begun.by(by), finished.by(by), { withinMs: 6 })
    expectAgreement(small, takenOverTwin(6), ['holds', 'violated', 'unknown', 'vacuous'], workingHistory)
  })
})
