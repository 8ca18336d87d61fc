// The comparison of a consistency checker with its twin: the same kind, and contradictions of the same classes about the same keys.
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { check } from '../../../src/check/check.ts'
import type { History } from '../../../src/history.ts'
import type { Invariant, VerdictKind } from '../../../src/verdict.ts'
import type { Said } from './session-twins.ts'

const seed = 20_260_102
const often = 200
const numRuns = 10_000

/** Compares on random histories. Each kind in `expected` must have come at least 200 times, and no other kind; contradictions of the class too. */
export function expectSameVerdicts(invariant: Invariant, twin: (history: History) => Said, histories: fc.Arbitrary<History>, expected: readonly VerdictKind[], cls?: string): void {
  const counts: Record<VerdictKind, number> = { holds: 0, violated: 0, unknown: 0, vacuous: 0 }
  const classes = new Map<string, number>()
  fc.assert(fc.property(histories, (history) => {
    const [verdict] = check(history, [invariant])
    const said = twin(history)
    if (verdict === undefined) throw new Error('check gave no verdict')
    counts[verdict.kind] += 1
    expect(verdict.kind, verdict.reasons[0]?.text).toBe(said.kind)
    if (said.classes !== undefined) expect(classesOf(verdict.reasons)).toEqual([...new Set(said.classes)].sort())
    for (const one of new Set(verdict.reasons.map((reason) => reason.class))) classes.set(one, (classes.get(one) ?? 0) + 1)
    for (const { events } of verdict.reasons) expect(events).toEqual([...new Set(events)].sort((a, b) => a - b))
  }), { seed, numRuns })
  for (const kind of ['holds', 'violated', 'unknown', 'vacuous'] as const) {
    if (expected.includes(kind)) expect(counts[kind], `${invariant.name}: ${kind} of ${JSON.stringify(counts)}`).toBeGreaterThanOrEqual(often)
    else expect(counts[kind], `${invariant.name}: ${kind} of ${JSON.stringify(counts)}`).toBe(0)
  }
  if (cls !== undefined) expect(classes.get(cls) ?? 0, `${invariant.name}: ${cls}`).toBeGreaterThanOrEqual(often)
  console.info(`${invariant.name} agrees with its twin on ${numRuns} histories: ${JSON.stringify(counts)}, ${[...classes].map(([name, count]) => `${name}: ${count}`).join(', ')}`)
}

function classesOf(reasons: readonly { readonly class: string; readonly subject?: unknown }[]): readonly string[] {
  return [...new Set(reasons.map((reason) => `${reason.class} ${String(reason.subject)}`))].sort()
}
