// An exhaustive exploration runs every set of faults that can strike together, each once: as many as a brute-force twin
// finds that knows no order of faults. It adds any fault of the catalogue of a run to the plan of that run, in any
// order, and counts the plans whose faults all fired.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  atLeastOnce,
  formatAssessment,
  journal,
  map,
  noHang,
  op,
  serve,
  type Assessment,
  type System,
  type Workload,
} from 'two-generals'
import { withoutRepeats } from '../../src/explore/repeats.ts'
import { assessOpen } from '../../src/property.ts'
import { faultId, listed, noFaults, planId, singleFaults, type ListedPlan } from '../../src/scenario/plan.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import { full } from '../full.ts'

const send = (url: string): Promise<Response> => fetch(url, { method: 'POST', body: '{}' })
const nothing = fc.constant(null)
const ok = (): Response => new Response()

/** The handler asks a bank, and once more where that fails: the second call is there only after a fault. */
const retrying = async (): Promise<Response> => {
  const asked = (): Promise<Response> => send('http://bank/')
  const answer = await asked().catch(asked)
  return new Response(null, { status: answer.ok ? 200 : 502 })
}

const stored = new Map<string, number>()
const storing = async (): Promise<Response> => {
  stored.set('n', (stored.get('n') ?? 0) + 1)
  return ok()
}

const systems: Readonly<Record<string, System>> = {
  'a call that is tried again': {
    nodes: { shop: serve(() => retrying), bank: serve(() => ok) },
    operations: [op('pay', nothing, () => send('http://shop/'), { timeout: 5_000 })],
    invariants: [noHang()],
    tolerates: ['lose', 'refuse'],
  },
  'a client that tries again, and a store': {
    nodes: { shop: serve(() => storing) },
    stores: [map(stored, { name: 'stored' })],
    operations: [op('add', nothing, () => send('http://shop/'), { retries: 1, timeout: 5_000 })],
    invariants: [noHang()],
    tolerates: ['lose', 'duplicate', 'crash'],
  },
  'two operations': {
    nodes: { shop: serve(() => ok) },
    operations: [
      op('put', nothing, () => send('http://shop/put')),
      op('get', nothing, () => send('http://shop/get'), { retries: 1 }),
    ],
    invariants: [noHang()],
    tolerates: ['lose'],
  },
}

/** A system that is open, and the plans that are run on a workload with faults. */
async function withRecorded<T>(
  system: System,
  work: (simulation: Simulation, plans: ListedPlan[]) => Promise<T>,
): Promise<T> {
  const plans: ListedPlan[] = []
  const simulation = await open(system)
  const recorded: Simulation = {
    ...simulation,
    run(scenario, options) {
      if (scenario.plan.kind === 'listed') plans.push(scenario.plan)
      return simulation.run(scenario, options)
    },
  }
  try {
    return await work(recorded, plans)
  } finally {
    await simulation.close()
  }
}

interface Twin {
  /** The plans of each size whose faults all fired. */
  readonly plans: readonly (readonly string[])[]
  /** How many different courses they took. */
  readonly courses: number
}

/** Adds faults to plans in every order. */
function bruteForce(system: System, workload: Workload, seed: number, most: number): Promise<Twin> {
  return withRecorded(system, async (simulation) => {
    const seen = new Set<string>()
    const courses = new Set<string>()
    const plans: string[][] = Array.from({ length: most + 1 }, () => [])
    const visit = async (plan: ListedPlan): Promise<void> => {
      if (seen.has(planId(plan))) return
      seen.add(planId(plan))
      const { sites, fired, history } = await simulation.run({ workload, plan, seed }, { collect: true })
      if (fired.length < plan.faults.length) return
      plans[plan.faults.length]?.push(planId(plan))
      if (plan.faults.length > 0) courses.add(courseOf(history.events))
      if (plan.faults.length === most) return
      const own = new Set(plan.faults.map(faultId))
      for (const fault of singleFaults(withoutRepeats(sites), simulation.claim.allowed))
        if (!own.has(faultId(fault))) await visit(listed([...plan.faults, fault]))
    }
    await visit(noFaults)
    return { plans, courses: courses.size }
  })
}

const courseOf = (events: readonly { readonly kind: string }[]): string =>
  events
    .filter(({ kind }) => kind !== 'fault')
    .map((event) => JSON.stringify({ ...event, seq: 0, cause: 0, request: 0, unanswered: 0 }))
    .join('\n')

const smallestOf = async (system: System): Promise<{ readonly workload: Workload; readonly seed: number }> => {
  let found: { readonly workload: Workload; readonly seed: number } | undefined
  await withRecorded(system, async (simulation) => {
    const run: Simulation['run'] = (scenario, options) => {
      if (scenario.plan.kind === 'listed' && scenario.plan.faults.length === 1) found ??= scenario
      return simulation.run(scenario, options)
    }
    await assessOpen({ ...simulation, run }, { numRuns: 0 })
  })
  if (found === undefined) throw new Error('no single fault was run')
  return found
}

describe.each(Object.entries(systems))('%s', (_, system) => {
  test.each(full ? ([1, 2, 3] as const) : ([1, 2] as const))(
    'has all sets of up to %i faults run, each once',
    async (most) => {
      const { workload, seed } = await smallestOf(system)
      const twin = await bruteForce(system, workload, seed, most)
      const { assessment, ran } = await withRecorded(system, async (simulation, plans) => ({
        assessment: await assessOpen(simulation, { numRuns: 0, exhaustive: most }),
        ran: plans,
      }))

      expect(assessment.kind).toBe('holds')
      const { singles, sets = [], exhaustive } = assessment.explored
      const sizes = Array.from({ length: most }, (__, index) => index + 1)
      const counts = sizes.map((size) => twin.plans[size]?.length ?? 0)
      expect([singles, ...sets].map(({ run }) => run)).toEqual(counts)
      expect([singles, ...sets].map(({ total }) => total)).toEqual(counts)
      expect(exhaustive).toEqual({
        faults: most,
        asked: counts.map((count) => ({ count })),
        histories: twin.courses,
      })
      for (const size of sizes) {
        const own = ran.filter(({ faults }) => faults.length === size).map(planId)
        expect(new Set(own)).toEqual(new Set(twin.plans[size]))
        // The sets from which larger ones are made are run a second time, for the catalogue of their run
        expect(own).toHaveLength((size < most ? 2 : 1) * (twin.plans[size]?.length ?? 0))
      }
    },
  )
})

const charge = journal<{ n: number }>('charge')
/** A charge is lost where two calls in a row fail. */
const twice: System = {
  nodes: {
    shop: serve(() => async () => {
      const paid = await send('http://bank/').catch(() => send('http://bank/').catch(() => undefined))
      if (paid?.ok === true) charge.add({ n: 1 })
      return ok()
    }),
    bank: serve(() => ok),
  },
  operations: [op('pay', nothing, () => send('http://shop/'))],
  invariants: [],
  tolerates: { 'shop -> bank': ['refuse'] },
}
const [pay] = twice.operations
const charged = atLeastOnce(
  (pay ?? op('pay', nothing, ok)).by(() => 1),
  charge.by(({ n }) => n),
)
const twiceJudged: System = { ...twice, invariants: [charged] }

const told = (assessment: Assessment): string =>
  formatAssessment(assessment, { test: 'charged once' }).replace(/\s+/g, ' ')

describe('what is said', () => {
  test('a bug that needs two faults passes every single one, and no pair', async () => {
    const one = await assess(twiceJudged, { numRuns: 0, exhaustive: 1 })
    const two = await assess(twiceJudged, { numRuns: 0, exhaustive: 2 })

    expect(one.kind).toBe('holds')
    expect(told(one)).toContain('the only single fault on one pay, in one history: holds')
    expect(two.kind).toBe('violated')
    if (two.kind === 'violated') expect(two.counterexample.scenario.plan).toMatchObject({ faults: [{}, {}] })
    expect(two.explored.sets).toEqual([{ faults: 2, run: 1, violated: 1, total: 1 }])
    expect(told(two)).toContain('the only pair: 1 violated')
  })

  test('more faults than the claim allows in one history are refused, with what to write', async () => {
    const system: System = { ...twiceJudged, tolerates: { only: ['refuse'], atMost: 1 } }

    await expect(assess(system, { exhaustive: 2 })).rejects.toThrow(
      'exhaustive is 2, and `tolerates` allows at most 1 in one history (atMost). Give exhaustive: 1, or allow more.',
    )
  })

  test('the count comes before the first pair, with an estimate; of sets of three again when it is exact', async () => {
    const [system] = Object.values(systems)
    if (system === undefined) throw new Error('no system')
    const announced: string[] = []
    const before: number[] = []
    await withRecorded(system, (simulation, plans) =>
      assessOpen(simulation, {
        numRuns: 0,
        exhaustive: 3,
        announce: (text) => {
          announced.push(text)
          before.push(Math.max(...plans.map(({ faults }) => faults.length)))
        },
      }),
    )

    expect(announced).toEqual([
      expect.stringMatching(
        /^exhaustive: 3 asks for \d+ single faults, \d+ pairs and about \d+ sets of three on one pay: about \d+ s$/,
      ),
      expect.stringMatching(
        /^exhaustive: 3 asks for \d+ single faults, \d+ pairs and \d+ sets of three on one pay: about \d+ s$/,
      ),
    ])
    expect(before).toEqual([1, 2])
  })
})
