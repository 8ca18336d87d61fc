// When a history with loops is over: not while a next try is to come, and soon once everything goes round in circles.
// What nobody does is then missing, whatever shape the loop has; what code counts in memory is waited for first.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atLeastOnce } from '../../src/check/at-least-once.ts'
import { eventually } from '../../src/check/eventually.ts'
import { rows } from '../../src/history/effect.ts'
import { assess } from '../../src/property.ts'
import { open, simulate } from '../../src/simulation.ts'
import { map } from '../../src/store/map.ts'
import { op } from '../../src/system/operation.ts'
import type { Store } from '../../src/system/store.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { full } from '../full.ts'
import { endOf, node, runOnce, scenarioOf } from './systems.ts'

const jobs = new Map<string, 'waiting' | 'done'>()

/** Finds nobody's job, as the sound twins do who look for one. */
const look = (): Promise<unknown> => fetch('http://other/').catch(() => undefined)
const finishAll = (): void => {
  for (const [id, state] of jobs) if (state === 'waiting') jobs.set(id, 'done')
}

/** A worker that takes jobs in its store, and what its boot starts beside that. */
function workerThat(start: () => void, stores: readonly Store[] = []): System {
  const add = op('add', fc.uuid(), (id) => fetch('http://worker/', { method: 'POST', body: id }), {
    retries: 1,
    timeout: 5_000,
  })
  const worker = serve(() => {
    start()
    return async (request) => {
      const id = await request.text()
      if (!jobs.has(id)) jobs.set(id, 'waiting')
      return new Response('ok')
    }
  })
  return {
    nodes: { worker, other: node(() => undefined) },
    stores: [map(jobs, { name: 'jobs' }), ...stores],
    operations: [add],
    invariants: [
      eventually(
        'no job waits',
        rows('waiting', () => [...jobs].filter(([, state]) => state === 'waiting').map(([id]) => id)),
        (all) => all.length === 0,
      ),
      atLeastOnce(
        add.by((id) => id),
        rows('done', () => [...jobs].filter(([, state]) => state === 'done').map(([id]) => id)).by((id) => id),
      ),
    ],
    tolerates: ['lose'],
  }
}

/** What is said of a system after a short exploration; a failure is left as it was found. */
async function verdictOn(system: System): Promise<string> {
  return (await assess(system, { numRuns: full ? 5 : 1, shrink: false })).kind
}

/** Loops around some work, each an own way to write one. */
const loops: readonly (readonly [name: string, start: (work: () => unknown) => void])[] = [
  ['an interval', (work) => void setInterval(work, 1_000)],
  [
    'a chain with a time limit on its calls',
    (work) => {
      const again = async (): Promise<void> => {
        await fetch('http://other/', { signal: AbortSignal.timeout(30_000) }).catch(() => undefined)
        work()
        setTimeout(() => void again(), 1_000)
      }
      void again()
    },
  ],
  [
    'a loop that never pauses',
    (work) => {
      void (async () => {
        for (;;) {
          await look()
          work()
        }
      })()
    },
  ],
  [
    'two loops out of step, one of which answers the other',
    (work) => {
      setInterval(() => void look(), 500)
      setInterval(work, 700)
    },
  ],
  [
    'a loop of requests that are given up at once',
    (work) => {
      setInterval(() => {
        void fetch('http://other/', { signal: AbortSignal.timeout(30) }).catch(() => undefined)
        work()
      }, 50)
    },
  ],
]

/** The quick run takes those of other kinds: by a timer, by a chain of calls, by nothing but calls. */
describe.each(full ? loops : loops.slice(0, 3))('%s', (_name, start) => {
  test('that does no work: what is missing is missed', async () => {
    expect(await verdictOn(workerThat(() => start(() => undefined)))).toBe('violated')
  })

  test('that does the work: holds', async () => {
    expect(await verdictOn(workerThat(() => start(finishAll)))).toBe('holds')
  })
})

describe('nobody is accused in haste:', () => {
  test.each(full ? [3, 10, 60] : [10])('a loop that works at every %i-th look', async (every) => {
    const patientWorker = workerThat(() => {
      let looks = 0
      setInterval(() => {
        if (++looks % every === 0) finishAll()
      }, 1_000)
    })

    expect(await verdictOn(patientWorker)).toBe('holds')
  })

  test('simulate is patient, a run while exploring is not', async () => {
    const idle = workerThat(() => void setInterval(() => undefined, 1_000))
    const scenario = scenarioOf(idle, [], [{ id: 0, operation: 'add', client: 0, afterMs: 0, input: 'a' }])
    /** 3 rounds before healing and 3 after it. */
    const hastyMs = 6_000
    /** Healed when faultsForMs has passed, then 100 rounds. */
    const patientMs = 160_000

    expect(endOf((await runOnce(idle, scenario)).history)).toEqual({ reason: 'quiet', atMs: hastyMs })
    expect(endOf(await simulate(idle, scenario))).toEqual({ reason: 'quiet', atMs: patientMs })
  })
})

describe('what is missing at a bound', () => {
  test('is run again until its loops have gone round, where recoverForMs is longer than they are', async () => {
    const hourMs = 3_600_000
    const weekly = (work: () => void): System => ({
      ...workerThat(() => void setInterval(work, 168 * hourMs)),
      recoverForMs: 400 * hourMs,
    })

    expect(await verdictOn(weekly(finishAll))).toBe('holds')
    expect(await verdictOn(weekly(() => undefined))).toBe('violated')
    expect(await verdictOn({ ...weekly(() => undefined), recoverForMs: hourMs })).toBe('inconclusive')
  })

  test('is run again for longer, and then judged: a nightly job, alone', async () => {
    const nightly = (work: () => void): System => workerThat(() => void setInterval(work, 86_400_000))

    expect(await verdictOn(nightly(finishAll))).toBe('holds')
    expect(await verdictOn(nightly(() => undefined))).toBe('violated')
  })

  test('that many steps lead to is given more of them, with patience', { tags: ['full'] }, async () => {
    /** Writes down how far it is at every step, so that nothing goes round in circles, and works at the last one. */
    const progress = new Map<string, number>()
    const step = (): void => {
      const steps = (progress.get('all') ?? 0) + 1
      progress.set('all', steps)
      if (steps < 120_000) setImmediate(step)
      else finishAll()
    }
    const plodding = workerThat(step, [map(progress, { name: 'progress' })])
    const scenario = scenarioOf(plodding, [], [{ id: 0, operation: 'add', client: 0, afterMs: 0, input: 'a' }])

    const simulation = await open(plodding)

    const { history } = await simulation.run(scenario)
    const { history: longer } = await simulation.run(scenario, { patient: true })
    await simulation.close()

    expect(endOf(history).reason).toBe('maxSteps')
    expect(endOf(longer).reason).toBe('quiet')
  })

  test('stays unknown beside a row that only counts, and is never forgiven', { tags: ['full'] }, async () => {
    const ticks = new Map<string, number>()
    const counting = workerThat(
      () => void setInterval(() => ticks.set('all', (ticks.get('all') ?? 0) + 1), 1_000),
      [map(ticks, { name: 'ticks' })],
    )
    const assessment = await assess(counting, { numRuns: 0 })

    expect(assessment.kind).toBe('inconclusive')
    expect(assessment.folded.some(({ undecided = 0 }) => undecided > 0)).toBe(true)
  })
})

test.each([1_000, 5_000])('a next try is waited for, beside a time limit of %i ms that is spent', async (limitMs) => {
  const sender = workerThat(() => {
    let tries = 0
    const deliver = async (): Promise<void> => {
      const signal = AbortSignal.timeout(limitMs)
      await fetch('http://other/', { signal }).catch(() => undefined)
      tries += 1
      if (tries % 2 === 0) finishAll()
      setTimeout(() => void deliver(), 3_000)
    }
    void deliver()
  })

  expect(await verdictOn(sender)).toBe('holds')
})
