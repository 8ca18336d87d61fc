import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bootRoot } from '../../src/scenario/address.ts'
import { contained } from '../../src/check/contained.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import {
  boots,
  breakerHistory,
  breakerTwin,
  faultsOfBank,
  heals,
  loses,
  otherFaults,
  outageHistory,
  recoveryTwin,
  sparedTwin,
  struckBy,
} from './brute-force/contained.ts'
import {
  addressOn,
  arrives,
  ends,
  historyOf,
  invoke,
  over,
  replies,
  sends,
  throttled,
  type Line,
} from './build-history.ts'

const browse = op('browse', fc.constant(null), () => undefined)
const spared = contained('bank', { spared: { operations: [browse], withinMs: 500 } })
const [
  lost = {
    kind: 'hang',
    at: { root: bootRoot('bank'), path: [], from: '', to: '', operation: '', leg: 'request', nth: 1 },
  } satisfies Fault,
] = faultsOfBank

describe('contained: spared', () => {
  test('holds when operations that do not need the bank are answered in time', () => {
    const history = historyOf(
      struckBy(0, lost),
      invoke(1, 'browse', 0),
      ends(501, 'ok', 0),
      invoke(2, 'browse', 1),
      ends(9, 'fail', 1, 'status 404'),
      over(999),
    )

    expect(spared.check(history)).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated when such an operation is late, unanswered or refused', () => {
    expect(
      spared.check(historyOf(invoke(0, 'browse', 0), struckBy(1, lost), ends(501, 'ok', 0), over(999))).reasons,
    ).toEqual([
      {
        text:
          'browse of client 0, invoked at 0.000 s, was answered ok at 0.501 s, though it does not need bank, ' +
          'which failed at 0.001 s; expected an answer within 0.500 s.',
        kind: 'spread',
        of: 'browse',
        events: [0, 1, 2],
      },
    ])

    for (const [kind, why] of [
      ['info', 'timeout'],
      ['fail', 'refused'],
    ] as const) {
      expect(
        spared.check(historyOf(struckBy(1, lost), invoke(2, 'browse', 0), ends(9, kind, 0, why), over(999))).reasons[0]
          ?.text,
      ).toContain(`was ${kind} (${why}) at 0.009 s`)
    }

    expect(spared.check(historyOf(struckBy(1, lost), invoke(2, 'browse', 0), over(3))).reasons[0]?.text).toContain(
      'never ended',
    )
  })

  test('is vacuous once anything else has failed', () => {
    for (const other of otherFaults) {
      const history = historyOf(
        struckBy(0, lost),
        struckBy(1, other),
        invoke(2, 'browse', 0),
        ends(9, 'info', 0),
        over(99),
      )
      expect(spared.check(history).kind, other.kind).toBe('vacuous')
    }
  })

  test('is unknown while an operation is open and within its time', () => {
    const open = (nowMs: number) =>
      spared.check(historyOf(struckBy(1, lost), invoke(2, 'browse', 0), over(nowMs, 'maxSteps')))

    expect([open(502).kind, open(503).kind]).toEqual(['unknown', 'violated'])
  })

  test('is vacuous without a failure', () => {
    expect(spared.check(historyOf(invoke(2, 'browse', 0), ends(9, 'info', 0), over(99))).reasons[0]?.text).toBe(
      'no spared operation was asked while bank, and nothing else, had failed: is "bank" a node or outside host?',
    )
  })

  test('agrees with its twin', () => {
    const within = contained('bank', { spared: { operations: [browse], withinMs: 4 } })

    expectAgreement(within, sparedTwin(4), ['holds', 'violated', 'unknown', 'vacuous'], outageHistory)
  })
})

const bank = { root: 'buy#0', from: 'shop', to: 'bank' }
const breaker = { opensAfter: 2, openForMs: 1_000, probes: 1, timeoutMs: 100 }
const open = contained('bank', { breaker })

/** Two requests that fail when they are answered, at 20 and at 40 ms. */
const failures: readonly Line[] = [
  sends(0, bank),
  replies(10, 0, 503, bank),
  arrives(20, 1),
  sends(20, bank),
  replies(30, 3, 500, bank),
  arrives(40, 4),
]

describe('contained: breaker', () => {
  test('holds when one probe is sent in each period, and any number of requests after a good answer', () => {
    expect(open.check(historyOf(...failures, sends(40, bank), sends(1_040, bank))).kind).toBe('holds')
    expect(
      open.check(
        historyOf(
          ...failures,
          sends(40, bank),
          replies(50, 6, 200, bank),
          arrives(60, 7),
          sends(60, bank),
          sends(61, bank),
        ),
      ).kind,
    ).toBe('holds')
  })

  test('is violated by more probes', () => {
    expect(open.check(historyOf(...failures, sends(40, bank), sends(1_039, bank))).reasons).toEqual([
      {
        text:
          'shop asked bank twice from 0.040 s to 1.039 s, after 2 failures in a row by 0.040 s; expected at most ' +
          'once in 1.000 s.',
        kind: 'too-many-probes',
        of: 'shop -> bank',
        between: ['shop', 'bank'],
        events: [2, 5, 6, 7],
      },
    ])
  })

  test("counts timeouts, resets, and the end of the caller's own limit as failures", () => {
    const silent = (atMs: number) =>
      open.check(historyOf(sends(0, bank), sends(0, bank), sends(atMs, bank), sends(atMs, bank)))

    expect([silent(100).kind, silent(101).kind]).toEqual(['vacuous', 'violated'])

    for (const why of ['reset', 'timeout'] as const) {
      expect(
        open.check(
          historyOf(sends(0, bank), loses(5, 0, why), sends(5, bank), loses(9, 2, why), sends(9, bank), sends(9, bank)),
        ).kind,
      ).toBe('violated')
    }

    expect(
      contained('bank', { breaker: { ...breaker, timeoutMs: 1_000 } }).check(
        historyOf(sends(0, bank), sends(0, bank), sends(101, bank), sends(101, bank)),
      ).kind,
    ).toBe('vacuous')
  })

  test('starts closed after a restart, and is not judged while its node has two lives', () => {
    expect(open.check(historyOf(...failures, boots(41, 'shop'), sends(42, bank), sends(42, bank))).kind).toBe('holds')

    const at = addressOn(bank, 'request')

    expect(
      open.check(
        historyOf(
          ...failures,
          struckBy(40, { kind: 'pause', at, node: 'shop', forMs: 9, replaced: 'yes' }),
          sends(40, bank),
          sends(40, bank),
        ),
      ).kind,
    ).toBe('holds')
    expect(open.check(historyOf(...failures, boots(40, 'shop', 2), sends(40, bank), sends(40, bank))).kind).toBe(
      'holds',
    )
  })

  test('judges each caller on its own, and no clients', () => {
    expect(open.check(historyOf(...failures, sends(40, bank), sends(41, { ...bank, from: 'desk' }))).kind).toBe('holds')

    const client = [0, 0, 200, 200].map((atMs) => sends(atMs, { ...bank, from: 'client' }))

    expect(open.check(historyOf(...client)).reasons[0]?.text).toBe(
      'no node heard bank fail 2 times in a row: is "bank" a node or outside host? Clients are counted only ' +
        "with { from: 'client' }, where an actor holds the breaker.",
    )
    expect(
      contained('bank', { breaker: { ...breaker, from: 'desk' } }).check(historyOf(...client)).reasons[0]?.text,
    ).toBe('desk never heard bank fail 2 times in a row.')
  })

  test('does not count a refused connection as a failure after the next good answer', () => {
    const link = { root: 'buy#0', from: 'shop', to: 'bank' }
    const down = (atMs: number, message: number) => [sends(atMs, link), loses(atMs + 20, message, 'down')]
    const good = [sends(100, link), replies(120, 4, 200, link), arrives(140, 5)]
    const history = historyOf(
      ...down(0, 0),
      ...down(50, 2),
      ...good,
      sends(1_500, link),
      sends(1_600, link),
      sends(1_700, link),
      over(1_800),
    )

    expect(
      contained('bank', { breaker: { opensAfter: 2, openForMs: 10_000, timeoutMs: 1_000 } }).check(history).kind,
    ).toBe('vacuous')
  })

  test.each([breaker, { ...breaker, probes: 0, opensAfter: 1 }, { ...breaker, probes: 2, opensAfter: 1 }])(
    'agrees with its twin for %j',
    (claims) => {
      const small = { ...claims, openForMs: 4, timeoutMs: 3 }
      expectAgreement(
        contained('bank', { breaker: small }),
        breakerTwin(small),
        ['holds', 'violated', 'vacuous'],
        breakerHistory,
      )
    },
  )
})

describe('contained: recoveryMs', () => {
  const back = contained('bank', { recoveryMs: 1_000 })
  const asked = (endMs: number, kind: 'ok' | 'fail' | 'info', why?: string) =>
    historyOf(heals(100), invoke(200, 'buy', 0), ends(endMs, kind, 0, why), over(9_999))

  test('holds when operations after healing are answered, or fail only within the recovery time', () => {
    expect(back.check(asked(9_000, 'ok')).kind).toBe('holds')
    expect(back.check(asked(1_100, 'info')).kind).toBe('vacuous')
  })

  test('is violated when one still fails after the recovery time', () => {
    expect(back.check(asked(1_101, 'info', 'status 503')).reasons).toEqual([
      {
        text:
          'buy of client 0, invoked at 0.200 s, was info (status 503) at 1.101 s, though all had healed at 0.100 ' +
          's; expected that it works by 1.100 s.',
        kind: 'no-recovery',
        of: 'buy',
        events: [0, 1, 2],
      },
    ])
    expect(back.check(historyOf(heals(100), invoke(200, 'buy', 0), over(300))).reasons[0]?.text).toContain(
      'never ended',
    )
  })

  test.each(['status 408', 'status 425', 'status 429'])('is violated when one is turned away (%s)', (why) => {
    for (const kind of ['info', 'fail'] as const) expect(back.check(asked(1_101, kind, why)).kind).toBe('violated')

    expect(back.check(asked(1_101, 'fail', 'status 404')).kind).toBe('holds')
  })

  test('counts from the end of a Retry-After that was given before', () => {
    const [asking, told] = [sends(0, bank), throttled(0, 0, 2_000)]
    const history = (endMs: number) =>
      historyOf(
        asking,
        told,
        replies(20, 0, 429, bank),
        heals(100),
        invoke(200, 'buy', 0),
        ends(endMs, 'info', 0),
        over(9_999),
      )

    expect(back.check(history(3_020)).kind).toBe('vacuous')
    expect(back.check(history(3_021)).kind).toBe('violated')
  })

  test('is unknown while an operation is open at a bound, and vacuous without healing', () => {
    expect(back.check(historyOf(heals(100), invoke(200, 'buy', 0), over(300, 'recoverForMs'))).kind).toBe('unknown')
    expect(back.check(historyOf(invoke(200, 'buy', 0), ends(9_000, 'info', 0), over(9_999))).reasons[0]?.text).toBe(
      'nothing was asked after healing: give the system a probe.',
    )
  })

  test('agrees with its twin', () => {
    expectAgreement(
      contained('bank', { recoveryMs: 3 }),
      recoveryTwin(3),
      ['holds', 'violated', 'unknown', 'vacuous'],
      outageHistory,
    )
  })
})

test.each([
  [{}, 'claim something'],
  [{ spared: { operations: [], withinMs: 1 } }, 'names no operation'],
  [{ spared: { operations: [browse], withinMs: 0 } }, 'spared.withinMs is 0'],
  [{ breaker: { opensAfter: 0, openForMs: 1 } }, 'breaker.opensAfter is 0'],
  [{ breaker: { opensAfter: 1, openForMs: 1, probes: -1 } }, 'breaker.probes is -1'],
  [{ recoveryMs: Number.NaN }, 'recoveryMs is NaN'],
])('contained(bank, %j) is refused', (claims, text) => {
  expect(() => contained('bank', claims)).toThrow(text)
})
