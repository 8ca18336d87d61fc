// The lines of a story outside the diagram.
import { expect, it } from 'vitest'
import { listed } from '../../src/scenario/plan.ts'
import { storyOf } from '../../src/report/story-of.ts'
import { act, node, nothingToJudge, post, runOnce, scenarioOf } from '../simulate/systems.ts'
import { naiveDoubleCharge } from './histories.ts'

it('names a fault of the plan that did not fire', () => {
  const { history, scenario } = naiveDoubleCharge()

  expect(storyOf(history, scenario)).not.toContain('Did not fire')

  const { plan } = scenario
  const faults = plan.kind === 'listed' ? plan.faults : []
  const mistyped = faults.map((fault) => ({ ...fault, at: { ...fault.at, nth: 7 } }))

  expect(storyOf(history, { ...scenario, plan: listed([...faults, ...mistyped]) })).toMatch(
    /\nDid not fire: lose the reply shop -> client .*attempt 7$/,
  )
})

it('shows both ends of a reply whose sender paused before it could leave', async () => {
  const system = {
    nodes: { shop: node(() => undefined) },
    operations: [post('ask', 'http://shop/')],
    invariants: [nothingToJudge],
  }
  const { sites } = await runOnce(system, undefined, { collect: true })
  const at = sites.find(({ address }) => address.leg === 'reply')?.address
  if (at === undefined) throw new Error('no site')
  const scenario = scenarioOf(system, [{ kind: 'pause', at, node: 'shop', replaced: 'yes', forMs: 41 }])
  const story = storyOf((await runOnce(system, scenario)).history, scenario)

  expect(story).toMatch(/0\.020 .* \. 200 --\|/)
  expect(story).toMatch(/0\.081 .*<-- 200 \./)
})

it('shows an operation that sends nothing and never ends', async () => {
  const system = {
    nodes: { shop: node(() => undefined) },
    operations: [act('wait', () => new Promise(() => undefined))],
    invariants: [nothingToJudge],
  }
  const scenario = scenarioOf(system)

  expect(storyOf((await runOnce(system, scenario)).history, scenario)).toContain('. wait begins, and sends nothing')
})
