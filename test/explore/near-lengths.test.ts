import { describe, expect, test } from 'vitest'
import { assess } from '../../src/index.ts'
import { withNearLengths } from '../../src/explore/near-lengths.ts'
import { faultMarkWords } from '../../src/report/mark-words.ts'
import { invocationRoot, type Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { listed } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import type { Mark } from '../../src/verdict/counterexample.ts'
import { pausedHolder } from '../quality/corpus/paused-holder.ts'

const root = invocationRoot('pay', 0)
const at: Address = { root, path: [], from: 'client', to: 'shop', operation: 'POST /', leg: 'request', nth: 1 }
const pause: Fault = { kind: 'pause', at, node: 'shop', forMs: 30_100, replaced: 'no' }
const back: Fault = { kind: 'jump', at, node: 'shop', byMs: -5_001 }
const scenario: Scenario = {
  workload: { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 86_399_960, input: null }] },
  plan: listed([pause, back]),
  seed: 1,
}
const known = [
  { ms: 30_000, words: 'LEASE_MS = 30_000, lease.ts:4' },
  { ms: 30_000, words: 'a timer of 30 s' },
  { ms: 5_000, words: 'Retry-After: 5 in an answer' },
  { ms: 86_400_000, words: "'1d', keys.ts:9" },
]

function field(fault: Fault, name: string, freedom: Mark['freedom']): Mark {
  return { of: { kind: 'field', fault, name }, freedom }
}

function near(mark: Mark, lengths = known): string | undefined {
  return withNearLengths([mark], scenario, () => lengths)[0]?.near?.words
}

describe('a length that decides', () => {
  test('is named by what it is close to, on either side, forward and back; the first of equal ones counts', () => {
    expect(near(field(pause, 'forMs', 'from'))).toBe('LEASE_MS = 30_000, lease.ts:4')
    expect(near(field(back, 'byMs', 'from'))).toBe('Retry-After: 5 in an answer')
    expect(near({ of: { kind: 'wait', invocation: 0 }, freedom: 'must' })).toBe("'1d', keys.ts:9")
  })

  test('is not named where it may be any, where nothing is close to it, or where it is no length', () => {
    expect(near(field(pause, 'forMs', 'any'))).toBeUndefined()
    expect(near(field(pause, 'forMs', 'from'), [{ ms: 28_000, words: 'ttlMs = 28_000, a.ts:1' }])).toBeUndefined()
    expect(near(field(pause, 'replaced', 'must'))).toBeUndefined()
  })

  test('is not named where it is what shrinking takes every one to', () => {
    const crash: Fault = { kind: 'crash', at, node: 'shop', restartAfterMs: 1_000 }
    expect(near(field(crash, 'restartAfterMs', 'must'), [{ ms: 1_000, words: 'sleep(1_000)' }])).toBeUndefined()
  })

  test('is told with the fault that lasts so long', async () => {
    const { smallest } = pausedHolder
    const system = pausedHolder.system(false)
    const violated = {
      invariant: system.invariants[0]?.name ?? '',
      kind: 'custom',
      text: 'Two hold the lease.',
    } as const
    const saved = { path: 'lease.json', scenario: smallest, violated, test: { file: 'lease.test.ts', name: 'lease' } }
    const assessment = await assess(system, { saved: [saved] })
    if (assessment.kind !== 'violated') expect.fail(assessment.kind)
    const [fault] = assessment.counterexample.necessity.map((one) => one.fault)
    const words = fault && faultMarkWords(fault, assessment.counterexample)
    expect(words).toContain('leaseMs = 30_000, paused-holder.ts:9')
  })

  test('is asked for only where there is one', () => {
    const marks = [field(pause, 'forMs', 'any')]
    expect(withNearLengths(marks, scenario, () => expect.fail('nobody has to read files for this'))).toBe(marks)
  })
})
