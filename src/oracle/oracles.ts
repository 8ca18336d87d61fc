// Asks of a green result whether its invariants could have been violated at all, on a few histories without faults.
// Ties the simulation to the oracles; its words stand in the report.
import type { Assessment } from '../assessment.ts'
import { WorkloadSource } from '../generate/workload-source.ts'
import { hash32 } from '../plain/random.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import { listed, noFaults } from '../scenario/plan.ts'
import type { Workload } from '../scenario/scenario.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { Simulation } from '../simulation.ts'
import { blindInvariants, type BlindInvariant, type JudgedHistory } from './blind.ts'
import { deceivedInvariants, type Deceived, type RunTwice } from './broken-stubs.ts'
import { unwatchedCalls, type Unwatched } from './unwatched.ts'

/** How many small workloads are looked at, and how many random ones. */
const looked = { small: 2, random: 3 } as const

/** An assessment with what its invariants would not have noticed. Of a system that does not hold nobody asks that. */
export async function withOracles(assessment: Assessment, simulation: Simulation): Promise<Assessment> {
  if (assessment.kind !== 'holds') return assessment
  const remarks = await oracleRemarks(simulation, assessment.explored.seed)
  return { ...assessment, remarks: [...assessment.remarks, ...remarks] }
}

/** What an invariant of this system would not notice, a remark each. */
export async function oracleRemarks(simulation: Simulation, seed: number): Promise<readonly string[]> {
  const { system } = simulation
  const { invariants, nodes, stores = [] } = system
  if (invariants.every(({ effects }) => effects.length === 0)) return []
  const histories: JudgedHistory[] = []
  const states = invariants.some(({ effects }) => effects.some(({ from }) => from === 'rows'))
  for (const workload of workloadsOf(new WorkloadSource(system), seed)) {
    const scenario = { workload, plan: noFaults, seed }
    const { history } = await simulation.run(scenario)
    const between = states ? (await simulation.run(scenario, { everyCommit: true })).history.snapshots : []
    histories.push({ workload, history, ...(between === undefined ? {} : { between }) })
  }
  const twice: RunTwice = async ({ workload }, at) => {
    const fault: Fault = { kind: 'duplicate', at, after: 'reply', gapMs: 10 }
    try {
      return (await simulation.run({ workload, plan: listed([fault]), seed })).history
    } catch (error) {
      if (error instanceof SetupError) return undefined // a stub with `once`
      throw error
    }
  }
  const inside = new Set([...Object.keys(nodes), ...stores.map(({ name }) => name)])
  const unwatched = unwatchedCalls(
    invariants,
    histories.map(({ history }) => history),
    inside,
  )
  return [
    ...blindInvariants(invariants, histories).map(blindText),
    ...(await deceivedInvariants(invariants, histories, inside, twice)).map(deceivedText),
    ...(unwatched === undefined ? [] : [unwatchedText(unwatched)]),
  ]
}

function blindText({ invariant, effects }: BlindInvariant): string {
  const what = effects.map((name) => `"${name}"`).join(' or ')
  return (
    `${invariant} would not have noticed a second ${what}, a missing one, or another value: it holds in every ` +
    'corrupted copy of a history. Is its key one that a second one would share, and can its predicate be false?'
  )
}

function deceivedText({ invariant, call, done, effects }: Deceived): string {
  const named = effects.map((name) => `"${name}"`).join(' and ')
  const what = done.map((how) => (how === 'twice' ? 'a second' : 'a missing')).join(' or ')
  return (
    `${invariant} would not have noticed ${what} ${call}: ${named} change together then, and agree. No other ` +
    'invariant would have either. Count one of them against what was asked for, as exactlyOnce does.'
  )
}

function unwatchedText({ journals, calls }: Unwatched): string {
  const named = journals.map((name) => `journal("${name}")`).join(', ')
  return (
    `Invariants look at ${named} alone, which the code under test writes itself. None would have noticed a second ` +
    `${calls.join(', or ')}: count these with requests(...).`
  )
}

function workloadsOf(source: WorkloadSource, seed: number): readonly Workload[] {
  const small: Workload[] = []
  for (const workload of source.small(seed)) {
    small.push(workload)
    if (small.length === looked.small) break
  }
  const random = Array.from({ length: looked.random }, (_, n) => source.random(hash32(seed, `oracle ${n}`) | 0))
  return [...small, ...random]
}
