// Real bugs in published packages, from an invariant and the generators alone: no schedule is written by hand. The
// version with the bug is violated by little; the sound one holds under the same claim and options. Skipped, with the
// reason, where the packages cannot be installed.
// @module-tag full
import { beforeEach, describe, expect, test } from 'vitest'
import { assess, formatAssessment, type Assessment } from '../src/index.ts'
import { full } from './full.ts'
import { published, type Published } from './realbugs/published.ts'
import type { Load } from './realbugs/systems.ts'
import { twins } from './realbugs/twins.ts'

/** How much it took, in one line. */
function told(name: string, assessment: Assessment): string {
  const { perfect, singles, swarm, shrink } = assessment.explored
  return (
    `${name}: ${assessment.kind}; ${perfect.run} perfect, ${singles.run} single faults, ${swarm.run} random, ` +
    `${shrink} to shrink; ${sizeOf(assessment)}`
  )
}

function sizeOf(assessment: Assessment): string {
  if (assessment.kind !== 'violated') return 'no counterexample'
  const { operations, faults } = size(assessment)
  return `${operations} operations, ${faults} faults`
}

function size({
  counterexample: {
    scenario: { workload, plan },
  },
}: Extract<Assessment, { kind: 'violated' }>): { readonly operations: number; readonly faults: number } {
  return { operations: workload.invocations.length, faults: plan.kind === 'listed' ? plan.faults.length : Infinity }
}

const installed = new Map<string, Published>()
if (full) for (const [, { folder }] of twins) if (!installed.has(folder)) installed.set(folder, published(folder))

describe.each(twins)('%s', (name, { folder, buggy, sound, operations, faults }) => {
  const found = installed.get(folder)
  const load =
    (wanted: string): Load =>
    () =>
      found?.kind === 'installed' ? found.load(wanted) : undefined
  beforeEach(({ skip }) => skip(found?.kind === 'absent', found?.kind === 'absent' ? found.why : undefined))

  test('and that is found', async () => {
    const assessment = await assess(buggy(load), { seed: 1 })
    console.info(told(name, assessment))
    if (assessment.kind !== 'violated') throw new Error(formatAssessment(assessment, { test: name }))
    if (process.env['REALBUGS_STORY'] !== undefined) console.info(formatAssessment(assessment, { test: name }))
    expect(size(assessment).operations).toBeLessThanOrEqual(operations)
    expect(size(assessment).faults).toBeLessThanOrEqual(faults)
  }, 180_000)

  test('and its sound twin holds', async () => {
    const assessment = await assess(sound(load), { seed: 1 })
    console.info(told(`${name}, sound twin`, assessment))
    expect(assessment.kind, formatAssessment(assessment, { test: name })).toBe('holds')
  }, 180_000)
})
