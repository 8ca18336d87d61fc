import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Act } from '../../src/history/act.ts'
import { check } from '../../src/check/check.ts'
import { mutualExclusion } from '../../src/check/mutual-exclusion.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import {
  actHistory,
  actsTwin,
  fencingTwin,
  leaseHistory,
  leasesTwin,
  stepHistory,
  stepsTwin,
  writeHistory,
  type Lease,
  type Step,
  type Write,
} from './brute-force/mutual-exclusion.ts'
import { answers, commit, effect, ends, garbled, historyOf, invoke, over, row, type Line } from './build-history.ts'

const lease = journal<Lease>('lease')
const leases = mutualExclusion(lease, {
  holder: (l) => l.holder,
  from: (l) => l.from,
  until: (l) => l.until,
  key: (l) => l.lock,
})
const lock = journal<Step>('lock')
const steps = mutualExclusion(lock, { holder: (l) => l.holder, step: (l) => l.step, key: (l) => l.lock })
const expiring = mutualExclusion(lock, {
  holder: (l) => l.holder,
  step: (l) => l.step,
  forMs: (l) => l.forMs,
  key: (l) => l.lock,
})
const written = journal<Write>('written')
const fenced = mutualExclusion(written, { token: (w) => w.token, key: (w) => w.lock })

describe('mutualExclusion of leases', () => {
  const granted = (...all: readonly (readonly [holder: string, from: number, until: number])[]) =>
    historyOf(...all.map(([holder, from, until]) => effect(from, 'lease', { lock: 'doc', holder, from, until })))

  test('holds when one begins as the other ends', () => {
    const history = granted(['left', 0, 3], ['right', 3, 6])

    expect(leases.check(history).kind).toBe('holds')
  })

  test('holds when a holder renews its own', () => {
    const history = granted(['left', 0, 3], ['left', 2, 5], ['right', 5, 6])

    expect(leases.check(history).kind).toBe('holds')
  })

  test('is violated when two overlap, in whatever order they were seen', () => {
    const laterFirst = granted(['right', 5, 9], ['left', 3, 6])

    expect(leases.check(laterFirst).reasons).toEqual([
      {
        text:
          '"right" held lease of "doc" from 5 to 9, while "left" held it from 3 to 6; expected one holder at ' +
          'a time.',
        kind: 'two-holders',
        of: 'lease',
        subject: 'doc',
        events: [0, 1],
      },
    ])
  })

  test('is violated by a long lease that overlaps a later one, whatever happens in between', () => {
    const history = granted(['a', 0, 20], ['b', 30, 40], ['a', 1, 2], ['c', 19, 25])

    expect(leases.check(history).reasons[0]?.events).toEqual([0, 3])
  })

  test('is unknown when a time is not a number', () => {
    expect(check(granted(['left', 0, Number.NaN]), [leases])[0]).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('lease: until of') as string }],
    })
  })

  test('is vacuous when nobody else held the lock', () => {
    expect(leases.check(granted(['left', 0, 3], ['left', 4, 5])).reasons[0]?.text).toBe(
      'no lease had two holders, one after the other: let several ask for the same.',
    )
    expect(leases.check(granted()).reasons[0]?.text).toContain('no "lease" effect happened')
    expect(leases.check(granted(['left', 3, 3], ['right', 3, 4])).kind).toBe('vacuous')
  })
})

describe('mutualExclusion of steps', () => {
  const did = (...all: readonly (readonly [atMs: number, holder: string, step: string])[]) =>
    historyOf(...all.map(([atMs, holder, step]) => effect(atMs, 'lock', { lock: 'doc', holder, step, forMs: 3_000 })))

  test('holds when the lock is released before, or at the same time', () => {
    const history = did([0, 'left', 'acquire'], [5, 'left', 'release'], [5, 'right', 'acquire'])

    expect(steps.check(history).kind).toBe('holds')
  })

  test('is violated when the lock is not released before', () => {
    const history = did([0, 'left', 'acquire'], [5_000, 'right', 'acquire'])

    expect(steps.check(history).reasons).toEqual([
      {
        text:
          '"right" held lock of "doc" from 5.000 s on, while "left" held it from 0.000 s on; expected one holder ' +
          'at a time.',
        kind: 'two-holders',
        of: 'lock',
        subject: 'doc',
        events: [0, 1],
      },
    ])
  })

  test('ends a lease when it runs out, and not before', () => {
    const inTime = did([0, 'left', 'acquire'], [3_000, 'right', 'acquire'])
    const early = did([0, 'left', 'acquire'], [2_999, 'right', 'acquire'])

    expect(expiring.check(inTime).kind).toBe('holds')
    expect(expiring.check(early).reasons[0]?.text).toBe(
      '"right" held lock of "doc" from 2.999 s to 5.999 s, when it ran out, while "left" held it from 0.000 s ' +
        'to 3.000 s, when it ran out; expected one holder at a time.',
    )
  })

  test('is unknown when a step is neither acquire nor release', () => {
    expect(check(did([0, 'left', 'wait']), [steps])[0]?.reasons[0]?.text).toContain('give "acquire" or "release"')
  })

  test('is vacuous for rows, which have no time', () => {
    const table = mutualExclusion(
      rows<Step>('lock', () => []),
      { holder: (l) => l.holder, step: (l) => l.step },
    )

    const history = historyOf(
      over(9),
      row('lock', { holder: 'a', step: 'acquire' }),
      row('lock', { holder: 'b', step: 'acquire' }),
    )

    expect(table.check(history).kind).toBe('vacuous')
  })
})

describe('mutualExclusion of a fenced resource', () => {
  const wrote = (...tokens: readonly unknown[]) =>
    historyOf(...tokens.map((token, n) => effect(10 * n, 'written', { lock: 'doc', token })))

  test('holds when tokens grow or stay the same', () => {
    expect(fenced.check(wrote(1, 1, 3)).kind).toBe('holds')
    expect(mutualExclusion(written, { token: (w) => BigInt(w.token) }).check(wrote(1, 2)).kind).toBe('holds')
  })

  test('is violated by a token that is lower than an earlier one', () => {
    expect(fenced.check(wrote(1, 3, 2)).reasons).toEqual([
      {
        text:
          'written for "doc" was accepted with token 2 at 0.020 s, after token 3 at 0.010 s; expected that ' +
          'an earlier holder is refused.',
        kind: 'stale-token',
        of: 'written',
        subject: 'doc',
        events: [1, 2],
      },
    ])
  })

  test('does not order effects of one commit', () => {
    const table = mutualExclusion(
      rows<Write>('written', () => []),
      { token: (w) => w.token },
    )
    const at = { atMs: 5, event: 0 }
    const history = historyOf(commit(5), row('written', { token: 2 }, at), row('written', { token: 1 }, at))

    expect(table.check(history).kind).toBe('vacuous')
  })

  test('is unknown when a token is not a number, and vacuous after one write', () => {
    expect(check(wrote(Number.NaN), [fenced])[0]?.kind).toBe('unknown')
    expect(fenced.check(wrote(1)).reasons[0]?.text).toContain(
      'no resource of "written" accepted anything at two moments',
    )
  })
})

describe('mutualExclusion of operations', () => {
  const mine = [invoke(0, 'acquire', 0), ends(1, 'ok', 0)]
  const theirs = [invoke(4, 'acquire', 2, undefined, 1), ends(5, 'ok', 2)]

  test('holds when a release was invoked, and its outcome is unknown', () => {
    const history = historyOf(...mine, invoke(2, 'release', 1), ...theirs, ends(9, 'info', 1))

    expect(mutualExclusion().check(history).kind).toBe('holds')
  })

  test('is violated when both clients were answered that they hold the lock', () => {
    expect(mutualExclusion().check(historyOf(...mine, ...theirs)).reasons).toEqual([
      {
        text:
          '"client 1" held lock from 0.005 s on, while "client 0" held it from 0.001 s on; expected one ' +
          'holder at a time.',
        kind: 'two-holders',
        of: 'lock',
        events: [1, 3],
      },
    ])
  })

  test('is violated when the release failed', () => {
    const history = historyOf(...mine, invoke(2, 'release', 1), ends(3, 'fail', 1), ...theirs)

    expect(mutualExclusion().check(history).kind).toBe('violated')
  })

  test.each<[string, readonly Line[]]>([
    ['no answer', [ends(1, 'info', 0)]],
    ['a damaged answer', [garbled(1, 'acquire', 0), ends(1, 'ok', 0)]],
    ['the answer false', [answers(1, 0, false)]],
  ])('ignores an acquire that has %s', (_, end) => {
    const history = historyOf(invoke(0, 'acquire', 0), ...end, ...theirs)

    expect(mutualExclusion().check(history).kind).toBe('vacuous')
  })

  test('is vacuous without an acquire', () => {
    expect(mutualExclusion().check(historyOf()).reasons[0]?.text).toBe('nobody held a lock for certain.')
  })

  test('is unknown when a client does two things at once', () => {
    const history = historyOf(invoke(0, 'acquire', 0), invoke(0, 'acquire', 1))

    expect(check(history, [mutualExclusion()])[0]?.kind).toBe('unknown')
  })

  test('reads the operations that it is given', () => {
    const take = op('take', fc.constant('doc'), () => undefined)
    const taking = mutualExclusion([take.as((document): Act => ({ f: 'acquire', key: document }))])
    const history = historyOf(
      invoke(0, 'take', 0, 'doc'),
      ends(1, 'ok', 0),
      invoke(2, 'take', 1, 'doc', 1),
      ends(3, 'ok', 1),
    )

    expect([taking.name, taking.check(history).reasons[0]?.subject]).toEqual(['mutualExclusion(take)', 'doc'])
  })
})

describe('mutualExclusion agrees with its twin', () => {
  test('of leases', () =>
    expectAgreement(leases, leasesTwin, ['holds', 'violated', 'unknown', 'vacuous'], leaseHistory))
  test('of steps', () =>
    expectAgreement(steps, stepsTwin(false), ['holds', 'violated', 'unknown', 'vacuous'], stepHistory))
  test('of steps that run out', () =>
    expectAgreement(expiring, stepsTwin(true), ['holds', 'violated', 'unknown', 'vacuous'], stepHistory))
  test('of tokens', () =>
    expectAgreement(fenced, fencingTwin, ['holds', 'violated', 'unknown', 'vacuous'], writeHistory))
  test('of operations', () =>
    expectAgreement(mutualExclusion(), actsTwin, ['holds', 'violated', 'vacuous'], actHistory))
})
