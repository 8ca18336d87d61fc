// Who waits, or measures, does so by a clock of its own. A sound sender, breaker, schedule or limit is never blamed for
// a clock that drifts or is wrong from the start; one that is a little too early is found on a clock that is right.
// @module-tag full
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundedCall, contained, journal, latencyBudget, op, retryBudget, serve, type System } from 'two-generals'
import { runsOncePerSlot } from 'two-generals/queues'
import { found } from './found.ts'

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

const look = op('look', fc.constant(null), () => fetch('http://shop/'))
const stock = serve(() => () => new Response())

describe('retryBudget', () => {
  /** Asks three times; waits `share` of what it is told, or of a second. */
  const asking = (share: number, invariants: System['invariants']): System => ({
    nodes: {
      stock,
      shop: serve(() => async () => {
        for (let tries = 1; ; tries++) {
          const answer = await fetch('http://stock/', { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
          if (answer?.ok === true || tries === 3) return new Response(null, { status: answer?.status ?? 503 })
          const told = answer?.headers.get('retry-after') ?? '1'
          await pause(share * (Number(told) * 1_000 || Date.parse(told) - Date.now()))
        }
      }),
    },
    operations: [look],
    invariants,
    tolerates: { except: ['jump', 'skew'] },
  })

  const honour = [retryBudget({ honourRetryAfter: true, link: 'shop -> stock' })]
  const backOff = [retryBudget({ backoffMs: 1_000, link: 'shop -> stock' })]

  test('holds for what waits exactly as long as it is told, in seconds and until dates', async () => {
    expect(await found(asking(1, honour))).toBe('holds')
    expect(await found(asking(0.8, honour))).toBe('retry-after-ignored shop -> stock')
  })

  test('holds for a back-off of exactly that time', async () => {
    const { tolerates: _, ...rest } = asking(1, backOff)
    const withoutDates: System = { ...rest, tolerates: { except: ['jump', 'skew', 'throttle'] } }
    expect(await found(withoutDates)).toBe('holds')
    expect(await found({ ...asking(0.99, backOff), tolerates: ['error', 'drift'] })).toBe(
      'retried-too-soon shop -> stock',
    )
  })
})

describe('boundedCall and latencyBudget', () => {
  const limited = (limitMs: number, invariant: System['invariants'][number]): System => ({
    nodes: {
      stock,
      shop: serve(() => async () => {
        await fetch('http://stock/', { signal: AbortSignal.timeout(limitMs) }).catch(() => undefined)
        return new Response()
      }),
    },
    operations: [op('look', fc.constant(null), () => fetch('http://shop/'), { timeout: 2_000 })],
    invariants: [invariant],
    tolerates: ['drift', 'skew', 'hang'],
  })

  test.each([
    ['boundedCall', boundedCall(2_000), boundedCall(1_990)],
    ['latencyBudget', latencyBudget({ max: 2_000 }), latencyBudget({ max: 1_990 })],
  ])('%s goes by the clock of the client, too', async (_name, exact, tighter) => {
    expect(await found(limited(60_000, exact))).toBe('holds')
    expect(await found(limited(60_000, tighter))).not.toBe('holds')
  })

  test('a limit in a node is measured by its clock', async () => {
    expect(
      await found({
        ...limited(1_500, boundedCall(1_600)),
        tolerates: { 'shop -> stock': ['hang'], 'shop -> shop': ['drift'] },
      }),
    ).toBe('holds')
  })
})

describe('contained', () => {
  /** Two failures in a row open the breaker for `restMs`, by either clock. */
  const breaking = (restMs: number, now: () => number): System => ({
    nodes: {
      bank: stock,
      shop: serve(() => {
        let failures = 0
        let shutUntilMs = 0
        return async () => {
          if (now() < shutUntilMs) return new Response(null, { status: 503 })
          const answer = await fetch('http://bank/', { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
          failures = answer?.ok === true ? 0 : failures + 1
          if (failures >= 2) shutUntilMs = now() + restMs
          return new Response()
        }
      }),
    },
    operations: [
      op('pay', fc.constant(null), async () => {
        for (let tries = 0; tries < 12; tries++) {
          await fetch('http://shop/').catch(() => undefined)
          await pause(490)
        }
      }),
    ],
    clients: 1,
    maxOperations: 1,
    invariants: [contained('bank', { breaker: { opensAfter: 2, openForMs: 2_000, timeoutMs: 1_000 } })],
    tolerates: ['error', 'lose', 'hang', 'partition', 'drift', 'skew'],
  })

  test.each([
    ['Date', () => Date.now()],
    ['performance', () => performance.now()],
  ])('holds for a breaker that rests exactly so long by %s', async (_name, now) => {
    expect(await found(breaking(2_000, now), 60)).toBe('holds')
    expect(await found(breaking(200, now), 60)).toBe('too-many-probes shop -> bank')
  })
})

describe('runsOncePerSlot', () => {
  const ran = journal<null>('ran')
  const watch = op('watch', fc.constant(null), async () => {
    await pause(17_500)
    return fetch('http://shop/')
  })

  const scheduled = (start: () => void, kinds: System['tolerates'], everyMs = 1_000): System => ({
    nodes: {
      shop: serve(() => {
        start()
        return () => new Response()
      }),
    },
    operations: [watch],
    invariants: [runsOncePerSlot(ran, { everyMs, withinMs: 100 })],
    ...(kinds === undefined ? {} : { tolerates: kinds }),
  })

  test('holds for an interval on timers that are fast or slow', async () => {
    expect(await found(scheduled(() => void setInterval(() => ran.add(null), 1_000), ['drift', 'skew']))).toBe('holds')
    expect(await found(scheduled(() => void setInterval(() => ran.add(null), 900), ['drift']))).not.toBe('holds')
  })

  test('holds for a schedule by a wall clock that is wrong from the start', async () => {
    const byWall = (everyMs: number) => (): void => {
      const next = (): void => {
        const leftMs = everyMs - (Date.now() % everyMs)
        setTimeout(() => {
          ran.add(null)
          next()
        }, leftMs)
      }
      next()
    }
    expect(await found(scheduled(byWall(8_000), ['skew'], 8_000))).toBe('holds')
    expect(await found(scheduled(byWall(5_000), ['skew'], 8_000))).not.toBe('holds')
  })
})
