// resilience under plain fast-check: what each run executes, that a path is one number that replays, and every
// parameter of fast-check.
import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  exactlyOnce,
  journal,
  listed,
  map,
  noHang,
  op,
  resilience,
  scenario,
  serve,
  simulate,
  type PropertyOptions,
  type ResilienceError,
  type Scenario,
  type SymbolicRun,
  type System,
} from 'two-generals'
import { findingOf, type SavedCounterexample } from '../src/saved/saved-counterexample.ts'
import type { Tolerates } from '../src/system/system.ts'
import { rootOf } from './address-of.ts'
import { full } from './full.ts'

const charge = journal<{ order: string }>('charge')
const remembered = new Map<string, true>()

const pay = op(
  'pay',
  fc.record({ order: fc.uuid() }, { noNullPrototype: true }),
  (input) => fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(input) }),
  { retries: 2, timeout: 5_000 },
)

const orderOf = async (request: Request): Promise<{ order: string }> => (await request.json()) as { order: string }

/** Charges whenever it is asked to. */
const naive = async (request: Request): Promise<Response> => {
  charge.add(await orderOf(request))
  return new Response('charged', { status: 201 })
}

/** Charges each order once. */
const sound = async (request: Request): Promise<Response> => {
  const { order } = await orderOf(request)
  if (!remembered.has(order)) {
    remembered.set(order, true)
    charge.add({ order })
  }
  return new Response('charged', { status: 201 })
}

const once = exactlyOnce(
  pay.by((p) => p.order),
  charge.by((c) => c.order),
)

function shop(handler: (request: Request) => Promise<Response>, parts: Partial<System> = {}): System {
  return {
    nodes: { shop: serve(() => handler) },
    operations: [pay],
    invariants: [once],
    tolerates: ['lose', 'duplicate'],
    ...parts,
  }
}

const stores = [map(remembered, { name: 'remembered' })]
const broken = (options?: PropertyOptions): ReturnType<typeof resilience> => resilience(shop(naive), options)
const holding = (options?: PropertyOptions): ReturnType<typeof resilience> =>
  resilience(shop(sound, { stores }), options)

/** Sound where a history has one order: only random histories have two. */
function faultyInSwarm(): System {
  const known = new Set<string>()
  const handler = async (request: Request): Promise<Response> => {
    const { order } = await orderOf(request)
    const again = known.has(order)
    known.add(order)
    if (!again || known.size > 1) charge.add({ order })
    return new Response('charged', { status: 201 })
  }
  return shop(() => Promise.resolve(new Response()), {
    nodes: {
      shop: serve(() => {
        known.clear()
        return handler
      }),
    },
    tolerates: ['lose'],
  })
}

const scenarioFor = (fault: boolean): Scenario => ({
  workload: { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: { order: 'order-1' } }] },
  plan: listed(
    fault
      ? [
          {
            kind: 'lose',
            at: {
              root: rootOf('pay#0'),
              path: [],
              from: 'client',
              to: 'shop',
              operation: 'POST /orders',
              key: 'order#0',
              leg: 'reply',
              nth: 1,
            },
          },
        ]
      : [],
  ),
  seed: 1,
})

type Details = fc.RunDetails<SymbolicRun | Scenario>

function errorOf({ errorInstance }: Pick<Details, 'errorInstance'>): ResilienceError {
  if (!(errorInstance instanceof Error)) throw new Error('It did not fail.')
  return errorInstance as ResilienceError
}

describe('what it runs', () => {
  test('holds where nothing is violated', async () => {
    await fc.assert(holding(), { numRuns: 8, seed: 1 })
  })

  test('run 0 finds what one fault does, and fails with its story', async () => {
    const details = await fc.check(broken({ name: 'an order is charged once' }), { seed: 1 })
    expect(details).toMatchObject({ failed: true, numRuns: 1, counterexamplePath: '0', numShrinks: 0 })
    const { name, message, assessment } = errorOf(details)
    expect([name, assessment.kind]).toEqual(['Violated', 'violated'])
    expect(message).toContain('an order is charged once')
    expect(message).toContain('charge order#0')
    expect(message).toContain('reply lost')
  })

  test('a failure is as small as that of assess', async () => {
    const ours = errorOf(await fc.check(broken(), { seed: 1 })).assessment // of run 0, which has no random histories
    const theirs = await assess(shop(naive), { numRuns: 0 })
    if (ours.kind !== 'violated' || theirs.kind !== 'violated') throw new Error('It holds.')
    expect(ours.counterexample.scenario.plan).toEqual(theirs.counterexample.scenario.plan)
    expect(ours.counterexample.scenario.workload).toEqual(theirs.counterexample.scenario.workload)
  })

  test('run 0 fails when it shows nothing', async () => {
    const vacuous = shop(sound, {
      stores,
      invariants: [
        exactlyOnce(
          pay.by((p) => p.order),
          journal<{ order: string }>('refund').by((r) => r.order),
        ),
      ],
    })
    const never = shop(() => Promise.resolve(new Response('no', { status: 409 })), {
      invariants: [
        exactlyOnce(
          pay.by((p) => p.order),
          journal<{ order: string }>('refund').by((r) => r.order),
        ),
      ],
    })
    expect(errorOf(await fc.check(resilience(never), { seed: 1 })).name).toBe('Broken')
    expect(errorOf(await fc.check(resilience(vacuous), { seed: 1 })).name).toBe('Violated')
    const unfit = shop(sound, {
      stores,
      operations: [op('pay', pay.arbitrary, (input) => pay.run(input))],
      tolerates: ['duplicate'],
    })
    expect(errorOf(await fc.check(resilience(unfit), { seed: 1 })).message).toContain('duplicate')
  })

  test('run 0 runs saved counterexamples first', async () => {
    const saved: SavedCounterexample = {
      path: '/here/saved.json',
      test: { file: 'x.test.ts', name: 'x' },
      scenario: scenarioFor(true),
      violated: { invariant: once.name, kind: 'too-many', of: 'charge' },
    } as unknown as SavedCounterexample
    const { assessment } = errorOf(await fc.check(broken({ saved: [saved] }), { seed: 1 }))
    expect(assessment.explored).toMatchObject({ saved: 1, perfect: { run: 0 } })
  })

  test('says so where it fails by what the claim leaves out by now', async () => {
    const found = await assess(shop(naive), { seed: 1 })
    if (found.kind !== 'violated') throw new Error('It is violated.')
    const { scenario } = found.counterexample
    const path = '__counterexamples__/x.json'
    const saved = { ...findingOf(found.counterexample), path, test: { file: 'x.test.ts', name: 'x' } }
    const kinds = scenario.plan.kind === 'listed' ? scenario.plan.faults.map((fault) => fault.kind) : []
    const told = async (tolerates: Tolerates): Promise<string> =>
      (await assess(shop(naive, { tolerates }), { saved: [saved], numRuns: 1 })).remarks.join()
    expect(await told({ except: kinds })).toContain(
      `${path}: it was saved when this was claimed, and fails all the same`,
    )
    expect(await told(['lose', 'duplicate'])).not.toContain(path)
  })

  test('later runs are one random history each, and need the perfect network only when replayed', async () => {
    const { assessment, message } = errorOf(await fc.check(resilience(faultyInSwarm()), { seed: 3, numRuns: 300 }))
    expect(message).toContain('charge')
    expect(assessment.explored).toMatchObject({
      swarm: { run: 1, violated: 1 },
      singles: { run: 0 },
      perfect: { run: 0 },
    })
  })
})

describe('a path', () => {
  test('is one number, and replays exactly on another property', async () => {
    const found = await fc.check(resilience(faultyInSwarm()), { seed: 3, numRuns: 300 })
    const path = found.counterexamplePath ?? ''
    expect(path).toMatch(/^[1-9]\d*$/)
    const again = await fc.check(resilience(faultyInSwarm()), { seed: 3, path })
    expect(again).toMatchObject({ failed: true, counterexamplePath: path, numRuns: 1 })
    const [first, second] = [errorOf(found).assessment, errorOf(again).assessment]
    if (first.kind !== 'violated' || second.kind !== 'violated') throw new Error('It holds.')
    expect(second.counterexample).toEqual(first.counterexample)
    expect(second.explored.perfect.run).toBeGreaterThan(0)
  })

  test('is the same for a seed, and another for another', async () => {
    const paths = await Promise.all(
      (full ? [3, 3, 4, 5, 6, 7, 8, 9] : [3, 3, 9]).map(
        async (seed) => (await fc.check(resilience(faultyInSwarm()), { seed, numRuns: 300 })).counterexamplePath,
      ),
    )
    expect(paths[0]).toBe(paths[1])
    expect(new Set(paths).size).toBeGreaterThan(1)
  })
})

test('how many random histories assess runs is said by its numRuns, else by fc.configureGlobal, else 100', async () => {
  const before = fc.readConfigureGlobal()
  const runs = async (numRuns?: number): Promise<number> =>
    (await assess(shop(sound, { stores, tolerates: [], maxOperations: 1 }), numRuns === undefined ? {} : { numRuns }))
      .explored.swarm.run
  try {
    fc.configureGlobal({ numRuns: 3 })
    expect([await runs(), await runs(2)]).toEqual([3, 2])
    fc.resetConfigureGlobal()
    expect(await runs()).toBe(100)
  } finally {
    fc.configureGlobal(before)
  }
})

describe('parameters of fast-check', () => {
  test('numRuns', async () => {
    expect(await fc.check(holding(), { numRuns: 3, seed: 1 })).toMatchObject({ failed: false, numRuns: 3 })
  })

  test('endOnFailure: shrinking is done already', async () => {
    const stories = await Promise.all(
      [true, false].map(async (endOnFailure) => errorOf(await fc.check(broken(), { seed: 1, endOnFailure })).message),
    )
    expect(stories[0]).toBe(stories[1])
  })

  test('timeout: the run is told to stop, and the stores are put back', async () => {
    remembered.set('before', true)
    const slow = shop(
      async (request) => {
        spin(30)
        return sound(request)
      },
      { stores },
    )
    const details = await fc.check(resilience(slow), { seed: 1, timeout: 100 })
    expect(details.failed).toBe(true)
    expect(errorOf(details).message).toContain('exceeded limit of 100 milliseconds')
    expect([...remembered.keys()]).toEqual(['before'])
    remembered.clear()
  })

  test('interruptAfterTimeLimit and markInterruptAsFailure', async () => {
    const slow = (): ReturnType<typeof resilience> =>
      resilience(
        shop(
          async (request) => {
            spin(30)
            return sound(request)
          },
          { stores },
        ),
      )
    expect(
      await fc.check(slow(), { seed: 1, interruptAfterTimeLimit: 100, markInterruptAsFailure: true }),
    ).toMatchObject({ failed: true, interrupted: true })
    expect(await fc.check(slow(), { seed: 1, interruptAfterTimeLimit: 100 })).toMatchObject({
      interrupted: true,
      numRuns: 0,
    })
    expect(remembered.size).toBe(0)
  })

  test('skipAllAfterTimeLimit and maxSkipsPerRun', async () => {
    expect(
      await fc.check(holding(), { seed: 1, numRuns: 2, skipAllAfterTimeLimit: 0, maxSkipsPerRun: 3 }),
    ).toMatchObject({ failed: true, numRuns: 0, numSkips: 7 })
  })

  test('verbose lists what ran', async () => {
    const { message } = await failure(fc.assert(broken(), { seed: 1, verbose: 2 }))
    expect(message).toMatch(
      /Execution summary:\n.*run 0 \(saved counterexamples, the perfect network and every single fault; seed -?\d+\)/,
    )
  })

  test('reporter and asyncReporter', async () => {
    const seen: Details[] = []
    await fc.assert(broken(), {
      seed: 1,
      reporter: (out) => {
        seen.push(out)
      },
    })
    await fc.assert(broken(), {
      seed: 1,
      asyncReporter: async (out) => {
        await Promise.resolve(seen.push(out))
      },
    })
    expect(seen.map(({ counterexamplePath }) => counterexamplePath)).toEqual(['0', '0'])
  })

  test("examples are scenarios of one's own, before run 0", async () => {
    expect(await fc.check(holding(), { seed: 1, numRuns: 2, examples: [scenarioFor(true)] })).toMatchObject({
      failed: false,
      numRuns: 2,
    })
    const details = await fc.check(broken(), { seed: 1, examples: [scenarioFor(false), scenarioFor(true)] })
    expect(details).toMatchObject({ failed: true, counterexamplePath: '1' })
    expect(errorOf(details).message).toContain('reply lost')
  })

  test('unbiased keeps the number of the run to itself: the first run does it all', async () => {
    expect(
      errorOf(await fc.check(broken(), { seed: 1, unbiased: true })).assessment.explored.singles.run,
    ).toBeGreaterThan(0)
    expect(await fc.check(holding(), { seed: 1, unbiased: true, numRuns: 3 })).toMatchObject({ failed: false })
  })

  test('skipEqualValues and ignoreEqualValues: no two runs are equal', async () => {
    for (const parameters of [{ skipEqualValues: true }, { ignoreEqualValues: true }]) {
      expect(await fc.check(holding(), { seed: 1, numRuns: 4, ...parameters })).toMatchObject({
        failed: false,
        numRuns: 4,
        numSkips: 0,
      })
    }
  })

  test('includeErrorInReport puts the story into the message; else it is the cause', async () => {
    expect((await failure(fc.assert(broken(), { seed: 1, includeErrorInReport: true }))).message).toContain(
      'reply lost',
    )
    expect(((await failure(fc.assert(broken(), { seed: 1 }))).cause as Error).message).toContain('reply lost')
  })

  test('randomType', async () => {
    expect(await fc.check(holding(), { seed: 1, numRuns: 2, randomType: 'mersenne' })).toMatchObject({ failed: false })
  })

  test('plugins', async () => {
    let runs = 0
    const counting: fc.Plugin<unknown> = () => ({
      decorateRun: (run) => (value) => {
        runs += 1
        return run(value)
      },
    })
    await fc.assert(holding(), { seed: 1, numRuns: 2, plugins: [counting] })
    expect(runs).toBe(2)
  })
})

describe('options', () => {
  test('shrink: false tells the failure as it was found, faults that fired', async () => {
    const raw = errorOf(
      await fc.check(resilience(faultyInSwarm(), { shrink: false }), { seed: 3, numRuns: 300 }),
    ).assessment
    const small = errorOf(await fc.check(resilience(faultyInSwarm()), { seed: 3, numRuns: 300 })).assessment
    if (raw.kind !== 'violated' || small.kind !== 'violated') throw new Error('It holds.')
    expect(raw.counterexample.executions).toBe(0)
    expect(raw.counterexample.scenario.workload.invocations.length).toBeGreaterThanOrEqual(
      small.counterexample.scenario.workload.invocations.length,
    )
  })
})

describe('bad input', () => {
  test('no system, a property or an arbitrary instead of one', () => {
    const given =
      (value: unknown): (() => unknown) =>
      () =>
        resilience(value as System)
    expect(given(undefined)).toThrow(
      'resilience(): expected a system, { nodes, operations, invariants }, and found undefined. Write {',
    )
    expect(given(fc.asyncProperty(fc.nat(), async () => {}))).toThrow(
      'found a fast-check property. It knows no system: write fc.assert(resilience(system))',
    )
    expect(given(fc.nat())).toThrow('found a fast-check arbitrary. Give it to an operation')
    expect(given({ nodes: {} })).toThrow('found an object with nodes.')
  })

  test('a property instead of a system for assess', async () => {
    await expect(assess(fc.asyncProperty(fc.nat(), async () => {}) as unknown as System)).rejects.toThrow(
      'found a fast-check property',
    )
  })

  test('a set-up that is wrong fails the run with its own message', async () => {
    const astray = shop(() => fetch('http://elsewhere/'), {})
    expect(errorOf(await fc.check(resilience(astray), { seed: 1 })).message).toContain('http://elsewhere/')
    expect(errorOf(await fc.check(resilience(shop(naive, { operations: [] })), { seed: 1 })).message).toContain(
      'no operations',
    )
  })

  test('an arbitrary that throws', async () => {
    const bad = op(
      'bad',
      fc.nat().map(() => {
        throw new RangeError('no more')
      }),
      () => undefined,
    )
    const { message } = errorOf(
      await fc.check(resilience(shop(naive, { operations: [bad], invariants: [noHang()] })), { seed: 1 }),
    )
    expect(message).toContain('op("bad"): its arbitrary threw RangeError')
    expect(message).toContain('Nothing was run.')
  })

  const foreign: Scenario = {
    workload: { invocations: [{ id: 0, operation: 'refund', client: 0, afterMs: 0, input: null }] },
    plan: listed([
      {
        kind: 'lose',
        at: {
          root: rootOf('refund#0'),
          path: [],
          from: 'client',
          to: 'shopp',
          operation: 'POST /',
          leg: 'reply',
          nth: 1,
        },
      },
    ]),
    seed: 1,
  }
  const saved = (parts: Partial<SavedCounterexample>): SavedCounterexample => ({
    path: 'saved.json',
    test: { file: 'x.test.ts', name: 'an order is charged once' },
    scenario: scenarioFor(true),
    violated: { invariant: once.name, kind: 'custom', of: '', text: '' },
    ...parts,
  })

  test('a counterexample of another system, before anything runs', async () => {
    const given = { saved: [saved({ scenario: foreign })] }
    const text =
      'Cannot replay saved.json: operation "refund" is unknown (have "pay"). Was it renamed? It was saved by ' +
      '"an order is charged once" in x.test.ts: ' +
      'give a system the counterexamples of its own test only.\nCannot replay saved.json: node "shopp" is ' +
      'unknown (have "shop"). Was it renamed to "shop"?'
    expect(() => broken(given)).toThrow(text)
    await expect(assess(shop(naive), given)).rejects.toThrow(text)
  })

  test('a counterexample of another test of the same system', async () => {
    const given = {
      saved: [saved({ violated: { invariant: 'noOversell(ticket)', kind: 'custom', of: '', text: '' } })],
    }
    const text =
      `Cannot replay saved.json: invariant "noOversell(ticket)" is unknown (have "${once.name}"). Was it ` +
      'renamed? ' +
      'It was saved by "an order is charged once"'
    expect(() => broken(given)).toThrow(text)
    await expect(assess(shop(naive), given)).rejects.toThrow(text)
    expect(() => broken({ saved: [saved({})] })).not.toThrow()
  })

  test.each([
    [{ afterMs: undefined }, 'has no afterMs.'],
    [{ afterMs: -1 }, '.afterMs is -1; give milliseconds from 0.'],
    [{ client: 'first' }, '.client is "first"; give a whole number from 0.'],
    [{ id: undefined }, 'has no id.'],
  ])('an invocation that is none: %s', async (part, text) => {
    const [invocation] = scenarioFor(true).workload.invocations
    const workload = { invocations: [{ ...invocation, ...part } as never] }

    await expect(simulate(shop(naive), { ...scenarioFor(true), workload })).rejects.toThrow(
      `Cannot simulate this scenario: workload.invocations[0]${text.startsWith('.') ? text : ` ${text}`}`,
    )
  })

  test('a scenario of another system', async () => {
    const text = 'operation "refund" is unknown (have "pay"). Was it renamed? Is it of another system?'
    await expect(simulate(shop(naive), foreign)).rejects.toThrow(`Cannot simulate this scenario: ${text}`)
    await expect(simulate(shop(naive), { ...scenarioFor(true), plan: foreign.plan })).rejects.toThrow(
      'node "shopp" is unknown (have "shop"). Was it renamed to "shop"?',
    )
    expect(errorOf(await fc.check(broken(), { seed: 1, examples: [foreign] })).message).toContain(
      `Cannot run this example: ${text}`,
    )
    await expect(simulate(undefined as unknown as System, foreign)).rejects.toThrow('simulate(): expected a system')
  })

  test('a property without a system', async () => {
    expect(() => fc.asyncProperty(scenario(undefined as unknown as System), async () => {})).toThrow(
      'scenario(): expected a system, { nodes, operations, invariants }, and found undefined',
    )
    await expect(assess(undefined as unknown as System)).rejects.toThrow('assess(): expected a system')
  })

  const other = createRequire(import.meta.url)('fast-check') as typeof fc

  test('an arbitrary of another copy of fast-check draws and shrinks, as in a CommonJS project', async () => {
    expect(other.Arbitrary).not.toBe(fc.Arbitrary)
    const orders = other.record({ order: other.uuid() }, { noNullPrototype: true })
    const foreign = op('pay', orders, (input) => pay.run(input), { retries: 2, timeout: 5_000 })
    const found = await assess(shop(naive, { operations: [foreign] }))
    expect(found.kind).toBe('violated')
    if (found.kind !== 'violated') return
    const [invocation] = found.counterexample.scenario.workload.invocations
    expect(invocation?.input).toEqual({ order: '00000000-0000-1000-8000-000000000000' })
  })

  test('what is no arbitrary', async () => {
    const none = op('none', undefined as unknown as fc.Arbitrary<null>, () => undefined)
    await expect(assess(shop(naive, { operations: [none], invariants: [noHang()] }))).rejects.toThrow(
      'op("none"): its second argument is undefined, not an arbitrary',
    )
  })

  test('a runner of another copy of fast-check', async () => {
    await expect((async () => other.assert(broken(), { seed: 1 }))()).rejects.toThrow(
      'fc.assert or fc.check of another copy of fast-check runs this property',
    )
  })
})

async function failure(assertion: Promise<unknown>): Promise<Error> {
  return assertion.then(
    () => {
      throw new Error('It did not fail.')
    },
    (error: unknown) => error as Error,
  )
}

/** Takes real milliseconds, as slow code does. It reads no clock: an earlier file of this worker may have patched them. */
function spin(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
