// Adding a kind of fault: one file, and one line in the list of kinds. Here the file is `dribble` below, and the line
// is added to the list for this test file alone; nothing else knows the kind, and all stages handle it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { atMostOnce } from '../../../src/check/at-most-once.ts'
import { drawnPlan } from '../../../src/explore/drawn-plan.ts'
import { journal } from '../../../src/history/effect.ts'
import { assess } from '../../../src/property.ts'
import { formatAssessment } from '../../../src/report/format-assessment.ts'
import { loadCounterexamples } from '../../../src/saved/load-counterexamples.ts'
import { saveCounterexample } from '../../../src/saved/save-counterexample.ts'
import { findingOf } from '../../../src/saved/saved-counterexample.ts'
import type { Address } from '../../../src/scenario/address.ts'
import type * as kinds from '../../../src/scenario/fault/kinds.ts'
import { faultKinds, isFaultKind, type FaultKind } from '../../../src/scenario/fault/registry.ts'
import type { FaultSpec } from '../../../src/scenario/fault/spec.ts'
import { op } from '../../../src/system/operation.ts'
import type { System } from '../../../src/system/system.ts'
import { serve } from '../../../src/transport/serve.ts'
import { runOnce, scenarioOf } from '../../simulate/systems.ts'

/** A reply comes so slowly that its connection is given up after the first byte of the body. */
interface Dribble {
  readonly kind: 'dribble'
  readonly at: Address
  readonly byMs: number
}

const dribble = vi.hoisted((): FaultSpec<Dribble> => ({
  kind: 'dribble',
  fields: { byMs: { type: 'ms', target: 1, min: 1 } },
  values: (site) =>
    site.kind === 'call' && site.address.leg === 'reply' && site.bodyBytes !== undefined
      ? [{ kind: 'dribble', at: site.address, byMs: 3_000 }]
      : [],
  rewrite: (delivery, { byMs }) => ({ ...delivery, delayMs: delivery.delayMs + byMs, breaksAtByte: 1 }),
  words: ({ byMs }) => `dribbles for ${byMs} ms`,
  phrase: ({ at, byMs }) => `let the reply of ${at.to} dribble for ${byMs} ms`,
  milder: (fault) => [{ fault: { ...fault, byMs: 2 }, words: 'let it dribble for 2 ms' }],
}))

vi.mock('../../../src/scenario/fault/kinds.ts', async (original) => {
  const { faultSpecs } = await original<typeof kinds>()
  return { faultSpecs: [...faultSpecs, dribble] }
})

const added = 'dribble' as FaultKind // the type does not know what this test adds to the list

const folder = mkdtempSync(join(tmpdir(), 'two-generals-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const paid = journal<string>('paid')
const pay = op(
  'pay',
  fc.uuid(),
  async (order) => {
    const response = await fetch('http://shop/', { method: 'POST', body: order })
    return await response.text()
  },
  { retries: 1 },
)

/** Pays again when the body of an answer breaks off. */
const paying: System = {
  nodes: {
    shop: serve(() => async (request: Request) => {
      paid.add(await request.text())
      return new Response('thank you')
    }),
  },
  operations: [pay],
  invariants: [atMostOnce(paid.by((order) => order))],
  tolerates: [added],
}

test('the registry derives the kind, its place in the order, and its lookup', () => {
  expect(faultKinds.at(-1)).toBe('dribble')
  expect(isFaultKind('dribble')).toBe(true)
})

test('the kind is drawn, and fires', async () => {
  const plan = { ...drawnPlan(1, [added]), rates: { [added]: 1 }, maxFaults: 1 }
  const invocations = [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: 'order' }]

  const { fired, history } = await runOnce(paying, { ...scenarioOf(paying, [], invocations), plan })

  expect(fired).toMatchObject([{ kind: 'dribble', byMs: 3_000 }])
  expect(history.events.filter(({ kind }) => kind === 'effect')).toHaveLength(2)
})

describe('a failure under the kind', async () => {
  const assessment = await assess(paying, { numRuns: 1 })
  if (assessment.kind !== 'violated') throw new Error(`expected a violation, found ${assessment.kind}`)
  const { counterexample } = assessment

  test('is found by a single fault, and shrunk to its target', () => {
    expect(counterexample.scenario.plan).toMatchObject({ kind: 'listed', faults: [{ kind: 'dribble', byMs: 1 }] })
  })

  test('is described in the words of the kind', () => {
    const story = formatAssessment(assessment, { test: 'an order is paid once' })

    expect(story).toContain('dribbles for 1 ms')
    expect(story).toContain('let the reply of shop dribble for 1 ms')
  })

  test('is saved and read again', () => {
    const testFile = join(folder, 'pay.test.ts')

    saveCounterexample(testFile, { suites: [], name: 'an order is paid once' }, findingOf(counterexample))
    const { found, problems } = loadCounterexamples(testFile, { suites: [], name: 'an order is paid once' })

    expect(problems).toEqual([])
    expect(found.map(({ scenario }) => scenario)).toStrictEqual([counterexample.scenario])
  })
})
