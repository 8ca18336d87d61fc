// Real bugs in published packages, from an invariant and the generators alone: no schedule is written by hand. The
// version with the bug is violated by little; the sound one holds under the same claim and options. Skipped, with the
// reason, where the packages cannot be installed.
// @module-tag full
import { beforeEach, describe, expect, test } from 'vitest'
import { assess, formatAssessment, type Assessment, type System } from '../src/index.ts'
import { full } from './full.ts'
import { broken, cached, cancelled, imported, locked, polled, rateLimited, type Load } from './realbugs/systems.ts'
import { published, type Published } from './realbugs/published.ts'

interface Twins {
  readonly folder: string
  readonly buggy: (load: (name: string) => Load) => System
  readonly sound: (load: (name: string) => Load) => System
  /** The most that a counterexample may hold. */
  readonly operations: number
  readonly faults: number
}

type FlakeClass = new (options: { readonly id: number }) => { next(): Buffer }
type SnowflakeClass = new (options: { readonly mid: number; readonly offset: number }) => { generate(): unknown }

const snowflake = (load: Load) => () => {
  const ids = new (load() as SnowflakeClass)({ mid: 1, offset: 0 })
  return () => String(ids.generate())
}
const flake = (load: Load) => () => {
  const ids = new (load() as FlakeClass)({ id: 1 })
  return () => ids.next().toString('hex')
}

const twins: readonly (readonly [claim: string, Twins])[] = [
  [
    'p-queue 8.1.1 starts two calls in one interval',
    {
      folder: 'p-queue-rate-cap',
      operations: 4,
      faults: 0,
      buggy: (load) => rateLimited(load('p-queue-buggy')),
      sound: (load) => rateLimited(load('p-queue-fixed')),
    },
  ],
  [
    'cacheable 1.8.3 loads one item twice at once',
    {
      folder: 'cacheable-wrap-stampede',
      operations: 2,
      faults: 0,
      buggy: (load) => cached(load('cacheable-buggy')),
      sound: (load) => cached(load('cacheable-fixed')),
    },
  ],
  [
    'async-lock 1.4.1 with maxExecutionTime has two holders',
    {
      folder: 'async-lock-expired-holder',
      operations: 2,
      faults: 1,
      buggy: (load) => locked(load('async-lock'), { maxExecutionTime: 1_000 }),
      sound: (load) => locked(load('async-lock'), {}),
    },
  ],
  [
    'p-retry 7.1.0 waits out its back-off after an abort',
    {
      folder: 'p-retry-abort-ignored',
      operations: 1,
      faults: 1,
      buggy: (load) => cancelled(load('p-retry-buggy')),
      sound: (load) => cancelled(load('p-retry-fixed')),
    },
  ],
  [
    'opossum 4.2.0 stays open for ever',
    {
      folder: 'opossum-open-forever',
      operations: 3,
      faults: 1,
      buggy: (load) => broken(load('opossum-buggy')),
      sound: (load) => broken(load('opossum-fixed')),
    },
  ],
  [
    'snowflake-id 1.1.0 repeats an id when the clock steps back',
    {
      folder: 'snowflake-id-duplicates',
      operations: 2,
      faults: 1,
      buggy: (load) => polled(snowflake(load('snowflake-id'))),
      sound: (load) => polled(flake(load('flake-idgen'))),
    },
  ],
  [
    'snowflake-id 1.1.0 repeats an id when it makes more than 4,096 in one millisecond',
    {
      folder: 'snowflake-id-duplicates',
      operations: 1,
      faults: 0,
      buggy: (load) => imported(snowflake(load('snowflake-id'))),
      sound: (load) => imported(flake(load('flake-idgen'))),
    },
  ],
]

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
