// Proves how many faults a planted bug needs at least: on its smallest workload, as it is and with its operations one
// after the other in each order, no smaller set of faults violates anything. The sets are all those of the catalogue,
// which grows with what the first faults make the code do, and of the planted bug's own durations at every other place.
import { Patience } from '../../src/explore/patience.ts'
import type { Execute, Executed } from '../../src/explore/executor.ts'
import { withoutRepeats } from '../../src/explore/repeats.ts'
import { hash32 } from '../../src/plain/random.ts'
import { judgeRun } from '../../src/explain-failure.ts'
import type { Scenario, System, Workload } from '../../src/index.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import { faultsAt, faultSpec, fieldOf, type Fault } from '../../src/scenario/fault/registry.ts'
import { faultId, listed, orderOf, singleFaults, type Allowed } from '../../src/scenario/plan.ts'
import type { Site } from '../../src/scenario/site.ts'
import { open } from '../../src/simulation.ts'
import type { Planted } from './planted.ts'

/** What a proof found. */
export interface Proof {
  /** How many workloads: the drawn one, and the orderly ones. */
  readonly arrivals: number
  /** How many scenarios were run. */
  readonly executions: number
  /** A scenario with fewer faults that violates something: then the bug is not as deep as it says. */
  readonly shallower?: Scenario
}

/** Opens a system and hands on how to run it. */
export async function withSystem<T>(
  system: System,
  work: (execute: Execute, allowed: Allowed) => Promise<T>,
): Promise<T> {
  const simulation = await open(system)
  const patience = new Patience(async (scenario, options = {}) => ({
    ...(await judgeRun(scenario, await simulation.run(scenario, options), simulation)),
    patient: options.patient ?? false,
  }))
  try {
    return await work(patience.run, simulation.claim.allowed)
  } finally {
    await simulation.close()
  }
}

/**
 * Runs all smaller sets of faults, until one violates something.
 *
 * @param every of the sets with two faults, one in so many @default 1, all of them
 */
export function prove(planted: Planted, every: number = 1): Promise<Proof> {
  const { depth, smallest } = planted
  return withSystem(planted.system(false), async (execute, allowed) => {
    const arrivals = depth === 0 ? [] : arrivalsOf(smallest.workload)
    let executions = 0
    for (const workload of arrivals) {
      const search = new Search(execute, allowed, planted, every)
      const shallower = await search.upTo({ ...smallest, workload, plan: listed([]) }, depth - 1)
      executions += search.executions
      if (shallower !== undefined) return { arrivals: arrivals.length, executions, shallower }
    }
    return { arrivals: arrivals.length, executions }
  })
}

/** As drawn, and one after the other by one client, in each order. Equal operations are not told apart. */
function arrivalsOf(drawn: Workload): readonly Workload[] {
  const orderly = permutations(drawn.invocations).map((order) => ({
    invocations: order.map((one) => ({ ...one, client: 0 })),
  }))
  const told = new Map([...orderly, drawn].map((workload) => [JSON.stringify(withoutIds(workload)), workload]))
  return [...told.values()].reverse()
}

function withoutIds({ invocations }: Workload): unknown {
  return invocations.map(({ operation, client, afterMs, input }) => [operation, client, afterMs, input])
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items]
  return items.flatMap((first, n) => permutations(items.toSpliced(n, 1)).map((rest) => [first, ...rest]))
}

class Search {
  readonly #execute: Execute
  readonly #allowed: Allowed
  readonly #planted: readonly Fault[]
  readonly #every: number
  executions = 0

  constructor(execute: Execute, allowed: Allowed, { smallest: { plan } }: Planted, every: number) {
    this.#every = every
    this.#execute = execute
    this.#allowed = allowed
    this.#planted = plan.kind === 'listed' ? plan.faults : []
  }

  /** The first scenario that violates something, with up to `more` further faults. */
  async upTo(scenario: Scenario, more: number, from?: Fault): Promise<Scenario | undefined> {
    const collect = true
    const executed = await this.#execute(scenario, { collect })
    this.executions += 1
    if (executed.violations.length > 0) return scenario
    const faults = scenario.plan.kind === 'listed' ? scenario.plan.faults : []
    for (const late of executed.orders) {
      const other = { ...scenario, plan: listed(faults, [...orderOf(scenario.plan), late]) }
      this.executions += 1
      if ((await this.#execute(other)).violations.length > 0) return other
    }
    if (more === 0) return undefined
    for (const fault of this.#faults(executed, from)) {
      if (from !== undefined && hash32(0, `${faultId(from)} ${faultId(fault)}`) % this.#every !== 0) continue
      const found = await this.upTo({ ...scenario, plan: listed([...faults, fault]) }, more - 1, fault)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The faults of a run's sites. After a first fault only those at its site or later: the others came before. */
  #faults({ sites }: Executed, from: Fault | undefined): readonly Fault[] {
    const met = withoutRepeats(sites)
    const catalogue = [...singleFaults(met, this.#allowed), ...this.#alike(met)]
    const all = [...new Map(catalogue.map((fault) => [faultId(fault), fault])).values()]
    if (from === undefined) return all
    const places = new Map(sites.map(({ address }, place) => [addressId(address), place]))
    const place = places.get(addressId(from.at)) ?? 0
    const own = faultId(from)
    return all.filter((fault) => {
      const other = places.get(addressId(fault.at)) ?? 0
      return other > place || (other === place && faultId(fault) > own)
    })
  }

  /** The planted durations, wherever their kind of fault makes sense. */
  #alike(sites: readonly Site[]): readonly Fault[] {
    return this.#planted.flatMap((planted) => {
      const names = Object.entries(faultSpec(planted.kind).fields).flatMap(([name, { type }]) =>
        (type === 'ms' || type === 'number') && fieldOf(planted, name) !== undefined ? [name] : [],
      )
      if (names.length === 0) return []
      const durations = Object.fromEntries(names.map((name) => [name, fieldOf(planted, name)]))
      return sites
        .flatMap((site) => faultsAt(planted.kind, site))
        .filter((fault) => this.#allowed(fault) !== undefined)
        .map((fault) => ({ ...fault, ...durations }))
    })
  }
}
