// Probes: begun once all has healed and come to rest, once each, and drained again. Checkers see ordinary operations.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { exactlyOnce } from '../../src/check/exactly-once.ts'
import { noHang } from '../../src/check/no-hang.ts'
import { journal } from '../../src/history/effect.ts'
import type { History } from '../../src/history/history.ts'
import { op } from '../../src/system/operation.ts'
import { assess } from '../../src/property.ts'
import { storyOf } from '../../src/report/story-of.ts'
import { simulate } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { serve } from '../../src/transport/serve.ts'
import {
  act,
  effectsIn,
  endOf,
  eventsOf,
  node,
  nothingToJudge,
  outcomesOf,
  pause,
  post,
  scenarioOf,
  under,
} from './systems.ts'

const did = journal<unknown>('did')

function system(parts: Partial<System>): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    probe: [post('still', 'http://shop/probe')],
    invariants: [noHang()],
    ...parts,
  }
}

function invokedIn(history: History): readonly string[] {
  return eventsOf(history, 'invoke').map(
    ({ operation, atMs, invocation, client }) => `${operation}#${invocation} of client ${client} at ${atMs}`,
  )
}

const never = (): Promise<never> => new Promise<never>(() => undefined)

describe('a probe', () => {
  test('is begun at the first quiet after healing, by a client of its own, and ends before the history', async () => {
    const history = await under(system({}))

    expect(invokedIn(history)).toEqual(['go#0 of client 0 at 0', 'still#1 of client 1 at 40'])
    expect([outcomesOf(history), endOf(history)]).toEqual([['ok', 'ok'], { reason: 'quiet', atMs: 80 }])
    expect(eventsOf(history, 'heal').map(({ atMs }) => atMs)).toEqual([40])
  })

  test('waits for what is still going on after healing', async () => {
    const shop = serve(() => async (request) => {
      if (request.url.endsWith('/probe')) return new Response()
      did.add('begun')
      void pause(90_000).then(() => did.add('done'))
      return new Response()
    })

    const history = await under(system({ nodes: { shop } }))

    expect(effectsIn(history, 'did').map(({ atMs }) => atMs)).toEqual([20, 90_020])
    expect(eventsOf(history, 'invoke')[1]?.atMs).toBe(90_020)
  })

  test('meets no fault, however many the plan draws', async () => {
    const everything = { kind: 'drawn', seed: 1, maxFaults: 1_000, rates: { lose: 1, crash: 1 } } as const

    const history = await simulate(system({}), { ...scenarioOf(system({})), plan: everything })

    expect(outcomesOf(history).at(-1)).toBe('ok')
    expect(eventsOf(history, 'fault').every(({ atMs }) => atMs <= (eventsOf(history, 'heal')[0]?.atMs ?? 0))).toBe(true)
  })

  test('is done once each, one after the other', async () => {
    const history = await under(system({ probe: [post('first', 'http://shop/a'), post('second', 'http://shop/b')] }))

    expect(invokedIn(history).slice(1)).toEqual(['first#1 of client 1 at 40', 'second#2 of client 1 at 80'])
  })

  test('has the same drawn input in every history, and may be an operation of the workload', async () => {
    const pay = op('pay', fc.record({ order: fc.uuid() }, { noNullPrototype: true }), (input) => {
      did.add(input)
    })
    const again = system({ operations: [pay], probe: [pay] })
    const scenario = {
      ...scenarioOf(again),
      workload: { invocations: [{ id: 4, operation: 'pay', client: 2, afterMs: 0, input: { order: 'x' } }] },
    }
    const inputs = async (seed: number): Promise<unknown> =>
      effectsIn(await simulate(again, { ...scenario, seed }), 'did').map(({ value }) => value)

    const first = await inputs(1)

    expect(first).toEqual([{ order: 'x' }, { order: expect.stringMatching(/^[\da-f-]{36}$/) }])
    expect(await inputs(2)).toEqual(first)
    expect(invokedIn(await simulate(again, scenario))).toEqual(['pay#4 of client 2 at 0', 'pay#5 of client 3 at 0'])
  })

  test('is seen by checkers like any operation, and by the story', async () => {
    const done = journal<{ order: string }>('done')
    const pay = op(
      'pay',
      fc.record({ order: fc.uuid() }, { noNullPrototype: true }),
      (input) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }),
      { retries: 1, timeout: 1_000 },
    )
    let broken = false
    const shop = serve(() => async (request) => {
      if (!broken) done.add((await request.json()) as { order: string })
      return new Response('yes')
    })
    const recovering: System = {
      nodes: { shop },
      operations: [post('go', 'http://shop/never')],
      probe: [pay],
      invariants: [
        exactlyOnce(
          pay.by((p) => p.order),
          done.by((d) => d.order),
        ),
      ],
    }
    const scenario = { workload: { invocations: [] }, plan: { kind: 'listed', faults: [] }, seed: 1 } as const
    const verdict = async (): Promise<unknown> =>
      check(await simulate(recovering, scenario), recovering.invariants)[0]?.kind

    expect(await verdict()).toBe('holds')

    broken = true

    expect(await verdict()).toBe('violated')
    expect(storyOf(await simulate(recovering, scenario), scenario)).toContain('pay')
  })
})

/** Once a request has come twice, the probe does not end. */
function stuck(wait: () => Promise<unknown>): System {
  let requests = 0
  const shop = serve(() => {
    requests = 0
    return () => {
      requests += 1
      return new Response()
    }
  })
  const still = act('still', async () => {
    if (requests > 1) await wait()
  })
  return system({
    nodes: { shop },
    operations: [post('go', 'http://shop/go', { retries: 1, timeout: 1_000 })],
    probe: [still],
    tolerates: ['lose'],
    recoverForMs: 5_000,
  })
}

async function poll(): Promise<never> {
  for (;;) await pause(1_000)
}

describe('a probe that never ends', () => {
  test('after a fault is pending when all is quiet, which noHang reports', async () => {
    const assessment = await assess(stuck(never))
    if (assessment.kind !== 'violated') throw new Error(`It is ${assessment.kind}.`)

    expect(assessment.counterexample.violation.reason.text).toContain('still of client 1')
    expect(formatAssessment(assessment, { test: 'recovers' })).toContain('still')
  })

  test('after a fault, and goes on until the bound, is unknown', async () => {
    const history = await under(stuck(poll), 'lose reply of POST /go')

    expect([endOf(history).reason, check(history, [noHang()])[0]?.kind]).toEqual(['recoverForMs', 'unknown'])
  })

  test.each([
    ['waits for nothing', never],
    ['polls for ever', poll],
  ])('on a perfect network is a mistake in the test: one that %s', async (_name, run) => {
    const assessment = await assess(system({ probe: [act('still', run)], invariants: [nothingToJudge] }))

    expect(assessment.kind).toBe('broken')
    expect(formatAssessment(assessment, { test: 'x' })).toContain(
      'still, begun at 0.04 s, never ended (a probe should: give it op(..., { timeout }))',
    )
  })

  test('on a perfect network is a violation where noHang is claimed', async () => {
    expect((await assess(system({ probe: [act('still', never)] }))).kind).toBe('violated')
  })

  test('and one that fails without a fault says that the handler does', async () => {
    const nodes = {
      shop: serve(() => (request) => new Response(null, { status: request.url.endsWith('/probe') ? 500 : 200 })),
    }

    const assessment = await assess(system({ nodes }))

    expect([assessment.kind, formatAssessment(assessment, { test: 'x' })]).toEqual([
      'broken',
      expect.stringContaining('still ended with status 500'),
    ])
  })
})

test("a name that is an operation's too is refused", async () => {
  await expect(assess(system({ probe: [post('go', 'http://shop/')] }))).rejects.toThrow(
    'Two operations have the name "go"',
  )
})

test('an arbitrary of a probe that throws says whose', async () => {
  const bad = op(
    'bad',
    fc.nat().map(() => {
      throw new RangeError('no more')
    }),
    () => undefined,
  )

  await expect(assess(system({ probe: [bad] }))).rejects.toThrow('op("bad"): its arbitrary threw RangeError')
})

test('an assessment with a probe holds', async () => {
  expect(await assess(system({}), { numRuns: 20 })).toMatchObject({ kind: 'holds' })
})
