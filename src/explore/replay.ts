// Replaying a saved scenario. Where some of its faults no longer fire, as after an edit of the code, plans are tried in
// which these stand at the sites nearest to their old ones; where all fire and it holds, other lengths of time. Must
// not know files.
import { faultWords, type Fault } from '../scenario/fault/registry.ts'
import type { LateChange } from '../scenario/late-change.ts'
import { everyFault, orderOf, planId, type Allowed, type ListedPlan } from '../scenario/plan.ts'
import { reanchor, type Met, type Move } from '../scenario/reanchor.ts'
import { relengthened } from '../scenario/relength.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Execute, Executed } from './executor.ts'

/** What became of a saved scenario. */
export interface Replayed {
  /** The run that violates an invariant; where none does, the run of the scenario as it was saved. */
  readonly executed: Executed
  /** What is another in that run: where faults strike, how long they last, how long operations wait. */
  readonly moved: readonly Move[]
  /** The saved faults and late changes that did not fire, and could not be moved to sites where they fire. */
  readonly unfired: readonly (Fault | LateChange)[]
  /** Where the run violates an invariant: its faults that the claim leaves out by now, in words. */
  readonly unclaimed: readonly string[]
  /** Why an invariant could not be judged in the run of the scenario as it was saved. */
  readonly unclear?: string
}

/** How many plans with faults elsewhere are tried, how many scenarios with other lengths, and of how many plans. */
const [mostPlans, mostLengths, mostMeasured] = [24, 30, 2] as const

/** @param allowed what faults may become that do not strike as they were saved */
export async function replay(scenario: Scenario, execute: Execute, allowed: Allowed = everyFault): Promise<Replayed> {
  const { plan } = scenario
  const executed = await execute(scenario, { collect: true, patient: true })
  const unclear = executed.verdicts.find(({ kind }) => kind === 'unknown')?.reasons[0]?.text
  const asSaved = { executed, moved: [], unfired: [], unclaimed: [], ...(unclear === undefined ? {} : { unclear }) }
  if (plan.kind !== 'listed') return asSaved
  if (executed.violations.length > 0)
    return { ...asSaved, unclaimed: plan.faults.filter((fault) => allowed(fault) !== fault).map(faultWords) }
  const nearby = new Nearby(execute, allowed)
  const found = (await nearby.moved({ plan, executed, moved: [] })) ?? (await nearby.measured())
  return found === undefined ? { ...asSaved, unfired: silentOf(plan, executed) } : { ...asSaved, ...found }
}

/** A run of a plan that is the saved one, or near to it. */
interface Try {
  readonly plan: ListedPlan
  readonly executed: Executed
  readonly moved: readonly Move[]
}

/** Scenarios near to a saved one that holds. */
class Nearby {
  readonly #execute: Execute
  readonly #allowed: Allowed
  readonly #tried = new Set<string>()
  /** Those in which all fires, and which hold. */
  readonly #firing: Try[] = []

  constructor(execute: Execute, allowed: Allowed) {
    this.#execute = execute
    this.#allowed = allowed
  }

  /** Moves the faults that did not fire. Where some more fire then, those that are left are moved from there. */
  async moved({ plan, executed, moved }: Try): Promise<Try | undefined> {
    const silent = silentOf(plan, executed).length
    if (silent === 0) this.#firing.push({ plan, executed, moved })
    for (const candidate of silent === 0 ? [] : reanchor(plan, metIn(plan, executed), this.#allowed)) {
      const id = planId(candidate.plan)
      if (this.#tried.has(id)) continue
      if (this.#tried.size === mostPlans) return undefined
      this.#tried.add(id)
      const next = {
        plan: candidate.plan,
        executed: await this.#run({ ...executed.scenario, plan: candidate.plan }),
        moved: [...moved, ...candidate.moved],
      }
      if (next.executed.violations.length > 0) return next
      const found = silentOf(next.plan, next.executed).length < silent ? await this.moved(next) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Where all fires and nothing fails: other lengths of time. */
  async measured(): Promise<Try | undefined> {
    for (const { plan, executed, moved } of this.#firing.slice(0, mostMeasured)) {
      const { scenario, sites } = executed
      const seenMs = executed.lengths.map(({ ms }) => ms)
      let left = mostLengths
      for (const other of relengthened({ workload: scenario.workload, plan }, sites, this.#allowed, seenMs)) {
        if (left-- === 0) break
        const again = await this.#run({ ...scenario, workload: other.workload, plan: other.plan })
        if (again.violations.length > 0) return { plan: other.plan, executed: again, moved: [...moved, ...other.moved] }
      }
    }
    return undefined
  }

  #run(scenario: Scenario): Promise<Executed> {
    return this.#execute(scenario, { collect: true, patient: true })
  }
}

function silentOf(plan: ListedPlan, executed: Executed): readonly (Fault | LateChange)[] {
  const { unfired, inTurn } = metIn(plan, executed)
  return [...unfired, ...inTurn]
}

function metIn(plan: ListedPlan, { fired, late, sites, orders }: Executed): Required<Met> {
  return {
    unfired: plan.faults.filter((fault) => !fired.includes(fault)),
    sites,
    inTurn: orderOf(plan).filter((one) => !late.includes(one)),
    orders,
  }
}
