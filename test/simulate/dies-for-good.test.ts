// One of several instances dies for good: it is not started again, neither by a process manager nor by healing, and the
// others take the requests. The last one that is left is started again as usual.
import { expect, test } from 'vitest'
import { assess } from '../../src/property.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { faultsAt, faultWords, describeFault, type Fault } from '../../src/scenario/fault/registry.ts'
import type { NodeEvent } from '../../src/history/history.ts'
import { decodeScenario, encodeScenario } from '../../src/scenario/codec.ts'
import { singleFaults, everyFault } from '../../src/scenario/plan.ts'
import { serve } from '../../src/transport/serve.ts'
import type { System } from '../../src/system/system.ts'
import { violated, holds, type Invariant } from '../../src/verdict/verdict.ts'
import { endOf, eventsOf, nothingToJudge, oneAfterTheOther, outcomesOf, post, runOnce, scenarioOf } from './systems.ts'

function shopOf(instances: number, invariants: readonly Invariant[] = [nothingToJudge]): System {
  return {
    nodes: { shop: serve(() => () => new Response('ok'), { instances }) },
    operations: [post('a', 'http://shop/', { retries: 3, timeout: 1_000 })],
    invariants,
    probe: [post('again', 'http://shop/')],
  }
}

const fourTimes = oneAfterTheOther('a', 'a', 'a', 'a')

async function dying(system: System): Promise<readonly Fault[]> {
  const { sites } = await runOnce(system, scenarioOf(system, [], fourTimes), { collect: true })
  return singleFaults(sites, everyFault).filter((fault) => fault.kind === 'crash' && fault.forGood === 'yes')
}

test('single faults let one instance die where there are several, and none where there is one', async () => {
  expect(await dying(shopOf(1))).toEqual([])
  const faults = await dying(shopOf(2))
  expect(faults.length).toBeGreaterThan(0)
  expect(faults.map(faultWords)).toContain('shop dies for good before the work')
  expect(faults.map(describeFault)).toContain('let one instance of shop die for good as a, attempt 1 arrives')
})

test('it stays down after healing, and another instance answers all that comes', async () => {
  const system = shopOf(2)
  const [fault] = await dying(system)
  if (fault === undefined) throw new Error('no instance dies')
  const { history, fired } = await runOnce(system, scenarioOf(system, [fault], fourTimes))

  expect(fired).toEqual([fault])
  const crash = history.events.find((event): event is NodeEvent => event.kind === 'crash')
  if (crash === undefined) throw new Error('nothing crashed')
  const after = history.events.slice(crash.seq)
  expect(eventsOf(history, 'boot')).toHaveLength(2)
  expect(after.some(({ kind }) => kind === 'heal')).toBe(true)
  const arrivals = after.filter((event) => event.kind === 'arrive').filter(({ instance }) => instance !== undefined)
  expect(new Set(arrivals.map(({ instance }) => instance))).toEqual(new Set([crash.instance === 1 ? 2 : 1]))
  expect(outcomesOf(history)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok'])
  expect(endOf(history).reason).toBe('quiet')
})

test('the last one that is left starts again', async () => {
  const system = shopOf(2)
  const faults = (await dying(system)).filter(({ at }) => at.leg === 'request' && at.to === 'shop').slice(0, 2)
  const { history } = await runOnce(system, scenarioOf(system, faults, fourTimes))

  expect(eventsOf(history, 'crash')).toHaveLength(2)
  expect(eventsOf(history, 'boot')).toHaveLength(3)
  expect(outcomesOf(history).at(-1)).toBe('ok')
})

test('a node with one instance starts again, whatever a scenario says', async () => {
  const system = shopOf(1)
  const { sites } = await runOnce(system, scenarioOf(system, [], fourTimes), { collect: true })
  const [usual] = sites.flatMap((site) => faultsAt('crash', site))
  const { history } = await runOnce(system, scenarioOf(system, [{ ...usual, forGood: 'yes' } as Fault], fourTimes))
  expect(eventsOf(history, 'boot')).toHaveLength(2)
})

test('such a crash is saved and read again', async () => {
  const system = shopOf(2)
  const scenario = scenarioOf(system, await dying(system), fourTimes)
  expect(decodeScenario(encodeScenario(scenario), 'gone.json')).toStrictEqual(scenario)
})

const neverGone: Invariant = {
  kind: 'invariant',
  name: 'every instance comes back',
  effects: [],
  check({ events }) {
    const crash = events.find((event) => event.kind === 'crash')
    if (crash === undefined) return holds
    const back = events.some((event) => event.kind === 'boot' && event.seq > crash.seq)
    return back ? holds : violated({ kind: 'custom', of: 'gone', text: 'It is gone.', events: [crash.seq] })
  },
}

test('is found with default options, and told', async () => {
  const claim = { tolerates: { except: ['deploy'] } } as const // a deploy boots the next process first
  const assessment = await assess({ ...shopOf(2, [neverGone]), ...claim }, { numRuns: 10 })
  expect(assessment.kind).toBe('violated')
  expect(formatAssessment(assessment, { test: 'gone' })).toContain('dies for good')
  expect((await assess({ ...shopOf(1, [neverGone]), ...claim }, { numRuns: 10 })).kind).toBe('holds')
})
