// Scheduled jobs: when they run, what they miss, and jobs found out and held from generators alone.
import { assess, formatAssessment, journal, map, op, rows, serve, type Effect, type System } from 'two-generals'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cloudflareWorker, cron, runsOncePerSlot, type CronJob } from 'two-generals/queues'
import { amount } from '../full.ts'
import { rehearse } from '../../src/conformance/rehearse.ts'

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const minuteMs = 60_000

/** When the job runs in so many minutes, and for which slot, in two equal histories. */
async function runs(expression: string, minutes: number, options: Parameters<typeof cron>[2] = {}): Promise<unknown> {
  let seen: unknown[] = []
  const job: CronJob = (slot) => void seen.push([performance.now(), slot.toISOString()])
  const system = { nodes: { reports: cron(expression, () => job, options) } }
  const watched = await rehearse(system, async () => {
    seen = []
    await wait(minutes * minuteMs)
    return [...seen]
  })
  return watched.seen
}

describe('cron', () => {
  test('runs at each slot, in each instance', async () => {
    expect(await runs('*/5 * * * *', 11)).toEqual([
      [300_000, '2026-01-01T00:05:00.000Z'],
      [600_000, '2026-01-01T00:10:00.000Z'],
    ])
    expect(await runs('*/5 * * * *', 6, { instances: 2 })).toEqual([
      [300_000, '2026-01-01T00:05:00.000Z'],
      [300_000, '2026-01-01T00:05:00.000Z'],
    ])
  })

  test('in a time zone', async () => {
    expect(await runs('0 2 * * *', 120, { timeZone: 'Europe/Berlin' })).toEqual([
      [3_600_000, '2026-01-01T01:00:00.000Z'],
    ])
  })

  test('an expression that is none is told', async () => {
    await expect(runs('every day', 1)).rejects.toThrow('cron("every day"): ')
  })

  test.each([
    ['give an expression', () => cron('', () => () => 1)],
    ['give a factory of the job', () => cron('* * * * *', 1 as never)],
    ['has no option "zone"', () => cron('* * * * *', () => () => 1, { zone: 'UTC' } as object)],
    ['cron("* * * * *"): instances is 0', () => cron('* * * * *', () => () => 1, { instances: 0 })],
  ])('%s', (text, declare) => {
    expect(declare).toThrow(text)
  })

  test('a factory that gives no job is told', async () => {
    const system = { nodes: { reports: cron('* * * * *', () => undefined as never) } }
    await expect(rehearse(system, () => wait(1))).rejects.toThrow('its factory gave undefined, and no job')
  })
})

describe('cron triggers of Cloudflare', () => {
  test('call scheduled() once for each slot, in any isolate', async () => {
    let seen: unknown[] = []
    const worker = {
      scheduled({ scheduledTime, cron: due }: { readonly scheduledTime: number; readonly cron: string }): void {
        seen.push([performance.now(), new Date(scheduledTime).toISOString(), due])
      },
    }
    const system = { nodes: { shop: cloudflareWorker(() => worker, { crons: ['*/5 * * * *'] }) } }
    const watched = await rehearse(system, async () => {
      seen = []
      await wait(11 * minuteMs)
      return [...seen]
    })
    expect(watched.seen).toEqual([
      [300_020, '2026-01-01T00:05:00.000Z', '*/5 * * * *'],
      [600_020, '2026-01-01T00:10:00.000Z', '*/5 * * * *'],
    ])
  })

  test('a module without scheduled() is told', async () => {
    const module = { fetch: (): Response => new Response() }
    await expect(
      rehearse({ nodes: { shop: cloudflareWorker(() => module, { crons: ['* * * * *'] }) } }, () => wait(1)),
    ).rejects.toThrow('it has the cron trigger * * * * *, and its module has no scheduled(controller, env, ctx)')
  })
})

const everyMs = 10 * minuteMs
const slotOf = (due: Date): number => Math.round((due.getTime() - Date.UTC(2026, 0, 1)) / everyMs) - 1
const lastDue = (): number => Math.floor((Date.now() - Date.UTC(2026, 0, 1)) / everyMs) - 1
const made = journal<{ readonly slot: number }>('report')
const claims = new Map<number, 'claimed' | 'made'>()
const stored = rows('report', () => [...claims].flatMap(([slot, state]) => (state === 'made' ? [{ slot }] : [])))

type Reports = () => CronJob

/** Replicas that make a report every ten minutes, watched for half an hour. A report needs numbers of another node. */
function reporting(boot: Reports, instances: number, reports: Effect<{ readonly slot: number }> = made): System {
  const watch = op('watch', fc.constant(31), (minutes) => wait(minutes * minuteMs))
  return {
    nodes: {
      reports: cron('*/10 * * * *', boot, { instances }),
      numbers: serve(() => () => new Response('42')),
    },
    stores: [map(claims, { name: 'claims' })],
    operations: [watch],
    clients: 1,
    maxOperations: 1,
    tolerates: { reports: ['crash'] },
    faultsForMs: 40 * minuteMs,
    recoverForMs: 20 * minuteMs,
    invariants: [runsOncePerSlot(reports, { everyMs, slot: ({ slot }) => slot })],
  }
}

const numbers = async (): Promise<void> => {
  await fetch('http://numbers/', { signal: AbortSignal.timeout(5_000) })
}

/** Each instance keeps the schedule. */
const everywhere: Reports = () => async (due) => {
  await numbers()
  made.add({ slot: slotOf(due) })
}

/** Whoever claims a slot first makes its report; one who dies meanwhile never does. */
const claimsFirst: Reports = () => async (due) => {
  const slot = slotOf(due)
  if (claims.has(slot)) return
  claims.set(slot, 'claimed')
  await numbers()
  made.add({ slot })
}

/** What was not made by now is made as the process starts again; the report is stored with its claim. */
const looksBack: Reports = () => {
  const make = async (slot: number): Promise<void> => {
    await numbers()
    claims.set(slot, 'made')
  }
  for (let slot = 0; slot <= lastDue(); slot++) if (claims.get(slot) !== 'made') void make(slot)
  return async (due) => {
    const slot = slotOf(due)
    if (!claims.has(slot)) claims.set(slot, 'claimed')
    await make(slot)
  }
}

test.each<[name: string, words: string, broken: System]>([
  ['a job on every instance', 'ran twice', reporting(everywhere, 2)],
  ['a claim whose owner died', 'never ran for slot', reporting(claimsFirst, 1)],
])('%s', async (name, words, broken) => {
  const assessment = await assess(broken, { seed: 1, shrink: false })
  const told = formatAssessment(assessment, { test: name })
  expect(assessment.kind, told).toBe('violated')
  expect(told).toContain(words)
})

test('what is looked for after a crash, and made up for', async () => {
  const assessment = await assess(reporting(looksBack, 1, stored), { seed: 1, numRuns: amount(100) })
  expect(assessment.kind, formatAssessment(assessment, { test: 'it' })).toBe('holds')
})
