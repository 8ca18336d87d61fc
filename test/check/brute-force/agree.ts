// Compares a checker with its twin on random histories.
import { appendFileSync } from 'node:fs'
import { env } from 'node:process'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { check } from '../../../src/check/check.ts'
import type { History } from '../../../src/history/history.ts'
import type { Invariant, Verdict, VerdictKind } from '../../../src/verdict/verdict.ts'
import { full } from '../../full.ts'
import { smallHistory } from './random-history.ts'
import type { Said } from './session-twins.ts'
import { contradiction, type Finding } from './twins.ts'
import { failureName, involvedIn } from '../../../src/verdict/reason.ts'

/** Fixed, so that a failure can be repeated. */
const seed = 20_260_101
/** The number of histories in a comparison. */
const histories = full ? 10_000 : 400
/**
 * How often each verdict must occur: a comparison in which it hardly occurs proves nothing about it. A verdict that
 * occurs 200 times occurs about 8 times in the histories of the quick run; half of that allows for chance.
 */
export const often: number = full ? 200 : 4

/**
 * Compares on 10,000 random histories, or 400 of them in the quick run. Each kind in `expected` must occur at least
 * 200 times (4), and no other kind. If a class is given, contradictions of this class must occur as often.
 */
export function expectAgreement(
  invariant: Invariant,
  twin: (history: History) => Finding | Said,
  expected: readonly VerdictKind[],
  random: fc.Arbitrary<History> = smallHistory,
  cls?: string,
): void {
  const counts: Record<VerdictKind, number> = { holds: 0, violated: 0, unknown: 0, vacuous: 0 }
  const classes = new Map<string, number>()
  compare(invariant.name, random, (history) => {
    const verdict = check(history, [invariant])[0]
    if (verdict === undefined) throw new Error('check gave no verdict')
    counts[verdict.kind] += 1
    for (const one of new Set(verdict.reasons.map(failureName))) classes.set(one, (classes.get(one) ?? 0) + 1)
    expectSame(verdict, twin(history))
  })
  for (const kind of ['holds', 'violated', 'unknown', 'vacuous'] as const) {
    if (expected.includes(kind))
      expect(counts[kind], `${invariant.name}: ${kind} of ${JSON.stringify(counts)}`).toBeGreaterThanOrEqual(often)
    else expect(counts[kind], `${invariant.name}: ${kind} of ${JSON.stringify(counts)}`).toBe(0)
  }
  if (cls !== undefined) expect(classes.get(cls) ?? 0, `${invariant.name}: ${cls}`).toBeGreaterThanOrEqual(often)
  console.info(`${invariant.name} agrees with its twin on random histories: ${JSON.stringify(counts)}`)
}

/**
 * Expects the same kind and the same contradictions; as far as the twin reports these, with the same classes, keys and
 * events.
 */
function expectSame({ kind, reasons }: Verdict, said: Finding | Said): void {
  expect(kind, reasons[0]?.text).toBe(said.kind)
  for (const { events } of reasons) expect(events).toEqual([...new Set(events)].sort((a, b) => a - b))
  const found = kind === 'violated' ? reasons : []
  if ('contradictions' in said)
    expect(found.map((one) => contradiction(failureName(one), one.subject, involvedIn(one))).sort()).toEqual(
      said.contradictions.toSorted(),
    )
  else if (said.classes !== undefined)
    expect([...new Set(found.map((one) => `${failureName(one)} ${String(one.subject)}`))].sort()).toEqual(
      [...new Set(said.classes)].sort(),
    )
}

/**
 * Compares on this many histories, or on AGREEMENT_RUNS if that is more, and records the result if `npm run bench --
 * checkers-agreement` asks for it.
 */
export function compare<T>(
  name: string,
  random: fc.Arbitrary<T>,
  agree: (history: T) => void,
  numRuns: number = histories,
): void {
  const details = fc.check(fc.property(random, agree), {
    seed,
    numRuns: Math.max(numRuns, Number(env['AGREEMENT_RUNS'] ?? 0)),
  })
  const file = env['AGREEMENT_FILE']
  if (file !== undefined)
    appendFileSync(file, `${JSON.stringify({ name, compared: details.numRuns, disagrees: details.failed })}\n`)
  if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance })
}
