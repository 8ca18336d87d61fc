// Runs that cannot be trusted: state that leaks between histories, code that is not deterministic, memory that survives
// a crash.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noVerdict, unknown } from '../../src/verdict/verdict.ts'
import {
  atMostOnce,
  assess,
  formatAssessment,
  journal,
  map,
  op,
  serve,
  type Assessment,
  type System,
  type Tolerates,
} from '../../src/index.ts'
import { noFaults } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { open } from '../../src/simulation.ts'
import { brokenText, unclearText } from '../../src/report/unreliable-run.ts'
import { act, nothingToJudge, post, runOnce, scenarioOf } from '../simulate/systems.ts'

const done = journal<string>('done')
const pay = op('pay', fc.constant('order'), (id) => fetch('http://shop/', { method: 'POST', body: id }), {
  retries: 1,
  timeout: 3_000,
})

function paying(shop: (id: string) => unknown, more: Partial<System> = {}): System {
  return {
    nodes: {
      shop: serve(() => async (request) => {
        await shop(await request.text())
        return new Response('paid')
      }),
    },
    operations: [pay],
    clients: 1,
    maxOperations: 1,
    invariants: [atMostOnce(done.by(String))],
    ...more,
  }
}

function textOf(assessment: Assessment): string {
  expect(assessment.kind).toBe('broken')
  return assessment.kind === 'broken' ? assessment.text : ''
}

describe('state that leaks between histories', () => {
  test('is seen at once: every equal run after the first takes another course', async () => {
    const paid = new Set<string>()
    const text = textOf(
      await assess(
        paying((id) => {
          if (!paid.has(id)) done.add(id)
          paid.add(id)
        }),
      ),
    )

    expect(text).toMatch(/^State leaks between histories/)
    expect(text).toMatch(
      /differ from event 5 on:\n {2}before {2}0\.020 s {2}shop: "done" happens: 'order'\n {2}after {3}0\.020 s {2}shop: an/,
    )
  })

  test('left by a history with faults is not reported as a violation on the perfect network', async () => {
    let troubled = false
    const system = paying(async (id) => {
      done.add(id)
      if (troubled) done.add(id)
      await fetch('http://bank/', { method: 'POST' }).catch(() => {
        troubled = true
      })
    })
    const leaking = {
      ...system,
      nodes: { ...system.nodes, bank: serve(() => () => new Response()) },
      tolerates: { 'shop -> bank': ['refuse'] },
    } satisfies System

    expect(textOf(await assess(leaking))).toMatch(/^State leaks between histories/)
  })

  test('left by a history with faults is found even if all invariants hold', async () => {
    let troubled = false
    const system = paying(async (id) => {
      if (!troubled) done.add(id)
      await fetch('http://bank/', { method: 'POST' }).catch(() => {
        troubled = true
      })
    })
    const leaking = {
      ...system,
      nodes: { ...system.nodes, bank: serve(() => () => new Response()) },
      tolerates: { 'shop -> bank': ['refuse'] },
    } satisfies System

    expect(textOf(await assess(leaking, { numRuns: 3 }))).toMatch(/^State leaks between histories/)
  })

  test('is not reported for a registered store, which is reset', async () => {
    const paid = new Map<string, string>()
    const assessment = await assess(
      paying(
        (id) => {
          if (!paid.has(id)) done.add(id)
          paid.set(id, 'yes')
        },
        { stores: [map(paid, { name: 'paid' })], tolerates: ['lose'] },
      ),
      { numRuns: 5 },
    )

    expect(assessment).toMatchObject({ kind: 'holds', remarks: [] })
  })
})

describe('code that is not deterministic', () => {
  test('on the perfect network is reported with the first event that differs', async () => {
    let calls = 0
    const text = textOf(
      await assess(
        paying((id) => {
          calls += 1
          for (let n = 0; n < calls; n++) done.add(`${id} ${n}`)
        }),
      ),
    )

    expect(text).toMatch(/the code under test is not deterministic\. They differ from event 6 on:\n {2}first /)
  })

  test('a failure that does not occur again is not a violation', async () => {
    let calls = 0
    const text = textOf(
      await assess(
        paying(
          (id) => {
            calls += 1
            done.add(id)
            if (calls === 20) done.add(id) // once, as a rare race would
          },
          { tolerates: ['skew', 'jump'] },
        ),
      ),
    )

    expect(text).toContain('not deterministic')
    expect(text).toContain('"done" happens: \'order\'')
  })
})

describe('a failure is confirmed as the first history after a fresh start', () => {
  test('stores are closed and opened again in between', async () => {
    const store = map(new Map<string, string>(), { name: 'paid' })
    const said: string[] = []
    const watched = {
      ...store,
      attach: () => {
        said.push('attach')
        return store.attach()
      },
      detach: () => {
        said.push('detach')
        return store.detach()
      },
      reset: () => {
        said.push('reset')
        return store.reset()
      },
    }
    const system = paying(
      (id) => {
        done.add(id)
      },
      { stores: [watched], tolerates: ['lose'] },
    )

    expect((await assess(system)).kind).toBe('violated')
    expect(said.filter((what) => what !== 'reset')).toEqual(['attach', 'detach', 'attach', 'detach'])
    expect(said[said.lastIndexOf('attach') + 1]).toBe('reset')
  })

  test('reopening keeps the first content, and closing puts it back', async () => {
    const content = new Map([['order', 'old']])
    const simulation = await open(
      paying(
        () => {
          content.set('order', 'new')
        },
        { stores: [map(content, { name: 'content' })], invariants: [nothingToJudge] },
      ),
    )
    await simulation.run(scenarioOf(simulation.system))
    await simulation.reopen()

    expect([...content]).toEqual([['order', 'old']])

    await simulation.run(scenarioOf(simulation.system))
    await simulation.close()

    expect([...content]).toEqual([['order', 'old']])
  })
})

describe('memory that a crash should have taken', () => {
  const app = { fetch: () => new Response('paid') }
  const system = (boot: () => typeof app, tolerates: Tolerates = ['crash']): System => ({
    nodes: { shop: serve(boot) },
    operations: [post('pay', 'http://shop/', { retries: 1, timeout: 1_000 })],
    invariants: [nothingToJudge],
    tolerates,
  })
  const words =
    'module memory survived a crash: "shop" gave the same object again. Where it keeps state, make it anew: ' +
    'serve(() => createApp()).'

  test('is reported once, when a crash fired and the factory returned the same object again', async () => {
    const keeping = system(() => app)

    const assessment = await assess(keeping, { numRuns: 10 })

    const text = formatAssessment(assessment, { test: 'paid' }).replaceAll(/\s+/g, ' ')
    expect(text.split(words)).toHaveLength(2) // once
  })

  test('is not reported when the factory makes a new object, or when nothing crashed', async () => {
    const renewing = system(() => ({ ...app }))
    const withoutCrashes = system(() => app, ['lose'])

    const renewed = await assess(renewing, { numRuns: 10 })
    const uncrashed = await assess(withoutCrashes, { numRuns: 10 })

    expect(renewed.explored.survivors).toEqual([])
    expect(uncrashed.explored.survivors).toEqual([])
  })

  test('is reported beside a story only if the node crashes in it', async () => {
    const kept = {
      fetch: async (request: Request): Promise<Response> => {
        done.add(await request.text())
        return new Response('paid')
      },
    }
    const toldOf = async (tolerates: Tolerates): Promise<string> => {
      const assessment = await assess({ ...paying(() => undefined, { tolerates }), nodes: { shop: serve(() => kept) } })
      expect(assessment).toMatchObject({ kind: 'violated', explored: { survivors: ['shop'] } })
      return formatAssessment(assessment, { test: 'paid' })
    }

    expect(await toldOf(['crash'])).toContain('module memory survived')
    expect(await toldOf(['crash', 'lose'])).not.toContain('module memory survived')
  })

  test('is known for a single run', async () => {
    const one = system(() => app)
    const { sites } = await runOnce(one, scenarioOf(one), { collect: true })
    const site = sites.find(({ kind }) => kind !== 'boot')
    if (site === undefined) throw new Error('no site')
    const { survivors } = await runOnce(
      one,
      scenarioOf(one, [{ kind: 'crash', at: site.address, node: 'shop', restartAfterMs: 10 }]),
    )

    expect(survivors).toEqual(['shop'])
    expect((await runOnce(one)).survivors).toEqual([])
  })
})

const nothing: Scenario = { workload: { invocations: [] }, plan: noFaults, seed: 1 }

test.each([
  ['the history ended at its bound', unknown('recoverForMs was reached, with work left to do'), true],
  ['a bound was reached that throws', unknown('a service threw: recoverForMs was reached'), true],
  ['the predicate threw', noVerdict('the predicate of "x" threw Error: no'), false],
  ['the invariant returned a promise', noVerdict('x returned a promise'), false],
])('what could not be judged because %s is waited for longer: %s', (_, verdict, waits) => {
  const told = unclearText({ scenario: nothing, verdicts: [verdict] }, 3, false, false)

  expect(told.includes('Raise recoverForMs')).toBe(waits)
})

test.each([
  [false, /^After 3 of the single faults an invariant could not be judged/],
  [true, /^After 3 of the single faults and sets of them an invariant could not be judged/],
])('what could not be judged says whether sets of faults were run as well: %s', (sets, text) => {
  const told = unclearText({ scenario: nothing, verdicts: [unknown('why')] }, 3, sets, false)

  expect(told).toMatch(text)
})

describe('an operation that never ends without any fault', () => {
  const forever = (code: () => void): System => ({
    nodes: { shop: serve(() => () => new Response()) },
    operations: [act('pay', () => new Promise(() => code()))],
    invariants: [nothingToJudge],
    recoverForMs: 20_000,
  })
  const again = (): void => void setImmediate(again)

  test.each([
    ['nothing', () => undefined, '(nothing is left that could end it)'],
    [
      'an interval',
      () => void setInterval(() => undefined, 1_000),
      '(the history was stopped when recoverForMs had passed: something repeats for ever. Still open: client 0: a timer ' +
        'of 1 s that repeats, armed in pay#0)',
    ],
    [
      'a loop over immediates',
      again,
      '(the history was stopped after its most steps: something repeats for ever. Still open: 1 step that waits, after ' +
        'code of client 0 in pay#0)',
    ],
  ])('is reported with what was left: %s', async (_name, code, words) => {
    const system = forever(code)

    const { history } = await runOnce(system, undefined, { maxSteps: 5_000 })
    const text = brokenText(scenarioOf(system), history)

    expect(text.split('\n')).toContain(`  pay, begun at 0 s, never ended ${words}`)
  })
})
