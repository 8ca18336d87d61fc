// Two versions of a node side by side: what a deploy brings, who takes which request, and when the rollout ends.
import process from 'node:process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Deploy } from '../../src/scenario/fault/deploy.ts'
import { everyFault, singleFaults } from '../../src/scenario/plan.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { eventsOf, nothingToJudge, pause, runOnce, scenarioOf } from './systems.ts'

const ask = op('ask', fc.constant(null), async () => (await fetch('http://shop/')).text())

const versionOf = (version: string) => () => {
  process.on('SIGTERM', () => undefined)
  return async () => {
    await pause(100)
    return new Response(version)
  }
}

const system = (instances: number): System => ({
  nodes: { shop: serve(versionOf('v1'), { instances, next: versionOf('v2') }) },
  operations: [ask],
  probe: [ask],
  invariants: [nothingToJudge],
})

const asked = (...afterMs: readonly number[]): ReturnType<typeof workload> => workload(afterMs)
function workload(afterMs: readonly number[]): readonly {
  id: number
  operation: string
  client: number
  afterMs: number
  input: null
}[] {
  return afterMs.map((ms, id) => ({ id, operation: 'ask', client: id, afterMs: ms, input: null }))
}

async function deployAt(of: System, invocations: ReturnType<typeof workload>): Promise<Deploy> {
  const { sites } = await runOnce(of, scenarioOf(of, [], invocations), { collect: true })
  const fault = singleFaults(sites, everyFault).find(({ kind, at }) => kind === 'deploy' && at.leg === 'request')
  if (fault?.kind !== 'deploy') throw new Error('nothing is deployed')
  return fault
}

async function answersOf(instances: number, ...afterMs: readonly number[]): Promise<readonly unknown[]> {
  const of = system(instances)
  const invocations = asked(...afterMs)
  const { history } = await runOnce(of, scenarioOf(of, [await deployAt(of, invocations)], invocations))
  return eventsOf(history, 'ok').map(({ value }) => value)
}

test('the old version finishes what it has, and the next one takes what comes', async () => {
  // The last answer is the probe's
  expect(await answersOf(1, 0, 50, 500)).toEqual(['v1', 'v2', 'v2', 'v2'])
})

test('of two instances one has the next version, until the faults are over', async () => {
  expect(await answersOf(2, 0, 500, 600, 700)).toEqual(['v1', 'v1', 'v2', 'v1', 'v2'])
})

test('without a fault nothing is deployed', async () => {
  const of = system(2)
  const { history } = await runOnce(of, scenarioOf(of, [], asked(0, 10)))
  expect(eventsOf(history, 'ok').map(({ value }) => value)).toEqual(['v1', 'v1', 'v1'])
})

test('what crashes after a deploy starts again in the version that was deployed', async () => {
  const of: System = {
    ...system(1),
    nodes: {
      shop: serve(versionOf('v1'), {
        next: () => {
          let asks = 0
          return () => {
            asks += 1
            if (asks === 1) process.exit(1)
            return new Response(`v2, ${asks}`)
          }
        },
      }),
    },
  }
  const invocations = asked(0, 500, 5_000)
  const { history } = await runOnce(of, scenarioOf(of, [await deployAt(of, invocations)], invocations))
  expect(eventsOf(history, 'boot').flatMap(({ next }) => (next === true ? [next] : [])).length).toBeGreaterThan(2)
})

test('next is a factory', () => {
  expect(() => serve(versionOf('v1'), { next: 'v2' as unknown as () => undefined })).toThrow('serve(): next is "v2"')
})
