// The comparison of a checker with its twin: the same kind, and the same contradictions with the same events.
import { appendFileSync } from 'node:fs'
import { env } from 'node:process'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { check } from '../../../src/check/check.ts'
import type { History } from '../../../src/history.ts'
import type { Invariant, VerdictKind } from '../../../src/verdict.ts'
import { smallHistory } from './random-history.ts'
import { contradiction, type Finding } from './twins.ts'

/** Fixed, so that a red build stays red. */
const seed = 20_260_101
const numRuns = Number(env['AGREEMENT_RUNS'] ?? 6_000)
/** A comparison in which a verdict hardly comes proves nothing about it. */
const often = 200

/**
 * Compares on 6,000 small random histories (or as many as AGREEMENT_RUNS says). Each kind in `expected` must have come at least 200 times, and no other kind.
 */
export function expectAgreement(
  invariant: Invariant, twin: (history: History) => Finding, expected: readonly VerdictKind[], histories: fc.Arbitrary<History> = smallHistory,
): void {
  const counts: Record<VerdictKind, number> = { holds: 0, violated: 0, unknown: 0, vacuous: 0 }
  compare(invariant.name, histories, (history) => {
    const found = finding(invariant, history)
    counts[found.kind] += 1
    expect(found).toEqual(sorted(twin(history)))
  })
  for (const kind of ['holds', 'violated', 'unknown', 'vacuous'] as const) {
    if (expected.includes(kind)) expect(counts[kind], `${invariant.name}: ${kind} of ${JSON.stringify(counts)}`).toBeGreaterThanOrEqual(often)
    else expect(counts[kind], `${invariant.name}: ${kind} of ${JSON.stringify(counts)}`).toBe(0)
  }
  console.info(`${invariant.name} agrees with its twin on ${numRuns} histories: ${JSON.stringify(counts)}`)
}

/** Compares on so many histories; what `npm run bench -- checkers-agreement` counts, where it asks for it. */
export function compare<T>(name: string, histories: fc.Arbitrary<T>, agree: (history: T) => void): void {
  const details = fc.check(fc.property(histories, agree), { seed, numRuns })
  const file = env['AGREEMENT_FILE']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, compared: details.numRuns, disagrees: details.failed })}\n`)
  if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance })
}

function finding(invariant: Invariant, history: History): Finding {
  const [verdict] = check(history, [invariant])
  if (verdict === undefined) throw new Error('check gave no verdict')
  if (verdict.kind !== 'violated') return { kind: verdict.kind, contradictions: [] }
  return sorted({ kind: 'violated', contradictions: verdict.reasons.map((reason) => contradiction(reason.class, reason.subject, reason.events)) })
}

function sorted({ kind, contradictions }: Finding): Finding {
  return { kind, contradictions: contradictions.toSorted() }
}
