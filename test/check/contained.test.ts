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
  turns,
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

  test('is violated when such an operation is answered late', () => {
    const late = historyOf(invoke(0, 'browse', 0), struckBy(1, lost), ends(501, 'ok', 0), over(999))

    expect(spared.check(late).reasons).toEqual([
      {
        text:
          'browse of client 0, invoked at 0.000 s, was answered ok at 0.501 s, though it does not need bank, ' +
          'which failed at 0.001 s; expected an answer within 0.500 s.',
        kind: 'spread',
        of: 'browse',
        events: [0, 1, 2],
      },
    ])
  })

  test.each([
    ['info', 'timeout'],
    ['fail', 'refused'],
  ] as const)('is violated when such an operation is not answered ok: %s (%s)', (kind, why) => {
    const history = historyOf(struckBy(1, lost), invoke(2, 'browse', 0), ends(9, kind, 0, why), over(999))

    expect(spared.check(history).reasons[0]?.text).toContain(`was ${kind} (${why}) at 0.009 s`)
  })

  test('is violated when such an operation never ends', () => {
    const history = historyOf(struckBy(1, lost), invoke(2, 'browse', 0), over(3))

    expect(spared.check(history).reasons[0]?.text).toContain('never ended')
  })

  test.each(otherFaults)('is vacuous once anything else has failed: $kind', (other) => {
    const history = historyOf(
      struckBy(0, lost),
      struckBy(1, other),
      invoke(2, 'browse', 0),
      ends(9, 'info', 0),
      over(99),
    )

    expect(spared.check(history).kind).toBe('vacuous')
  })

  test('is unknown while an operation is open and within its time', () => {
    const open = (nowMs: number) =>
      spared.check(historyOf(struckBy(1, lost), invoke(2, 'browse', 0), over(nowMs, 'maxSteps')))

    expect(open(2 + 500).kind).toBe('unknown')
    expect(open(2 + 501).kind).toBe('violated')
  })

  test('is vacuous without a failure', () => {
    const history = historyOf(invoke(2, 'browse', 0), ends(9, 'info', 0), over(99))

    expect(spared.check(history).reasons[0]?.text).toBe(
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
  test('holds when one probe is sent in each period', () => {
    const history = historyOf(...failures, sends(40, bank), sends(40 + 1_000, bank))

    expect(open.check(history).kind).toBe('holds')
  })

  test('allows any number of requests after a good answer', () => {
    const goodProbe = [sends(40, bank), replies(50, 6, 200, bank), arrives(60, 7)]
    const history = historyOf(...failures, ...goodProbe, sends(60, bank), sends(61, bank))

    expect(open.check(history).kind).toBe('holds')
  })

  test('a caller that was paused notices when it goes on what was due meanwhile', () => {
    const asleep = (...then: readonly Line[]) =>
      historyOf(sends(0, bank), sends(0, bank), turns(20, 'pause'), turns(500, 'resume'), ...then)
    const answered = asleep(sends(500, bank), sends(500, bank), over(501))
    const later = asleep(sends(501, bank), sends(502, bank), over(503))
    const before = historyOf(
      sends(0, bank),
      sends(0, bank),
      turns(200, 'pause'),
      turns(500, 'resume'),
      sends(500, bank),
      sends(500, bank),
    )

    expect(open.check(answered).kind).toBe('holds')
    expect(open.check(later).kind).toBe('violated')
    expect(open.check(before).kind).toBe('violated')
  })

  test('is violated by two probes in one period', () => {
    const history = historyOf(...failures, sends(40, bank), sends(40 + 999, bank))

    expect(open.check(history).reasons).toEqual([
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

  describe('counts as failures', () => {
    /** Two requests that get no answer, and two more at `atMs`. */
    const silent = (atMs: number) => historyOf(sends(0, bank), sends(0, bank), sends(atMs, bank), sends(atMs, bank))

    test('requests without an answer, after the time limit of the caller', () => {
      expect(open.check(silent(100)).kind).toBe('vacuous')
      expect(open.check(silent(101)).kind).toBe('violated')
    })

    test('but none before that limit', () => {
      const patient = contained('bank', { breaker: { ...breaker, timeoutMs: 1_000 } })

      expect(patient.check(silent(101)).kind).toBe('vacuous')
    })

    test.each(['reset', 'timeout'] as const)('requests that are lost (%s)', (why) => {
      const twoLost = [sends(0, bank), loses(5, 0, why), sends(5, bank), loses(9, 2, why)]
      const history = historyOf(...twoLost, sends(9, bank), sends(9, bank))

      expect(open.check(history).kind).toBe('violated')
    })
  })

  test('starts closed after a restart', () => {
    const history = historyOf(...failures, boots(41, 'shop'), sends(42, bank), sends(42, bank))

    expect(open.check(history).kind).toBe('holds')
  })

  test('is not judged while a second process of its node runs', () => {
    const at = addressOn(bank, 'request')
    const replaced = struckBy(40, { kind: 'pause', at, node: 'shop', forMs: 9, replaced: 'yes' })

    for (const second of [replaced, boots(40, 'shop', 2)]) {
      const history = historyOf(...failures, second, sends(40, bank), sends(40, bank))

      expect(open.check(history).kind).toBe('holds')
    }
  })

  test('judges each caller on its own', () => {
    const history = historyOf(...failures, sends(40, bank), sends(41, { ...bank, from: 'desk' }))

    expect(open.check(history).kind).toBe('holds')
  })

  test('does not judge clients, unless it is asked to', () => {
    const onlyClients = historyOf(...[0, 0, 200, 200].map((atMs) => sends(atMs, { ...bank, from: 'client' })))
    const ofDesk = contained('bank', { breaker: { ...breaker, from: 'desk' } })

    expect(open.check(onlyClients).reasons[0]?.text).toBe(
      'no node heard bank fail 2 times in a row: is "bank" a node or outside host? Clients are counted only ' +
        "with { from: 'client' }, where an actor holds the breaker. " +
        moreCalls,
    )
    expect(ofDesk.check(onlyClients).reasons[0]?.text).toBe(`desk never heard bank fail 2 times in a row. ${moreCalls}`)
  })

  const moreCalls =
    'A breaker sees something after several calls one after the other: give the system `maxOperations: 20`, and ' +
    'faults that last (partition, slow).'

  test('of a client each, asks for one client: three of them would share the calls', () => {
    const ofClients = contained('bank', { breaker: { ...breaker, from: 'client' } })

    expect(ofClients.check(historyOf(over(1))).reasons[0]?.text).toContain(
      'give the system `maxOperations: 20` and `clients: 1`, since each client has a breaker of its own',
    )
  })

  test('does not count a refused connection as a failure after the next good answer', () => {
    const link = { root: 'buy#0', from: 'shop', to: 'bank' }
    const down = (atMs: number, message: number) => [sends(atMs, link), loses(atMs + 20, message, 'down')]
    const good = [sends(100, link), replies(120, 4, 200, link), arrives(140, 5)]
    const later = [sends(1_500, link), sends(1_600, link), sends(1_700, link)]
    const history = historyOf(...down(0, 0), ...down(50, 2), ...good, ...later, over(1_800))
    const checker = contained('bank', { breaker: { opensAfter: 2, openForMs: 10_000, timeoutMs: 1_000 } })

    expect(checker.check(history).kind).toBe('vacuous')
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
  const healed = heals(100)
  const latestMs = 100 + 1_000
  /** One operation after healing, which ends at `endMs`. */
  const asked = (endMs: number, kind: 'ok' | 'fail' | 'info', why?: string) =>
    historyOf(healed, invoke(200, 'buy', 0), ends(endMs, kind, 0, why), over(9_999))

  test('holds when operations after healing are answered, or fail only within the recovery time', () => {
    expect(back.check(asked(9_000, 'ok')).kind).toBe('holds')
    expect(back.check(asked(latestMs, 'info')).kind).toBe('vacuous')
  })

  test('is violated when one still fails after the recovery time', () => {
    expect(back.check(asked(latestMs + 1, 'info', 'status 503')).reasons).toEqual([
      {
        text:
          'buy of client 0, invoked at 0.200 s, was info (status 503) at 1.101 s, though all had healed at 0.100 ' +
          's; expected that it works by 1.100 s.',
        kind: 'no-recovery',
        of: 'buy',
        events: [0, 1, 2],
      },
    ])
  })

  test('is violated when one never ends', () => {
    const history = historyOf(healed, invoke(200, 'buy', 0), over(300))

    expect(back.check(history).reasons[0]?.text).toContain('never ended')
  })

  test.each(['status 408', 'status 425', 'status 429'])('is violated when one is turned away (%s)', (why) => {
    expect(back.check(asked(latestMs + 1, 'info', why)).kind).toBe('violated')
    expect(back.check(asked(latestMs + 1, 'fail', why)).kind).toBe('violated')
  })

  test('holds when one is rejected for another reason', () => {
    expect(back.check(asked(latestMs + 1, 'fail', 'status 404')).kind).toBe('holds')
  })

  test('counts from the end of a Retry-After that was given before', () => {
    const throttledFor2s = [sends(0, bank), throttled(0, 0, 2_000), replies(20, 0, 429, bank)]
    const history = (endMs: number) =>
      historyOf(...throttledFor2s, healed, invoke(200, 'buy', 0), ends(endMs, 'info', 0), over(9_999))
    const latestMs = 20 + 2_000 + 1_000

    expect(back.check(history(latestMs)).kind).toBe('vacuous')
    expect(back.check(history(latestMs + 1)).kind).toBe('violated')
  })

  test('is unknown while an operation is open at a bound', () => {
    const history = historyOf(healed, invoke(200, 'buy', 0), over(300, 'recoverForMs'))

    expect(back.check(history).kind).toBe('unknown')
  })

  test('is vacuous without healing', () => {
    const history = historyOf(invoke(200, 'buy', 0), ends(9_000, 'info', 0), over(9_999))

    expect(back.check(history).reasons[0]?.text).toBe('nothing was asked after healing: give the system a probe.')
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
