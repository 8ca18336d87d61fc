// The report of a test that passed: a few lines that say how much that means.
import type { Explored, Folded } from '../verdict/explored.ts'
import { heading, joinBlocks, labelledLines, paperOf, type Labelled, type ReportOptions } from './block.ts'
import {
  countsWords,
  exploredWords,
  faultsWords,
  memoryWords,
  needsWords,
  neverFired,
  sharedWords,
} from './explored-words.ts'

/** A test without a counterexample. */
export interface Result {
  readonly test: string
  /** `checkout.test.ts:16`. */
  readonly file?: string
  readonly explored: Explored
  readonly folded: readonly Folded[]
  readonly remarks?: readonly string[]
}

/**
 * Formats a passed test in a few lines: each invariant with the number of histories, what was explored, which faults
 * fired, the seed.
 *
 * @example console.log(formatHolds({ test: 'an order is charged once', explored, folded }))
 */
export function formatHolds(result: Result, options: ReportOptions = {}): string {
  const paper = paperOf(options)
  return joinBlocks([
    [heading('ok', result.test, result.file, paper), ...labelledLines(resultEntries(result, 'holds'), paper)],
  ])
}

/** The labelled lines of every result without a counterexample. */
export function resultEntries(
  { explored, folded, remarks = [] }: Omit<Result, 'test'>,
  clean: string,
): readonly Labelled[] {
  const [fired = '', ...never] = faultsWords(explored)
  return [
    ...folded.map((one): Labelled => ({
      label: 'Invariants',
      text: `${one.invariant}: ${countsWords(one)}`,
      tone: one.kind === 'holds' ? 'good' : 'bad',
    })),
    { label: 'Explored', text: exploredWords(explored, clean).join('; ') },
    { label: 'Faults', text: [`fired: ${fired}`, ...never].join('; ') },
    ...needsWords(neverFired(explored)).map((text): Labelled => ({ label: 'Not fired', text })),
    ...(explored.notTried === undefined
      ? []
      : [{ label: 'Not tried', text: `as claimed: ${explored.notTried}` } satisfies Labelled]),
    ...[...memoryWords(explored.survivors), ...sharedWords(explored.shared), ...remarks].map((text): Labelled => ({
      label: 'Note',
      text,
    })),
  ]
}
