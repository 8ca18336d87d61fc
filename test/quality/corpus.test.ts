// The corpus of planted bugs is what it says it is: each bug shows, its twin is sound, and its depth is proved.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assess, decodeScenario, encodeScenario, formatAssessment } from '../../src/index.ts'
import { amount, full } from '../full.ts'
import { corpus } from './corpus.ts'
import type { Planted } from './planted.ts'
import { provedAs, proofs } from './proofs.ts'
import { prove, withSystem } from './proof.ts'

const each = corpus.map((planted) => [planted.name, planted] as const)

test('every file is listed, and every name is there once', () => {
  expect(readdirSync(join(import.meta.dirname, 'corpus'))).toHaveLength(corpus.length)
  expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length)
})

describe.for(each)('%s', ([, planted]) => {
  const { smallest, depth } = planted

  test('shows in the smallest scenario, of as many faults as its depth, and the sound twin holds there', async () => {
    expect(decodeScenario(encodeScenario(smallest), 'smallest')).toEqual(smallest)
    const broken = await run(planted, false)
    const sound = await run(planted, true)
    expect(broken.violations.length).toBeGreaterThan(0)
    expect(smallest.plan.kind === 'listed' && smallest.plan.faults.length).toBe(depth)
    expect(broken.fired).toHaveLength(depth)
    expect(sound.violations).toEqual([])
  })

  test('differs from its sound twin in the fix only: options, operations and invariants are the same', () => {
    expect(shapeOf(planted, true)).toEqual(shapeOf(planted, false))
  })

  test('needs as many faults as its depth', { tags: depth < 2 ? [] : ['full'], timeout: 600_000 }, async () => {
    const { shallower } = await prove(planted, 400) // of pairs one in 400: prove.ts runs them all
    expect(shallower).toBeUndefined()
  })
})

test('all pairs of faults were run for each bug that needs three, as it stands here', () => {
  const deep = corpus.filter(({ depth }) => depth === 3)
  expect(proofs.map(({ name }) => name).toSorted()).toEqual(deep.map(({ name }) => name).toSorted())
  for (const { name, source } of proofs) expect([name, source]).toEqual([name, provedAs(name)])
})

/** A fast run looks at two of the sound twins. */
const sampled = full ? each : each.filter((_, n) => n % 40 === 1)

test.for(sampled)(
  'its sound twin holds, and not because nothing happens: %s',
  { timeout: 600_000 },
  async ([, one]) => {
    const assessment = await assess(one.system(true), { numRuns: amount(200) })
    expect(assessment.kind, formatAssessment(assessment, { test: one.name })).toBe('holds')
  },
)

async function run(planted: Planted, sound: boolean) {
  return withSystem(planted.system(sound), (execute) => execute(planted.smallest))
}

/** All of a system that is not code. */
function shapeOf(planted: Planted, sound: boolean): unknown {
  const { nodes, operations, invariants, stores = [], probe = [], outside: _, ...options } = planted.system(sound)
  return {
    nodes: Object.entries(nodes).map(([name, { at, instances }]) => ({ name, at, instances })),
    operations: [...operations, ...probe].map(({ name, retries, timeout }) => ({ name, retries, timeout })),
    invariants: invariants.map(({ name }) => name),
    stores: stores.map(({ name }) => name),
    options,
  }
}
