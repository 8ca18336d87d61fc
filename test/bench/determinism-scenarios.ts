// The scenarios that determinism is measured on, and the digest of a history's bytes. Loaded by every kind of process that is compared.
import { createHash } from 'node:crypto'
import { drawnPlan } from '../../src/explore/swarm.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { randomWorkload } from '../../src/generate/workload.ts'
import { historyBytes } from '../../src/history.ts'
import { hash32 } from '../../src/random.ts'
import type { Scenario } from '../../src/scenario.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import type { System } from '../../src/system.ts'
import { broken, unbroken } from './systems.ts'
import { shop, shopSystem } from './throughput-direct.ts'

/** A scenario ready to be run. */
export interface Ready {
  readonly name: string
  /** Runs it once more and gives the digest of the history's bytes. */
  digest(): Promise<string>
}

/** One of each example, since twins share a database, and the shop, whose store is a Map. */
function systems(): Readonly<Record<string, System>> {
  const { textbook, insisting, 'last-ticket': lastTicket } = { ...broken, ...unbroken }
  const found = Object.entries({ textbook, insisting, lastTicket, shop: shopSystem(shop((url, init) => fetch(url, init))) })
  return Object.fromEntries(found.flatMap(([name, system]) => (system === undefined ? [] : [[name, system]])))
}

const seeds = [1, 2, 3] as const

/** Three scenarios of every system: many faults, few, one. Close them when done. */
export async function readyScenarios(): Promise<{ readonly scenarios: readonly Ready[]; close(): Promise<void> }> {
  const simulations: Simulation[] = []
  const scenarios: Ready[] = []
  for (const [name, system] of Object.entries(systems())) {
    const simulation = await open(system)
    simulations.push(simulation)
    for (const seed of seeds) scenarios.push(ready(`${name} ${seed}`, simulation, seed))
  }
  return {
    scenarios,
    async close() {
      for (const simulation of simulations.toReversed()) await simulation.close()
    },
  }
}

function ready(name: string, simulation: Simulation, seed: (typeof seeds)[number]): Ready {
  const { system: { operations, clients = 2 }, claim } = simulation
  const workload = randomWorkload(hash32(seed, name) | 0, { operations, clients, maxOperations: 6 }, new Shrinkers())
  const plan = { ...drawnPlan(hash32(seed, `plan ${name}`) | 0, claim.kinds), maxFaults: [12, 3, 1][seed - 1] ?? 1 }
  const scenario: Scenario = { workload, plan, seed }
  return {
    name,
    digest: async () => createHash('sha256').update(historyBytes((await simulation.run(scenario)).history)).digest('hex'),
  }
}

/** The digests of all scenarios, by name, each run once. */
export async function digestsOf(scenarios: readonly Ready[]): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {}
  for (const { name, digest } of scenarios) digests[name] = await digest()
  return digests
}
