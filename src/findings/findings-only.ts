// A system of which nobody has said what must hold: it is explored like others, and what came to light is listed. Ties
// exploring to shrinking; its words stand in format-findings.ts.
import type { AssessOptions, Assessment } from '../assessment.ts'
import { explainFailure, judgeRun } from '../explain-failure.ts'
import type { Execute } from '../explore/executor.ts'
import { WorkloadSource } from '../generate/workload-source.ts'
import { startStopwatch } from '../plain/stopwatch.ts'
import { assessOpen } from '../property.ts'
import type { Simulation } from '../simulation.ts'
import { assertSystem, type System } from '../system/system.ts'
import type { Counterexample } from '../verdict/counterexample.ts'
import { isSameFailure } from '../verdict/reason.ts'
import { lookoutsOf, type Lookout } from './lookouts.ts'
import { LookoutWatch, type Symptom } from './watched.ts'

/** Something that came to light. */
export interface ShrunkSymptom extends Symptom {
  /** Shrunk and explained. Absent where time did not suffice, or for the later ones of many. */
  readonly counterexample?: Counterexample
}

/** What an exploration without invariants found. */
export interface FindingsOnly {
  readonly assessment: Assessment
  readonly lookouts: readonly Lookout[]
  readonly findings: readonly ShrunkSymptom[]
  /** Of which lookouts how many histories told nothing. */
  readonly unclear: readonly { readonly lookout: Lookout; readonly histories: number }[]
}

/** How many are shrunk, and with how many executions each. */
const [mostShrunk, toShrink] = [5, 300] as const
/** The share of the time for exploring; the rest is for shrinking. */
const shareOfExploring = 0.7

/** A system that is only looked at. Its invariants are never violated: they note what they see. */
export interface LookedAt {
  readonly system: System
  readonly watched: LookoutWatch
  readonly lookouts: readonly Lookout[]
}

/** The system with lookouts in the place of invariants. */
export function lookedAt(system: Omit<System, 'invariants'>): LookedAt {
  assertSystem({ ...system, invariants: [] }, 'testResilience()')
  const lookouts = lookoutsOf(system)
  const watched = new LookoutWatch(lookouts)
  return { system: { ...system, invariants: watched.invariants }, watched, lookouts }
}

/** Explores, and lists what was seen. @param simulation of a system that is looked at */
export async function findingsOnly(
  simulation: Simulation,
  { watched, lookouts }: LookedAt,
  options: AssessOptions,
): Promise<FindingsOnly> {
  const { timeLimitMs = Infinity } = options
  const stopwatch = startStopwatch()
  const assessment = await assessOpen(simulation, { ...options, timeLimitMs: timeLimitMs * shareOfExploring })
  const timeIsUp = (): boolean => stopwatch.elapsedMs() > timeLimitMs || options.stopped?.() === true
  const { symptoms } = watched
  const findings: ShrunkSymptom[] = []
  const unclear = lookouts.map((lookout) => ({ lookout, histories: watched.unclear(lookout) }))
  for (const symptom of symptoms) {
    if (findings.length >= mostShrunk || timeIsUp()) findings.push(symptom)
    else findings.push(...(await explained(symptom, { simulation, timeIsUp })).filter(isNew(findings)))
  }
  return { assessment, lookouts, findings, unclear: unclear.filter(({ histories }) => histories > 0) }
}

/** Two that need shrinking to be told apart may be one. */
function isNew(findings: readonly ShrunkSymptom[]): (one: ShrunkSymptom) => boolean {
  return ({ lookout, failure }) =>
    findings.every((other) => other.lookout !== lookout || !isSameFailure(other.failure, failure))
}

/** The same simulation, in which what is looked for counts as violated. */
export function judgedBy(simulation: Simulation, lookouts: readonly Lookout[]): Simulation {
  return { ...simulation, system: { ...simulation.system, invariants: lookouts.map(({ invariant }) => invariant) } }
}

interface Explaining {
  readonly simulation: Simulation
  readonly timeIsUp: () => boolean
}

/** With patience: what only haste has shown is none. */
async function explained(
  symptom: Symptom,
  { simulation: watching, timeIsUp }: Explaining,
): Promise<readonly ShrunkSymptom[]> {
  const simulation = judgedBy(watching, [symptom.lookout])
  const execute: Execute = async (scenario, given) =>
    judgeRun(scenario, await simulation.run(scenario, given), simulation)
  const failed = await execute(symptom.smallest, { collect: true, patient: true })
  if (failed.violations.length === 0) return []
  const found = await explainFailure(failed, {
    simulation,
    execute,
    timeIsUp,
    workloads: new WorkloadSource(simulation.system),
    perfect: undefined,
    replayed: undefined,
    maxExecutions: toShrink,
  })
  if (found?.kind !== 'counterexample') return []
  const { counterexample } = found
  const { reason } = counterexample.violation
  return [{ ...symptom, failure: reason, reason, counterexample }]
}
