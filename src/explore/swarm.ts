// Random histories: each has a workload and a plan of its own. If processes share a store, a fifth of them interleaves
// the processes with a late change; if a node has a capacity, some fill it.
import { faultKinds, faultsAt, type Fault, type FaultKind } from '../scenario/fault/registry.ts'
import { allowedOf, listed, noFaults, type Allowed } from '../scenario/plan.ts'
import { chance, hash32 } from '../plain/random.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import { drawnPlan, wayCount } from './drawn-plan.ts'
import type { Execute, Executed } from './executor.ts'
import { underLoad } from './under-load.ts'

export interface SwarmOptions {
  readonly seed: number
  readonly numRuns: number
  readonly kinds: readonly FaultKind[]
  readonly allowed: Allowed
  /** The most faults in one history. */
  readonly atMost: number
  /** Whether several processes share a store. */
  readonly processes: boolean
  /** A workload; `aboutMs`: some of its operations come about so much later. */
  workload(seed: number, aboutMs?: number): Workload
  /** A workload that fills the pool of a node, for a share of the seeds; undefined for the others. */
  filling(seed: number): Workload | undefined
  /** The length of time that a history is about, in milliseconds; undefined for many. */
  about(seed: number, turn: number | undefined): number | undefined
  /** Runs a scenario only for the sites that it meets: its history is not part of the result. */
  readonly probe: Execute
}

export interface Swarm {
  readonly run: number
  /** The first run that violates an invariant; swarm stops there. */
  readonly violating?: Executed
}

/** The share of runs with a late change, if several processes share a store. */
const shareOfOrders = 0.2

/** Runs random scenarios until one violates an invariant, or all are run. Says after each what was found so far. */
export async function* swarm(execute: Execute, options: SwarmOptions): AsyncGenerator<Swarm, void> {
  for (let run = 0; run < options.numRuns; run++) {
    const seed = hash32(options.seed, `swarm ${run}`) | 0
    const filling = options.filling(seed)
    const isOrder = options.processes && chance(seed, 'order') < shareOfOrders
    const executed =
      filling !== undefined
        ? await underLoad(execute, options, filling, seed)
        : isOrder
          ? await inAnotherOrder(execute, options, seed)
          : await anywhere(execute, options, seed, run)
    if (executed.violations.length > 0) {
      yield { run: run + 1, violating: executed }
      return
    }
    yield { run: run + 1 }
  }
}

/** A random plan on a random workload. Where there is one run only, as for fast-check, nothing takes turns. */
async function anywhere(execute: Execute, options: SwarmOptions, seed: number, run: number): Promise<Executed> {
  const turn = options.numRuns === 1 ? undefined : run
  // One further each round, so that each way of drawing meets each length
  const aboutMs = options.about(seed, turn === undefined ? undefined : turn + Math.floor(turn / wayCount))
  const plan = drawnPlan(seed, options.kinds, { turn, aboutMs })
  return execute({ workload: options.workload(seed, aboutMs), plan, seed: options.seed })
}

/** Runs a workload with a late change, on a perfect network or together with one fault. */
async function inAnotherOrder(execute: Execute, options: SwarmOptions, seed: number): Promise<Executed> {
  const { probe } = options
  const base = { workload: options.workload(seed), seed: options.seed }
  const perfect = await probe({ ...base, plan: noFaults }, { collect: true })
  if (perfect.violations.length > 0) return execute(perfect.scenario)
  const fault = chance(seed, 'fault too') < 0.5 ? pickFault(perfect.sites, options, seed, 'first') : undefined
  const faults = fault === undefined ? [] : [fault]
  const met = fault === undefined ? perfect : await probe({ ...base, plan: listed(faults) }, { collect: true })
  const late = met.orders[Math.floor(chance(seed, 'late') * met.orders.length)]
  return execute({ ...base, plan: listed(faults, late === undefined ? [] : [late]) })
}

function pickFault(
  sites: readonly Site[],
  { allowed, kinds }: SwarmOptions,
  seed: number,
  name: string,
): Fault | undefined {
  const possible = sites.flatMap((site) =>
    faultKinds.flatMap((kind) => (kinds.includes(kind) ? allowedOf(faultsAt(kind, site), allowed) : [])),
  )
  return possible[Math.floor(chance(seed, name) * possible.length)]
}
