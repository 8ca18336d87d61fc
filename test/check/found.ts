// The result of an exploration in a word: the kind of the violation, or why it did not hold. For tests only.
import { assess, type Assessment, type System } from '../../src/index.ts'
import { full } from '../full.ts'
import { failureName } from '../../src/verdict/reason.ts'

/** Explores with one seed; a quick run shrinks nothing, and has a sixth of the random histories unless it needs all. */
export async function found(system: System, numRuns: number = full ? 60 : 10): Promise<string> {
  return wordsOf(await assess(system, { numRuns, seed: 3, shrink: full }))
}

/** The word for an assessment. */
export function wordsOf(assessment: Assessment): string {
  switch (assessment.kind) {
    case 'violated':
      return failureName(assessment.counterexample.violation.reason)
    case 'inconclusive':
      return assessment.folded
        .filter(({ kind }) => kind !== 'holds')
        .map(({ invariant, kind }) => `${invariant} ${kind}`)
        .join()
    case 'broken':
      return assessment.text
    default:
      return assessment.kind
  }
}
