// How many executions, and how much CPU, it takes until a system first violates an invariant: by the exploration as it
// is, and by plans drawn uniformly through the same kernel. Every execution counts: fault-free ones, single faults,
// orders, probes, swarm. Knows no corpus.
import type { AssessOptions } from '../../src/assessment.ts'
import { Patience } from '../../src/explore/patience.ts'
import { WorkloadSource } from '../../src/generate/workload-source.ts'
import { hash32 } from '../../src/plain/random.ts'
import { assessOpen } from '../../src/property.ts'
import type { DrawnPlan } from '../../src/scenario/plan.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { executing } from './swarm-failures.ts'

/** The first violation of one search. */
export interface FirstViolation {
  /** The number of the execution that showed it, from 1. */
  readonly executions: number
  /** CPU until then, in milliseconds, without opening the system. */
  readonly cpuMs: number
}

/** How a search went. */
export interface Search {
  /** Absent where it was missed. */
  readonly first?: FirstViolation
  /** All of its executions. */
  readonly executions: number
  /** CPU of the whole search, in milliseconds. */
  readonly cpuMs: number
}

/** When a search gives up. */
export interface Limits {
  /** The most executions. */
  readonly executions: number
  readonly seed: number
}

/** A search, ready for a system and a seed. */
export type Searcher = (system: System, limits: Limits) => Promise<Search>

/**
 * The exploration as users get it, stopped at its first violation.
 *
 * @param options what differs from the defaults
 */
export function exploration(options: Pick<AssessOptions, 'numRuns'>): Searcher {
  return async (system, { executions, seed }) => {
    const watched = await watch(system)
    try {
      const isOver = (): boolean => watched.first !== undefined || watched.executions >= executions
      const { kind } = await assessOpen(watched.simulation, { ...options, seed, shrink: false, stopped: isOver })
      if (kind === 'violated' || watched.first === undefined) return searchOf(watched, executions)
      console.error(
        `Seed ${seed}: execution ${watched.first.executions} violates something, but the result is: ${kind}.`,
      )
      return { executions: watched.executions, cpuMs: watched.cpuMs() }
    } finally {
      await watched.simulation.close()
    }
  }
}

/** Random workloads of the same source under plans that draw every kind with one rate, without a cap. */
export function uniform(rate: number): Searcher {
  return async (system, { executions, seed }) => {
    const watched = await watch(system)
    const { simulation } = watched
    try {
      const { run } = new Patience(executing(simulation))
      const workloads = new WorkloadSource(simulation.system)
      for (let n = 0; watched.first === undefined && watched.executions < executions; n++)
        await run({
          workload: workloads.random(hash32(seed, `uniform workload ${n}`) | 0),
          plan: uniformPlan(hash32(seed, `uniform plan ${n}`) | 0, simulation.claim.kinds, rate),
          seed,
        })
      return searchOf(watched, executions)
    } finally {
      await simulation.close()
    }
  }
}

function uniformPlan(seed: number, kinds: Simulation['claim']['kinds'], rate: number): DrawnPlan {
  return { kind: 'drawn', seed, maxFaults: Infinity, rates: Object.fromEntries(kinds.map((kind) => [kind, rate])) }
}

function searchOf({ first, executions, cpuMs }: Watched, most: number): Search {
  return { ...(first === undefined || first.executions > most ? {} : { first }), executions, cpuMs: cpuMs() }
}

/** A simulation that counts its executions, and notes the first that violates an invariant. */
interface Watched {
  readonly simulation: Simulation
  readonly executions: number
  readonly first: FirstViolation | undefined
  readonly cpuMs: () => number
}

async function watch(system: System): Promise<Watched> {
  let executions = 0
  let first: FirstViolation | undefined
  /** A violation seen in haste, while something went round in circles, is judged again with patience. */
  let isFinal = true
  const note = (): void => {
    if (isFinal) first ??= { executions, cpuMs: cpuMs() }
  }
  const invariants = system.invariants.map((invariant) => ({
    ...invariant,
    check(...history: Parameters<typeof invariant.check>) {
      const verdict = invariant.check(...history)
      if (verdict.kind === 'violated') note()
      return verdict
    },
  }))
  const simulation = await open({ ...system, invariants })
  const start = process.cpuUsage()
  const cpuMs = (): number => {
    const { user, system: kernel } = process.cpuUsage(start)
    return (user + kernel) / 1_000
  }
  return {
    get executions() {
      return executions
    },
    get first() {
      return first
    },
    cpuMs,
    simulation: {
      ...simulation,
      async run(scenario, options) {
        const run = await simulation.run(scenario, options)
        executions += 1
        isFinal = options?.patient === true || !run.circled
        return run
      },
    },
  }
}
