// What the story of a history says beside the diagram.
import { expect, it } from 'vitest'
import { listed } from '../../src/plan.ts'
import { storyOf } from '../../src/report/story-of.ts'
import { naiveDoubleCharge } from './histories.ts'

it('names a fault of the plan that did not fire', () => {
  const { history, scenario } = naiveDoubleCharge()
  expect(storyOf(history, scenario)).not.toContain('Did not fire')
  const { plan } = scenario
  const faults = plan.kind === 'listed' ? plan.faults : []
  const mistyped = faults.map((fault) => ({ ...fault, at: { ...fault.at, nth: 7 } }))
  expect(storyOf(history, { ...scenario, plan: listed([...faults, ...mistyped]) })).toMatch(/\nDid not fire: lose the reply shop -> client .*attempt 7$/)
})
