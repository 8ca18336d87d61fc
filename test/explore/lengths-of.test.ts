// Lengths of time: which ones a system is about, and whether they are crossed with default options.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { mutualExclusion } from '../../src/check/mutual-exclusion.ts'
import { lengthsOf } from '../../src/explore/lengths-of.ts'
import { journal } from '../../src/history/effect.ts'
import { judgeRun } from '../../src/explain-failure.ts'
import { assess } from '../../src/property.ts'
import { noFaults } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { map } from '../../src/store/map.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import type { Execute } from '../../src/explore/executor.ts'
import type { Lengths } from '../../src/scenario/lengths.ts'
import { actor } from '../../src/transport/actor.ts'
import { serve } from '../../src/transport/serve.ts'
import { full } from '../full.ts'
import { act, node, nothingToJudge, post, scenarioOf } from '../simulate/systems.ts'

async function learned(system: System, sureMs: readonly number[] = []): Promise<Lengths> {
  const simulation = await open(system)
  const execute: Execute = async (scenario, options) => ({
    ...(await judgeRun(scenario, await simulation.run(scenario, options), simulation)),
    patient: false,
  })
  try {
    const { workload } = scenarioOf(system)
    const busy = await execute({ workload, plan: noFaults, seed: 1 }, { collect: true })
    return await lengthsOf(execute, busy, {
      declared: sureMs.map((ms) => ({ ms, rank: 0 })),
      faultsForMs: system.faultsForMs,
    })
  } finally {
    await simulation.close()
  }
}

const base = { operations: [post('go', 'http://shop/')], invariants: [nothingToJudge] }
const polled = journal<null>('polled')
const idle: System = { ...base, nodes: { shop: node(() => undefined) } }

/** Polls until it is asked for the first time, and has an effect each time. */
const impatient: System = {
  ...base,
  nodes: {
    shop: serve(() => {
      const timer = setInterval(() => polled.add(null), 1_000)
      return () => {
        clearInterval(timer)
        return new Response()
      }
    }),
  },
  invariants: [{ ...nothingToJudge, effects: [polled.source] }],
}

describe('what is known of a system', () => {
  test('a gap before the first operation is bounded by what the system does meanwhile, too', async () => {
    const { mostMs } = await learned(impatient)
    expect([mostMs > 60_000, mostMs < 1_000_000]).toEqual([true, true])
  })

  test('declared lengths come first, then what was seen: timers, and what answers name', async () => {
    const shop = serve(() => async () => {
      await new Promise((resolve) => setTimeout(resolve, 700))
      return new Response(null, { headers: { 'cache-control': 'max-age=60' } })
    })
    expect(await learned({ ...base, nodes: { shop } }, [30_000])).toEqual({
      knownMs: [30_000, 700, 60_000],
      leftMs: [],
      mostMs: 90_000_000,
    })
  })

  test('what is longer than a day is crossed only where it is known', async () => {
    const week = 7 * 86_400_000
    expect((await learned(idle)).mostMs).toBe(90_000_000)
    expect(await learned(idle, [week])).toEqual({ knownMs: [week], leftMs: [], mostMs: week })
  })

  test('a system that is busy by itself gets shorter gaps', async () => {
    const shop = serve(() => {
      setInterval(() => undefined, 100)
      return () => new Response()
    })
    const { knownMs, leftMs, mostMs } = await learned({ ...base, nodes: { shop } }, [30_000, 86_400_000])
    expect([knownMs, leftMs]).toEqual([[30_000], [86_400_000]])
    expect(mostMs).toBeLessThan(700_000)
  })

  test('and so does one whose clients poll, once they have begun', async () => {
    const page = actor('page', () => setInterval(() => undefined, 100))
    const look = page.op('look', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))
    const { leftMs, mostMs } = await learned({ ...idle, operations: [look] }, [86_400_000])
    expect(leftMs).toEqual([86_400_000])
    expect(mostMs).toBeLessThan(700_000)
  })

  test('faultsForMs bounds what is drawn', async () => {
    expect(await learned({ ...idle, faultsForMs: 20_000 }, [5_000, 30_000])).toEqual({
      knownMs: [5_000],
      leftMs: [30_000],
      mostMs: 10_000,
    })
  })
})

test('what was too long for a busy system is said, and what faultsForMs leaves out', async () => {
  const leaseMs = 6 * 60 * 60 * 1000
  const busy = serve(() => {
    setInterval(() => undefined, 100)
    return () => Response.json(leaseMs)
  })
  const remarks = async (system: System): Promise<string> => (await assess(system, { numRuns: 1 })).remarks.join(' ')
  const go = op('go', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))
  const polling = { ...base, operations: [go], nodes: { shop: busy } }
  expect(await remarks(polling)).toMatch(
    /Lengths of time over [\d.]+ s were not tried \(there are .*the system is busy/,
  )
  const bounded = { ...base, operations: [go], nodes: { shop: node(() => undefined) }, faultsForMs: 20_000 }
  expect(await remarks(bounded)).toMatch(/Lengths of time over 10 s were not tried \(there are .*faultsForMs/)
  expect(await remarks({ ...bounded, faultsForMs: 40 * 86_400_000 * 3 })).not.toContain('not tried')
})

const written = journal<number>('written')

/** Workers that take turns by a lease on the wall clock; `fenced`: the resource refuses an earlier holder. */
function leasing(fenced: boolean): System {
  const lease = new Map<string, { token: number; until: number }>()
  const latest = new Map<string, number>()
  const leaseMs = 45_000
  const worker = async (): Promise<Response> => {
    const last = lease.get('document') ?? { token: 0, until: 0 }
    if (last.until > Date.now()) return new Response(null, { status: 503 })
    const token = last.token + 1
    lease.set('document', { token, until: Date.now() + leaseMs })
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (fenced && (latest.get('document') ?? 0) > token) return new Response(null, { status: 409 })
    latest.set('document', token)
    written.add(token)
    return Response.json({ token })
  }
  const work = op('work', fc.constantFrom('left', 'right'), (name) => fetch(`http://${name}/`, { method: 'POST' }), {
    timeout: 2_000,
  })
  return {
    nodes: { left: serve(() => worker), right: serve(() => worker) },
    stores: [map(lease, { name: 'lease' }), map(latest, { name: 'latest' })],
    operations: [work],
    tolerates: ['pause'],
    invariants: [mutualExclusion(written, { token: (token) => token })],
  }
}

describe('lengths that no timer shows are crossed', () => {
  test.each([1, 2, 3])(
    'the holder of a lease stands still until it is over: one pause, seed %i',
    { tags: ['full'] },
    async (seed) => {
      const found = await assess({ ...leasing(false), maxOperations: 8 }, { seed, numRuns: 100 })
      expect(found.kind).toBe('violated')
      if (found.kind !== 'violated') return
      const { plan } = found.counterexample.scenario
      expect(plan.kind === 'listed' && plan.faults.map(({ kind }) => kind)).toEqual(['pause'])
    },
  )

  test('the twin that refuses an earlier holder holds', async () => {
    expect((await assess(leasing(true), { seed: 1, numRuns: full ? 100 : 30 })).kind).toBe('holds')
  })

  test('a key that is forgotten after six hours, by a gap alone', async () => {
    const seen = new Map<string, number>()
    const credited = journal<string>('credit')
    const keepMs = 6 * 60 * 60 * 1000
    const wallet = serve(() => async (request: Request) => {
      const id = await request.text()
      if (Date.now() - (seen.get(id) ?? -Infinity) < keepMs) return new Response('again')
      seen.set(id, Date.now())
      credited.add(id)
      return new Response('ok')
    })
    const deliver = op('deliver', fc.constantFrom('a', 'b'), (id) =>
      fetch('http://wallet/', { method: 'POST', body: id }),
    )
    const found = await assess({
      nodes: { wallet },
      stores: [map(seen, { name: 'seen' })],
      operations: [deliver],
      tolerates: { except: ['crash', 'jump', 'skew'] },
      invariants: [atMostOnce(credited.by((id) => id))],
    })
    expect(found.kind).toBe('violated')
    if (found.kind !== 'violated') return
    const { plan, workload } = found.counterexample.scenario
    expect([plan, workload.invocations.length]).toEqual([noFaults, 2])
    // Two clients do it as well, at the same moments
    expect(found.counterexample.marks).not.toContainEqual({ of: { kind: 'client' }, freedom: 'must' })
  })
})

test('a key that is kept for a day is long enough for a client that sends again for seconds', async () => {
  const seen = new Map<string, number>()
  const paid = journal<string>('paid')
  const keptMs = 24 * 60 * 60 * 1000
  const shop = serve(() => async (request: Request) => {
    const id = await request.text()
    if (Date.now() - (seen.get(id) ?? -Infinity) < keptMs) return new Response('again')
    seen.set(id, Date.now())
    paid.add(id)
    return new Response('ok')
  })
  const pay = op('pay', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }), {
    retries: 3,
    timeout: 5_000,
  })
  const sound: System = {
    nodes: { shop },
    stores: [map(seen, { name: 'seen' })],
    operations: [pay],
    tolerates: full ? { except: ['crash', 'jump', 'skew'] } : ['lose', 'delay', 'duplicate'],
    invariants: [atMostOnce(paid.by((id) => id))],
  }
  for (const seed of full ? [1, 2, 3] : [1]) expect((await assess(sound, { seed })).kind).toBe('holds')
})

describe('phases cover the scenario', () => {
  const twoOps = (afterMs: number) =>
    ['go', 'go'].map((operation, id) => ({ id, operation, client: 0, afterMs: id * afterMs, input: null }))

  test('faults may still happen where an operation comes a day later', async () => {
    const system = { ...idle, operations: [act('go', () => fetch('http://shop/', { method: 'POST' }))] }
    const simulation = await open(system)
    try {
      const { history } = await simulation.run(scenarioOf(system, [], twoOps(86_400_000)))
      const heal = history.events.find(({ kind }) => kind === 'heal')
      expect([heal?.atMs, history.events.at(-1)]).toMatchObject([86_400_080, { kind: 'end', reason: 'quiet' }])
    } finally {
      await simulation.close()
    }
  })

  test('an operation that comes long after one that hung until healing is still awaited', async () => {
    const hangs = { ...idle, nodes: { shop: serve(() => () => new Promise<Response>(() => undefined)) } }
    const simulation = await open(hangs)
    try {
      const { history } = await simulation.run(scenarioOf(hangs, [], twoOps(86_400_000)))
      expect(history.events.filter(({ kind }) => kind === 'invoke').map(({ atMs }) => atMs)).toEqual([0, 86_700_000])
      expect(history.events.at(-1)).toMatchObject({ kind: 'end', reason: 'quiet' })
    } finally {
      await simulation.close()
    }
  })
})
