// Formats an assessment: chooses the report that fits. Knows the reports; prints nothing.
import type { Assessment } from '../assessment.ts'
import type { ReportOptions } from './block.ts'
import { formatFailure } from './format-failure.ts'
import { formatHolds } from './format-holds.ts'
import { formatVerdict } from './format-verdict.ts'

/** What the report says about the test itself. */
export interface Place {
  /** The test's name. */
  readonly test: string
  /** `checkout.test.ts:16`. */
  readonly file?: string
  /** The command that runs the counterexample again. */
  readonly replay?: string
  /** The file that the counterexample was saved to. */
  readonly saved?: string
}

/**
 * Formats an assessment for the terminal: what was violated and how it came about, or how much "holds" means.
 *
 * @example console.log(formatAssessment(await assess(system), { test: 'an order is charged once' }))
 */
export function formatAssessment(assessment: Assessment, place: Place, options?: ReportOptions): string {
  const { explored, folded, remarks } = assessment
  const result = {
    test: place.test,
    ...(place.file === undefined ? {} : { file: place.file }),
    explored,
    folded,
    remarks,
  }
  switch (assessment.kind) {
    case 'holds':
      return formatHolds(result, options)
    case 'violated':
      return formatFailure(
        { ...result, ...place, counterexample: assessment.counterexample, alsoViolated: assessment.also },
        options,
      )
    case 'inconclusive':
      return formatVerdict({ ...result, ...assessment }, options)
    case 'broken':
      return assessment.text
    default:
      return assessment satisfies never
  }
}
