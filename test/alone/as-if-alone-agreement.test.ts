// asIfAlone against a twin that follows its definition, on a made-up system: each operation notes who was there before.
// What is left of a history is drawn, near what an order of its operations leaves.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { journal } from '../../src/history/effect.ts'
import type { History } from '../../src/history/history.ts'
import { noFaults } from '../../src/scenario/plan.ts'
import type { Invocation, Scenario } from '../../src/scenario/scenario.ts'
import type { RunsAlone, VerdictKind } from '../../src/verdict/verdict.ts'
import { asIfAlone, type AsIfAloneOptions } from '../../src/as-if-alone.ts'
import { ends, effect, historyOf, invoke, over, type Line } from '../check/build-history.ts'
import { amount } from '../full.ts'

type Fate = 'ok' | 'fail' | 'info' | 'open'

const fates = fc.array(fc.constantFrom<Fate>('ok', 'ok', 'info', 'open', 'fail'), { minLength: 1, maxLength: 3 })
const drawn = fc.record({
  fates,
  order: fc.shuffledSubarray([0, 1, 2]),
  /** What a fault did to the effects: taken away, or doubled. */
  changes: fc.array(fc.record({ at: fc.nat(3), doubles: fc.boolean() }), { maxLength: 2 }),
})

test.each<Required<AsIfAloneOptions>['unknown']>(['whole', 'partial'])(
  'says of each small history what its definition says, where what is unknown is %s',
  async (unknown) => {
    const seen: Record<VerdictKind, number> = { holds: 0, violated: 0, unknown: 0, vacuous: 0 }
    await fc.assert(
      fc.asyncProperty(drawn, async ({ fates: own, order, changes }) => {
        const left = changes.reduce(
          (all, { at, doubles }) => (doubles ? [...all, ...all.slice(at, at + 1)] : all.toSpliced(at, 1)),
          leftBy(order.filter((id) => id < own.length)),
        )
        const verdict = await asIfAlone([journal('seen')], { unknown }).judge?.(
          { scenario: scenarioOf(own.map((_, id) => id)), history: historyOfFates(own, left), fired: [] },
          system,
        )
        const expected = twin(own, left, unknown) ? 'holds' : 'violated'
        expect(verdict?.kind).toBe(expected)
        seen[expected] += 1
      }),
      { numRuns: amount(3_000), seed: 1 },
    )
    expect(Math.min(seen.holds, seen.violated)).toBeGreaterThan(amount(3_000) / 10)
  },
)

/** Each notes who was there directly before it. */
function leftBy(order: readonly number[]): readonly string[] {
  return order.map((id, n) => `${id} after ${order[n - 1] ?? 'nobody'}`)
}

/** The made-up system carries out what it is given, in that order. */
const system: RunsAlone = {
  system: {},
  run: ({ workload: { invocations } }) => {
    const order = invocations.map(({ id }) => id)
    return Promise.resolve({
      history: linesOf(
        order.map(() => 'ok'),
        leftBy(order),
        order,
      ),
    })
  },
}

/** The definition, word by word. */
function twin(own: readonly Fate[], left: readonly string[], unknown: 'whole' | 'partial'): boolean {
  const ids = [...own.keys()].filter((id) => own[id] !== 'fail')
  const orders = sequences(ids).filter((order) => ids.every((id) => own[id] !== 'ok' || order.includes(id)))
  if (orders.some((order) => sorted(leftBy(order)) === sorted(left))) return true
  if (unknown === 'whole') return false
  return orders
    .filter(({ length }) => length === ids.length)
    .some((order) => {
      const parts = orders
        .filter((part) => String(order.filter((id) => part.includes(id))) === String(part))
        .map(leftBy)
      return [...new Set([left, ...parts].flat())].every((fact) => {
        const counts = parts.map((part) => countOf(fact, part))
        return countOf(fact, left) >= Math.min(...counts) && countOf(fact, left) <= Math.max(...counts)
      })
    })
}

function countOf(fact: string, facts: readonly string[]): number {
  return facts.filter((one) => one === fact).length
}

function sorted(facts: readonly string[]): string {
  return facts.toSorted().join()
}

function sequences(ids: readonly number[]): readonly (readonly number[])[] {
  return [[], ...ids.flatMap((id) => sequences(ids.filter((other) => other !== id)).map((rest) => [id, ...rest]))]
}

function historyOfFates(own: readonly Fate[], left: readonly string[]): History {
  return linesOf(own, left, [...own.keys()])
}

function linesOf(own: readonly Fate[], left: readonly string[], ids: readonly number[]): History {
  return historyOf(
    ...ids.map((id, n) => invoke(n, 'go', id, null, id)),
    ...left.map((value) => effect(5, 'seen', value)),
    ...ids.flatMap((id, n): readonly Line[] => {
      const fate = own[n]
      return fate === undefined || fate === 'open' ? [] : [ends(6, fate, id)]
    }),
    over(9),
  )
}

function scenarioOf(ids: readonly number[]): Scenario {
  const invocations = ids.map((id): Invocation => ({ id, operation: 'go', client: id, afterMs: 0, input: null }))
  return { workload: { invocations }, plan: noFaults, seed: 1 }
}
