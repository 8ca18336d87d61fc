// A failure becomes a counterexample: it is confirmed as the first history after a fresh start, shrunk, and explained
// by what the system does without each fault and in a neighbouring scenario. Ties shrinking to the simulation.
import { verdictsOf } from './check/check.ts'
import { MeaningError } from './check/meaning-error.ts'
import type { Deadline, Execute, Executed, ViolatedInvariant } from './explore/executor.ts'
import { withNearLengths } from './explore/near-lengths.ts'
import { dependent, leaked, unconfirmed, type Unreliable } from './explore/unreliable.ts'
import { OtherViolations } from './explore/other-violations.ts'
import { sameViolation, violationToShrink } from './explore/violation.ts'
import { declaredDurations } from './generate/declared-durations.ts'
import type { WorkloadSource } from './generate/workload-source.ts'
import type { SavedCounterexample } from './saved/saved-counterexample.ts'
import { listed } from './scenario/plan.ts'
import type { Scenario } from './scenario/scenario.ts'
import type { CandidateOutcome, ListedScenario } from './shrink/candidate.ts'
import { divergence } from './history/divergence.ts'
import { bug } from './plain/bug.ts'
import { markValues } from './shrink/mark-values.ts'
import { Memo } from './shrink/memo.ts'
import { minimise, type Minimised } from './shrink/minimise.ts'
import { necessity, orderNecessity } from './shrink/necessity.ts'
import { neighbour } from './shrink/neighbour.ts'
import type { Run } from './simulate/run.ts'
import type { Simulation } from './simulation.ts'
import { boundsOf } from './system/system.ts'
import type { Counterexample, Mark } from './verdict/counterexample.ts'
import { isSameFailure, type Reason } from './verdict/reason.ts'

/** What a failure is explained with. */
export interface ExplainOptions {
  readonly simulation: Simulation
  readonly execute: Execute
  readonly timeIsUp: Deadline
  /** Where the inputs were drawn from, which knows smaller ones. */
  readonly workloads: WorkloadSource
  /** The fault-free run at the start of the exploration, if it came so far. */
  readonly perfect: Executed | undefined
  /** The counterexample whose replay failed: its violation is kept where it still occurs. */
  readonly replayed: SavedCounterexample | undefined
  /** How many candidates shrinking may execute. */
  readonly maxExecutions: number
}

/** A failure, confirmed and shrunk. */
export interface Explained {
  readonly kind: 'counterexample'
  readonly counterexample: Counterexample
  /** What else the same history violates. */
  readonly also: readonly Reason[]
  /** Executions that confirming, shrinking and explaining took. */
  readonly executions: number
}

/**
 * Confirms, shrinks and explains a failure. If it cannot be confirmed, returns how two equal runs differ; undefined if
 * state outlives a history, which the simulation reports.
 */
export async function explainFailure(
  failed: Executed,
  options: ExplainOptions,
): Promise<Explained | Unreliable | undefined> {
  const { simulation, execute, perfect, replayed, workloads } = options
  const scenario: ListedScenario = { ...failed.scenario, plan: listed(failed.fired, failed.late) }
  const { patient } = failed // loops have to end as they did when it was found
  await simulation.reopen()
  const confirmed = await execute(scenario, { collect: true, compare: true, patient })
  if (simulation.outlived() !== undefined) return undefined
  const unreliable =
    (await leaked(execute, perfect)) ??
    unconfirmed(failed, confirmed) ??
    (await dependent(execute, confirmed, workloads.small(scenario.seed)))
  if (unreliable !== undefined) return unreliable

  const violation = violationToShrink(confirmed, replayed?.violated)
  const judge = judgeBy(violation, simulation)
  const others = new OtherViolations(violation)
  const memo = new Memo(async (candidate) => {
    const executed = await execute(candidate, { collect: true, patient })
    others.add(executed.violations)
    return judge(executed)
  })
  const small = await minimised(scenario, judge(confirmed), memo, options)
  const needed = await necessity(small.scenario, memo.run)
  const order = await orderNecessity(small.scenario, memo.run)
  const nearest = await neighbour(small.scenario, small.outcome, memo.run)
  const marks = await markedValues(small, scenario, memo, options)
  const marked = withNearLengths(marks, small.scenario, () => [
    ...declaredDurations(simulation.system.operations.flatMap(({ declaredIn = [] }) => declaredIn)),
    ...confirmed.lengths,
  ])

  const last = await execute(small.scenario, { annotate: true, patient })
  const reason = last.violations.find((other) => sameViolation(other, violation))?.reason
  if (reason === undefined) return changedSince(execute, confirmed, last)
  const passed = others.without(last.violations)
  return {
    kind: 'counterexample',
    counterexample: {
      scenario: small.scenario,
      history: last.history,
      violation: { invariant: violation.invariant.name, reason },
      necessity: needed,
      ...(order.length === 0 ? {} : { order }),
      executions: small.executions,
      ...(nearest === undefined ? {} : { nearest }),
      ...(marked.length === 0 ? {} : { marks: marked }),
      ...(passed.length === 0 ? {} : { others: passed }),
      ...(small.unfinished === undefined ? {} : { unfinished: small.unfinished }),
    },
    also: last.violations.filter(({ invariant }) => invariant !== violation.invariant).map((other) => other.reason),
    executions: memo.executions + 1,
  }
}

/** What failed a moment ago does not fail any more: what was left over from the histories in between? */
async function changedSince(execute: Execute, confirmed: Executed, last: Executed): Promise<Unreliable> {
  const where = divergence(confirmed.history, last.history) ?? bug('equal histories with other verdicts')
  return (await leaked(execute, confirmed)) ?? { kind: 'flaky', where }
}

/** How many inputs are drawn for one more operation. */
const mostDrawn = 2

function minimised(
  scenario: ListedScenario,
  outcome: CandidateOutcome,
  memo: Memo,
  { simulation, workloads, timeIsUp, maxExecutions }: ExplainOptions,
): Promise<Minimised> {
  const bounds = boundsOf(simulation.system)
  return minimise(scenario, outcome, {
    run: memo.run,
    memo,
    allowed: simulation.claim.allowed,
    clients: bounds.clients,
    others: (invocation) =>
      scenario.workload.invocations.length < bounds.maxOperations
        ? [...workloads.otherInputs(invocation)].slice(0, mostDrawn)
        : [],
    maxExecutions,
    deadline: timeIsUp,
    inputs: (invocation) => workloads.smallerInputs(invocation),
  })
}

/** Which values of the shrunk scenario matter. Where shrinking was not wanted or not done, nothing is tried. */
async function markedValues(
  { scenario, outcome, unfinished }: Minimised,
  start: ListedScenario,
  memo: Memo,
  { simulation, workloads, timeIsUp }: ExplainOptions,
): Promise<readonly Mark[]> {
  if (unfinished !== undefined) return []
  return markValues(scenario, outcome, memo, {
    start,
    allowed: simulation.claim.allowed,
    clients: boundsOf(simulation.system).clients,
    deadline: timeIsUp,
    others: (invocation) => workloads.otherInputs(invocation),
    accepts: (invocation, input) => workloads.couldDraw(invocation, input),
  })
}

/** What a run says of the one violation that is shrunk. */
function judgeBy(violation: ViolatedInvariant, { system }: Simulation): (executed: Executed) => CandidateOutcome {
  const index = system.invariants.indexOf(violation.invariant)
  return ({ violations, verdicts, fired, sites, history }) => ({
    fails: violations.some((other) => sameViolation(other, violation)),
    verdict: verdicts[index]?.kind ?? 'unknown',
    fired,
    sites,
    begunMs: new Map(
      history.events.flatMap((event) => (event.kind === 'invoke' ? [[event.invocation, event.atMs] as const] : [])),
    ),
  })
}

/** A run with the verdict of each invariant. */
export async function judgeRun(
  scenario: Scenario,
  { history, sites, fired, late, orders, circled, lengths, steps, patient }: Run,
  simulation: Simulation,
): Promise<Executed> {
  const { invariants } = simulation.system
  const verdicts = [...verdictsOf(history, invariants, (error) => error instanceof MeaningError)]
  for (const [index, invariant] of invariants.entries())
    if (invariant.judge !== undefined)
      verdicts[index] = await invariant.judge({ scenario, history, fired, patient }, simulation)
  const violations = invariants.flatMap((invariant, index): ViolatedInvariant[] => {
    const verdict = verdicts[index]
    return verdict?.kind === 'violated' ? firstOfEach(verdict.reasons).map((reason) => ({ invariant, reason })) : []
  })
  return { scenario, history, sites, fired, late, orders, verdicts, violations, circled, lengths, steps, patient }
}

/** The first reason of each failure: which of them comes first may depend on a fault that causes none of them. */
function firstOfEach(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter((reason, index) => reasons.findIndex((other) => isSameFailure(other, reason)) === index)
}
