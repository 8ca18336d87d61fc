// What the examples' tests ask of a broken twin: that it is found out, and the failure as it would be told.
import { assess, formatAssessment, type Fault, type System } from 'two-generals'

export interface Violation {
  readonly invariant: string
  /** The faults that are left when nothing more can be taken away. */
  readonly faults: readonly Fault[]
  /** How many operations are left. */
  readonly operations: number
  readonly story: string
}

/** Explores a broken twin. @throws where nothing is found, with what was found instead */
export async function violationOf(test: string, system: System): Promise<Violation> {
  const assessment = await assess(system)
  const story = formatAssessment(assessment, { test })
  if (assessment.kind !== 'violated') throw new Error(`Expected a violation, found:\n${story}`)
  const {
    scenario: { plan, workload },
    violation,
  } = assessment.counterexample
  return {
    invariant: violation.invariant,
    faults: plan.kind === 'listed' ? plan.faults : [],
    operations: workload.invocations.length,
    story,
  }
}
