import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { retryBudget } from '../../src/check/retry-budget.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { retryBudgetTwin, type Limits } from './brute-force/late-twins.ts'
import { askingHistory } from './brute-force/random-replays.ts'
import { arrives, historyOf, invoke, over, replies, sends, throttled, tries, type Line } from './build-history.ts'

const bank = { root: 'pay#0', path: ['client -> shop POST / 1'], from: 'shop', to: 'bank' }
const begin = [invoke(0, 'pay', 0), tries(0, 0, 1)]

/**
 * Sequential requests. Each is lost, or is answered with `status`, `afterMs` later. The sequence numbers of their
 * events start at 2: one for a lost request, three for an answered one.
 */
function asked(
  ...all: readonly (readonly [atMs: number, answer?: readonly [status: number, afterMs: number]])[]
): Line[] {
  const lines: Line[] = []
  for (const [atMs, answer] of all) {
    const seq = begin.length + lines.length
    lines.push(sends(atMs, bank))
    if (answer !== undefined)
      lines.push(replies(atMs + answer[1], seq, answer[0], bank), arrives(atMs + answer[1], seq + 1))
  }
  return lines
}
const verdict = (limits: Parameters<typeof retryBudget>[0], ...lines: readonly Line[]) =>
  retryBudget(limits).check(historyOf(...begin, ...lines, over(99_999)))

describe('retryBudget: attempts', () => {
  test('holds within the limit', () => {
    expect(verdict({ attempts: 2 }, ...asked([0], [500, [200, 40]]))).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated by one more', () => {
    expect(verdict({ attempts: 2 }, ...asked([0], [500, [503, 40]], [900]))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'POST /work shop -> bank was tried 3 times, the last time at 0.900 s; expected at most twice.',
          kind: 'too-many-attempts',
          of: 'shop -> bank',
          between: ['shop', 'bank'],
          events: [6],
          against: [2, 3],
        },
      ],
    })
  })

  test('counts a request after a good answer as another call', () => {
    expect(verdict({ attempts: 1 }, ...asked([0, [200, 40]], [50, [201, 40]])).kind).toBe('holds')
  })

  test('does not count overlapping requests as retries', () => {
    const together = [sends(0, bank), sends(0, bank)]
    const beforeTheAnswer = [sends(0, bank), sends(10, bank), replies(40, 2, 503, bank), arrives(40, 4)]

    expect(verdict({ attempts: 1 }, ...together).kind).toBe('vacuous')
    expect(verdict({ attempts: 1 }, ...beforeTheAnswer).kind).toBe('vacuous')
  })

  test("does not count a client's own retries, but counts requests that the client's code repeats in one try", () => {
    const own = { root: 'pay#0', from: 'client', to: 'shop' }
    const retriedByTheClient = [sends(0, own), tries(50, 0, 2), sends(50, own)]
    const repeatedInOneTry = [sends(0, own), sends(50, own)]

    expect(verdict({ attempts: 1 }, ...retriedByTheClient).kind).toBe('holds')
    expect(verdict({ attempts: 1 }, ...repeatedInOneTry).kind).toBe('violated')
  })

  test('judges only the given link', () => {
    const lines = asked([0], [500])

    expect(verdict({ attempts: 1, link: 'shop -> mail' }, ...lines).kind).toBe('vacuous')
    expect(verdict({ attempts: 1, link: 'shop -> bank' }, ...lines).kind).toBe('violated')
  })
})

describe('retryBudget: perOperation', () => {
  const paths = [['client -> shop POST / 1'], ['client -> shop POST / 2']]
  const nested = paths.flatMap((path, n) => [
    sends(1_000 * n, { ...bank, path }),
    sends(1_000 * n + 500, { ...bank, path }),
  ])

  test('counts retries of retries', () => {
    expect(verdict({ attempts: 2, perOperation: 4 }, ...nested).kind).toBe('holds')
    expect(verdict({ attempts: 2, perOperation: 3 }, ...nested)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'pay#0 caused 4 requests shop -> bank by 1.500 s; expected at most 3.',
          kind: 'retry-amplification',
          of: 'shop -> bank',
          between: ['shop', 'bank'],
          events: [5],
          against: [2, 3, 4],
        },
      ],
    })
  })

  test('ignores requests that no operation caused', () => {
    const atBoot = { ...bank, root: 'boot(shop)' }

    expect(verdict({ perOperation: 1 }, sends(0, atBoot), sends(500, atBoot)).kind).toBe('vacuous')
  })
})

describe('retryBudget: backoffMs', () => {
  test('counts from the answer or, without one, from the request', () => {
    const waited = asked([0, [503, 40]], [40 + 100])
    const waitedWithoutAnswer = asked([0], [100])
    const tooSoon = asked([0, [503, 40]], [40 + 99])

    expect(verdict({ backoffMs: 100 }, ...waited).kind).toBe('holds')
    expect(verdict({ backoffMs: 100 }, ...waitedWithoutAnswer).kind).toBe('holds')
    expect(verdict({ backoffMs: 100 }, ...tooSoon).reasons).toEqual([
      {
        text:
          'POST /work shop -> bank was tried again at 0.139 s, 0.099 s after it was answered 503; expected to ' +
          'wait 0.100 s before retry 1.',
        kind: 'retried-too-soon',
        of: 'shop -> bank',
        between: ['shop', 'bank'],
        events: [2, 4, 5],
      },
    ])
  })

  test('may grow with each retry', () => {
    const backoffMs = (retry: number): number => 100 * 2 ** (retry - 1)

    expect(verdict({ backoffMs }, ...asked([0], [100], [300])).kind).toBe('holds')
    expect(verdict({ backoffMs }, ...asked([0], [100], [299])).reasons[0]?.text).toContain(
      'expected to wait 0.200 s before retry 2',
    )
  })

  test('is vacuous without a retry', () => {
    expect(verdict({ backoffMs: 1 }, ...asked([0])).reasons[0]?.text).toBe(
      'no request was tried again or told to wait.',
    )
  })

  test('is unknown when backoffMs returns no number', () => {
    const history = historyOf(...begin, ...asked([0], [100]))

    expect(check(history, [retryBudget({ backoffMs: () => Number.NaN })])[0]).toMatchObject({ kind: 'unknown' })
  })
})

describe('retryBudget: honourRetryAfter', () => {
  /** Answered 429 at 40 ms. The header has whole seconds: 1,500 ms become 2 s. */
  const throttledOnce = [sends(0, bank), throttled(0, 2, 1_500), replies(20, 2, 429, bank), arrives(40, 4)]
  const allowedFromMs = 40 + 2_000

  test('holds when no request is sent before that time, in whole seconds', () => {
    const inTime = [...throttledOnce, sends(allowedFromMs, bank)]

    expect(verdict({ honourRetryAfter: true }, ...inTime).kind).toBe('holds')
    expect(verdict({ honourRetryAfter: true }, ...throttledOnce).kind).toBe('holds')
  })

  test('is violated by an earlier request', () => {
    const early = [...throttledOnce, sends(allowedFromMs - 1, bank)]

    expect(verdict({ honourRetryAfter: true }, ...early).reasons).toEqual([
      {
        text:
          'POST /work shop -> bank was tried again at 2.039 s, though it was answered 429 with Retry-After 2 at ' +
          '0.040 s; expected nothing before 2.040 s.',
        kind: 'retry-after-ignored',
        of: 'shop -> bank',
        between: ['shop', 'bank'],
        events: [2, 5, 6],
      },
    ])
  })

  test('also reads Retry-After with status 503, and as a date in whole seconds', () => {
    const dated = (again: number) => [
      sends(0, bank),
      throttled(0, 2, 1_500, { status: 503, form: 'date' }),
      replies(20, 2, 503, bank),
      arrives(40, 4),
      sends(again, bank),
    ]

    expect(verdict({ honourRetryAfter: true }, ...dated(2_000)).kind).toBe('holds')
    expect(verdict({ honourRetryAfter: true }, ...dated(500)).reasons[0]?.text).toBe(
      'POST /work shop -> bank was tried again at 0.500 s, though it was answered 503 with Retry-After and a date at ' +
        '0.040 s; expected nothing before 2.000 s.',
    )
  })

  test('is vacuous when no caller received it', () => {
    const answerLost = [sends(0, bank), throttled(0, 2, 1_500), sends(500, bank)]

    expect(verdict({ honourRetryAfter: true }, ...answerLost).kind).toBe('vacuous')
  })
})

test.each([
  [{}, 'give a limit'],
  [{ attempts: 0 }, 'attempts is 0'],
  [{ perOperation: 1.5 }, 'perOperation is 1.5'],
  [{ backoffMs: 0 }, 'backoffMs is 0'],
  [{ honourRetryAfter: false }, 'give a limit'],
])('retryBudget(%j) is refused', (limits, text) => {
  expect(() => retryBudget(limits)).toThrow(text)
})

test('a history without requests is vacuous', () => {
  expect(verdict({ attempts: 1, link: 'shop -> bank' }).reasons[0]?.text).toBe(
    'no request was sent on shop -> bank: is that a link of this system?',
  )
})

test.each<[string, Limits, `${string} -> ${string}`?]>([
  ['attempts', { attempts: 2 }],
  ['perOperation', { perOperation: 2 }],
  ['backoffMs', { backoffMs: 250 }],
  ['honourRetryAfter', { honourRetryAfter: true }],
  ['all of them on one link', { attempts: 2, perOperation: 3, backoffMs: 250, honourRetryAfter: true }, 'shop -> bank'],
])('retryBudget agrees with its twin for %s', (_, limits, link) => {
  expectAgreement(
    retryBudget({ ...limits, ...(link === undefined ? {} : { link }) }),
    retryBudgetTwin(limits, link),
    ['holds', 'violated', 'vacuous'],
    askingHistory,
  )
})
