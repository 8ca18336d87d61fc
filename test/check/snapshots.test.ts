// Checkers of rows after each commit: on histories written by hand, against twins on random histories, and on a
// database in the simulation.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conservation } from '../../src/check/conservation.ts'
import { monotonic } from '../../src/check/monotonic.ts'
import { rows } from '../../src/history/effect.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History, Snapshot } from '../../src/history/history.ts'
import { op } from '../../src/system/operation.ts'
import { assess } from '../../src/property.ts'
import { simulate } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { serve } from '../../src/transport/serve.ts'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { contradiction, is, type Finding } from './brute-force/twins.ts'
import { commit, historyOf, invoke, over, row, type Line } from './build-history.ts'

interface Account {
  readonly id: string
  readonly cents: number
}

const account = rows<Account>('account', () => [], { everyCommit: true })
const kept = conservation(account, (a) => a.cents, { total: 100 })
const rising = monotonic(account, (a) => a.id, { version: (a) => a.cents })

/** The rows of two accounts. */
const both = (a: number, b: number): readonly Account[] => [
  { id: 'a', cents: a },
  { id: 'b', cents: b },
]

/** A history whose n-th event is a commit that leaves the n-th of these rows; the last rows are there at the end. */
function committed(lines: readonly (readonly Account[] | Line)[], reason: 'quiet' | 'maxSteps' = 'quiet'): History {
  const snapshots: Snapshot[] = []
  const events = lines.map((line, index) => {
    if ('kind' in line) return line
    snapshots.push({ effect: 'account', rows: line, atMs: index, event: index })
    return commit(index)
  })
  const last = snapshots.at(-1)?.rows ?? []
  return { ...historyOf(...events, over(99, reason), ...last.map((value) => row('account', value))), snapshots }
}

const begin = invoke(0, 'move', 0)

describe('conservation of rows after every commit', () => {
  test('holds when each snapshot sums to the total; writes before the first operation are set-up', () => {
    expect(kept.check(committed([both(100, 0), begin, both(70, 30), both(0, 100)])).kind).toBe('holds')
    expect(kept.check(committed([both(50, 0), both(50, 50), begin, both(70, 30)])).kind).toBe('holds')
  })

  test('is violated in between even if the end is right, and even at a bound', () => {
    const history = committed([both(100, 0), begin, both(70, 0), both(70, 30)], 'maxSteps')

    expect(kept.check(history)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            '2 rows of account summed to 70 after the commit at 0.002 s: ' +
            '[{"id":"a","cents":70},{"id":"b","cents":0}]; expected 100.',
          kind: 'below-total-after-commit',
          of: 'account',
          events: [2],
        },
      ],
    })
  })

  test('is judged only at the end when nothing was committed: unknown at a bound, vacuous without rows', () => {
    expect(
      kept.check({ ...historyOf(begin, over(9, 'maxSteps'), row('account', { cents: 90 })), snapshots: [] }).kind,
    ).toBe('unknown')
    expect(conservation(account, (a) => a.cents, { total: 0 }).check(committed([begin])).kind).toBe('vacuous')
  })
})

describe('monotonic rows after every commit', () => {
  test('holds when each key only goes forward; unchanged rows are not seen again', () => {
    expect(rising.check(committed([begin, both(1, 1), both(2, 1), both(2, 5)])).kind).toBe('holds')
  })

  test('is violated by a step back that the end does not show, with both commits', () => {
    expect(rising.check(committed([begin, both(1, 1), both(3, 1), both(2, 1), both(4, 1)]))).toMatchObject({
      kind: 'violated',
      reasons: [
        {
          text:
            'account was at version 2 for "a" at 0.003 s, after version 3 at 0.002 s; expected no version ' +
            'before that.',
          events: [2, 3],
        },
      ],
    })
  })

  test('is violated by a step back from a row of the start, which has no event', () => {
    const { snapshots = [], ...history } = committed([begin, both(2, 1)])
    const before: Snapshot = { effect: 'account', rows: both(3, 1), atMs: 0, event: -1 }

    expect(rising.check({ ...history, snapshots: [before, ...snapshots] })).toMatchObject({
      kind: 'violated',
      reasons: [{ events: [1] }],
    })
  })

  test('is vacuous when no key was seen at two moments', () => {
    expect(rising.check(committed([begin, both(1, 1), both(1, 1)])).kind).toBe('vacuous')
  })
})

describe('on random histories', () => {
  const cents = fc.integer({ min: 0, max: 3 })
  const accounts = fc.array(fc.record({ id: fc.constantFrom('a', 'b'), cents }), { maxLength: 2 })
  const histories = fc
    .tuple(
      fc.array(accounts, { maxLength: 3 }),
      fc.array(accounts, { maxLength: 4 }),
      fc.constantFrom('quiet' as const, 'maxSteps' as const),
    )
    .map(([before, after, reason]) => committed([...before, begin, ...after], reason))
  const sum = (all: readonly Account[]): number => all.reduce((total, one) => total + one.cents, 0)

  test('conservation agrees with its twin', () => {
    expectAgreement(
      conservation(account, (a) => a.cents, { total: 2 }),
      (history): Finding => {
        const begun = history.events.findIndex(({ kind }) => kind === 'invoke')
        const wrong = (history.snapshots ?? []).find(
          (one) => one.event > begun && sum(one.rows as readonly Account[]) !== 2,
        )
        const way = (total: number): string => (total > 2 ? 'above-total' : 'below-total')
        if (wrong !== undefined) {
          return {
            kind: 'violated',
            contradictions: [
              contradiction(`${way(sum(wrong.rows as readonly Account[]))}-after-commit account`, undefined, [
                wrong.event,
              ]),
            ],
          }
        }
        const end = sum(history.readings.map(({ value }) => value as Account))
        if (end === 2) return is('holds')
        const last = history.events.length - 1
        return history.events[last]?.kind === 'end' && history.events[last].reason === 'quiet'
          ? { kind: 'violated', contradictions: [contradiction(`${way(end)} account`, undefined, [last])] }
          : is('unknown')
      },
      ['holds', 'violated', 'unknown'],
      histories,
    )
  })

  test('monotonic agrees with its twin: every row against every row of each earlier snapshot', () => {
    const single = fc
      .array(
        fc.uniqueArray(fc.record({ id: fc.constantFrom('a', 'b'), cents }), { maxLength: 2, selector: ({ id }) => id }),
        { maxLength: 5 },
      )
      .map((all) => committed([begin, ...all]))

    expectAgreement(
      rising,
      (history) => {
        const states = (history.snapshots ?? []).flatMap(({ rows: all, event }) =>
          (all as readonly Account[]).map((one) => ({ ...one, event })),
        )
        const back = ['a', 'b'].flatMap((id) => {
          const own = states.filter((one) => one.id === id)
          const later = own.find((one) => own.some((earlier) => earlier.event < one.event && earlier.cents > one.cents))
          const first = own.find(
            (earlier) => later !== undefined && earlier.event < later.event && earlier.cents > later.cents,
          )
          return later === undefined || first === undefined
            ? []
            : [contradiction('went-back account', id, [first.event, later.event])]
        })
        if (back.length > 0) return { kind: 'violated', contradictions: back }
        const came = (id: string): number =>
          (history.snapshots ?? []).filter(({ rows: all }, index, every) => {
            const now = (all as readonly Account[]).find((one) => one.id === id)
            const before = (every[index - 1]?.rows as readonly Account[] | undefined)?.find((one) => one.id === id)
            return now !== undefined && now.cents !== before?.cents
          }).length
        return is(came('a') > 1 || came('b') > 1 ? 'holds' : 'vacuous')
      },
      ['holds', 'violated', 'vacuous'],
      single,
    )
  })
})

describe('a transfer in a database', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(
    "create table account (id text primary key, cents integer not null); insert into account values ('a', 100), " +
      "('b', 0)",
  )
  const read = (): readonly Account[] =>
    db.prepare('select id, cents from account order by id').all() as unknown as readonly Account[] // as the table is
  const move = op('move', fc.record({ cents: fc.integer({ min: 1, max: 5 }) }), (input) =>
    fetch('http://bank/', { method: 'POST', body: JSON.stringify(input) }),
  )

  const bank = (atomic: boolean, everyCommit: boolean): System => ({
    nodes: {
      bank: serve(() => async (request) => {
        const { cents } = (await request.json()) as { cents: number }
        if (atomic) db.exec('begin')
        db.prepare("update account set cents = cents - ? where id = 'a'").run(cents)
        db.prepare("update account set cents = cents + ? where id = 'b'").run(cents)
        if (atomic) db.exec('commit')
        return new Response()
      }),
    },
    operations: [move],
    stores: [sqlite(db, { name: 'accounts' })],
    tolerates: ['lose'],
    invariants: [conservation(rows('account', read, { everyCommit }), (a) => a.cents, { total: 100 })],
  })

  test('in two commits is violated in between even if the end is right; in one commit it holds', async () => {
    expect((await assess(bank(false, false), { numRuns: 10 })).kind).toBe('holds')

    const broken = await assess(bank(false, true), { numRuns: 10 })

    expect(broken).toMatchObject({
      kind: 'violated',
      counterexample: { scenario: { workload: { invocations: [{ input: { cents: 1 } }] }, plan: { faults: [] } } },
    })
    expect(formatAssessment(broken, { test: 'a transfer' }).match(/<- here/g)).toHaveLength(1)
    expect((await assess(bank(true, true), { numRuns: 10 })).kind).toBe('holds')
  })

  test('snapshots are annotations: the bytes are the same without them', async () => {
    const scenario = {
      workload: { invocations: [{ id: 0, operation: 'move', client: 0, afterMs: 0, input: { cents: 3 } }] },
      plan: { kind: 'listed', faults: [] },
      seed: 1,
    } as const
    const [without, having] = [
      await simulate(bank(false, false), scenario),
      await simulate(bank(false, true), scenario),
    ]

    expect(historyBytes(having)).toBe(historyBytes(without))
    expect(without.snapshots).toBe(undefined)
    expect(
      having.snapshots?.map(({ rows: all, event }) => [event, ...all.map((one) => (one as Account).cents)]),
    ).toEqual([
      [-1, 100, 0],
      [expect.any(Number), 97, 0],
      [expect.any(Number), 97, 3],
    ])
  })

  test('an asynchronous query is read after the step', async () => {
    const slow: System = {
      ...bank(false, true),
      invariants: [
        conservation(
          rows('account', async () => read(), { everyCommit: true }),
          (a) => a.cents,
          { total: 100 },
        ),
      ],
    }

    expect((await assess(slow, { numRuns: 5 })).kind).toBe('holds')
  })
})
