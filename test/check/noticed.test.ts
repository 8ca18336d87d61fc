import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noticed } from '../../src/check/noticed.ts'
import { journal, requests, rows } from '../../src/history/effect.ts'
import type { History, Note } from '../../src/history/history.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import {
  arrives,
  asks,
  counts,
  ends,
  failingHistory,
  invokes,
  node,
  noticedTwin,
  prints,
  replies,
  struck,
} from './brute-force/noticed.ts'
import { eventsInOrder, over, type Bare } from './brute-force/taken-over.ts'

const failures = journal<never>('failures')
const health = op('health', fc.constant(null), () => undefined)
const inLogs = noticed({ withinMs: 100, by: ['logs'] })

/** The bank answers 503, and the shop 502 at 60 ms. */
const fails: readonly Bare[] = [
  invokes(0, 'pay', 0),
  asks(0, 0, 'outer'),
  arrives(20, 1),
  struck(20),
  asks(20, 2, 'inner'),
  replies(40, 4, 503, 'inner'),
  arrives(60, 5),
  replies(60, 1, 502, 'outer'),
  ends(80, 'info', 'pay', 0),
]

function withNotes(notes: readonly Note[], ...more: readonly Bare[]): History {
  return { ...eventsInOrder(...fails, ...more), notes }
}

describe('noticed', () => {
  test('holds when a line of the log names the bank in time', () => {
    expect(inLogs.check(withNotes([prints(160, 7, 'console.error: Bank failed')], over(500)))).toEqual({
      kind: 'holds',
      reasons: [],
    })
  })

  test('is violated by silence', () => {
    expect(inLogs.check(withNotes([], over(500)))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'POST /work of shop to bank at 0.020 s failed, and shop answered 502; expected that logs names bank within ' +
            '0.100 s.',
          kind: 'unnoticed',
          of: 'shop -> bank',
          between: ['shop', 'bank'],
          events: [4, 7],
        },
      ],
    })
  })

  test.each<[string, Note]>([
    ['too late', prints(161, 7, 'bank failed')],
    ['before the call', prints(20, 3, 'bank failed')],
    ['without the name', prints(60, 7, 'try again later')],
    ['by the bank itself', prints(60, 7, 'bank: too busy', 'bank')],
    ['by a client', prints(60, 7, 'bank failed', 'client#0')],
    ['for people only, as our own notes are', { event: 7, text: 'bank failed' }],
  ])('is violated by a line that is written %s', (_, note) => {
    expect(inLogs.check(withNotes([note], over(500))).kind).toBe('violated')
  })

  test('is unknown when the history ends at a bound within the time', () => {
    expect(inLogs.check(withNotes([], over(160, 'maxSteps'))).kind).toBe('unknown')
    expect(inLogs.check(withNotes([], over(161, 'maxSteps'))).kind).toBe('violated')
  })

  test.each<[string, readonly Bare[]]>([
    [
      'nothing failed',
      [...fails.slice(0, 5), replies(40, 4, 200, 'inner'), arrives(60, 5), replies(60, 1, 502, 'outer')],
    ],
    ['no fault struck', fails.filter(({ kind }) => kind !== 'fault').slice(0, 3)],
    ['the answer is the same', [...fails.slice(0, 7), replies(60, 1, 200, 'outer'), ends(80, 'ok', 'pay', 0)]],
    ['the shop died', [...fails.slice(0, 8), node(70, 'crash')]],
    ['somebody on the way made the answer up', [...fails.slice(0, 8), struck(60, 'error', 7)]],
  ])('is vacuous when %s', (_, events) => {
    expect(inLogs.check(eventsInOrder(...events, over(500))).kind).toBe('vacuous')
  })

  test('a bank that never answers has failed, even if the shop never hears of it', () => {
    const events = [...fails.slice(0, 5), ends(5_000, 'info', 'pay', 0), over(9_000)]
    const verdict = inLogs.check(eventsInOrder(...events))
    expect(verdict.reasons[0]?.text).toContain('failed, and shop never answered; expected')
  })

  test('an answer that is ok and degraded is a changed one', () => {
    const events = [...fails.slice(0, 7), replies(60, 1, 200, 'outer'), ends(80, 'ok', 'pay', 0, { stale: true })]
    const history = eventsInOrder(...events, over(500))
    const degraded = (value: unknown): boolean => (value as { stale?: boolean }).stale === true
    expect(inLogs.check(history).kind).toBe('vacuous')
    expect(noticed({ withinMs: 100, by: ['logs'], degraded }).check(history).kind).toBe('violated')
  })

  test('whoever was paused has its time from when it goes on', () => {
    const paused = [node(70, 'pause'), node(1_000, 'resume'), over(2_000)] as const
    expect(inLogs.check(withNotes([prints(1_100, 10, 'bank failed')], ...paused)).kind).toBe('holds')
    expect(inLogs.check(withNotes([prints(1_101, 10, 'bank failed')], ...paused)).kind).toBe('violated')
  })

  test('a metric suffices, and an answer of a health check', () => {
    const anywhere = noticed({ withinMs: 100, by: ['logs', failures, health] })
    expect(anywhere.name).toBe('noticed(logs, failures, health)')
    expect(anywhere.check(withNotes([], counts(90, { dependency: 'bank' }), over(500))).kind).toBe('holds')
    const told = [invokes(100, 'health', 1), ends(120, 'ok', 'health', 1, { down: ['bank'] })] as const
    expect(anywhere.check(withNotes([], ...told, over(500))).kind).toBe('holds')
    const hidden = [invokes(100, 'health', 1), ends(120, 'ok', 'health', 1, { down: [] })] as const
    expect(anywhere.check(withNotes([], ...hidden, over(500))).kind).toBe('violated')
    expect(anywhere.check(withNotes([], over(500))).kind).toBe('vacuous') // nobody asked
  })

  test('a host is also known by the label that tells it apart', () => {
    const host = (line: string): History => {
      const events = fails.map((event) =>
        event.kind === 'send' && event.address.to === 'bank'
          ? { ...event, address: { ...event.address, to: 'api.stripe.com' } }
          : event,
      )
      return { ...eventsInOrder(...events, over(500)), notes: [prints(90, 7, line)] }
    }
    expect(inLogs.check(host('Stripe said 503')).kind).toBe('holds')
    expect(inLogs.check(host('the api said 503')).kind).toBe('violated')
  })

  test('refuses no places, unknown ones, and effects without a time', () => {
    expect(() => noticed({ withinMs: 1, by: [] })).toThrow('by names no place')
    expect(() => noticed({ withinMs: 1, by: ['log' as never] })).toThrow("give 'logs', a journal or requests")
    expect(() => noticed({ withinMs: 1, by: [rows<never>('alert', () => [])] })).toThrow('which has no time')
    expect(() => noticed({ withinMs: 0, by: ['logs'] })).toThrow('milliseconds above 0')
    const alert = requests<never>('alert', 'POST https://pager.example/alerts', () => undefined as never)
    expect(noticed({ withinMs: 1, by: [alert] }).effects).toEqual([alert.source])
  })

  test.each([false, true])('agrees with its twin on random histories (health check: %s)', (hasHealth) => {
    const degraded = (value: unknown): boolean => value === 'stale'
    const by = hasHealth ? (['logs', failures, health] as const) : (['logs', failures] as const)
    expectAgreement(
      noticed({ withinMs: 6, by, degraded }),
      noticedTwin(6, hasHealth),
      ['holds', 'violated', 'unknown', 'vacuous'],
      failingHistory,
    )
  })
})
