// The scenarios that determinism is measured on, and the digest of a history's bytes. Loaded by every kind of process that is compared.
import { createHash } from 'node:crypto'
import { drawnPlan } from '../../src/explore/swarm.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { randomWorkload } from '../../src/generate/workload.ts'
import { faultKinds } from '../../src/fault.ts'
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
  readonly digest: () => Promise<string>
}

export type Digests = Readonly<Record<string, string>>

/** How many faults the scenarios of a system may draw: the first many, the last one. */
const maxFaults = [12, 3, 1] as const

/** Three scenarios of every example and of a shop whose store is a Map. Each run opens and closes its system, since twins share a database. */
export function allScenarios(): readonly Ready[] {
  const systems = { ...broken, ...unbroken, shop: newShop() }
  return Object.entries(systems).flatMap(([name, system]) => scenariosOf(name, system, async (scenario) => {
    const simulation = await open(system)
    try {
      return await digestOf(simulation, scenario)
    } finally {
      await simulation.close()
    }
  }))
}

/** Scenarios of systems that are open side by side, so that their histories overlap: one with a database, two with a Map each. */
export async function overlappingScenarios(): Promise<{ readonly scenarios: readonly Ready[]; close(): Promise<void> }> {
  const systems = { naive: broken['naive'], shop: newShop(), otherShop: newShop() }
  const simulations: Simulation[] = []
  const scenarios: Ready[] = []
  for (const [name, system] of Object.entries(systems)) {
    if (system === undefined) throw new Error(`Bug: there is no system "${name}"`)
    const simulation = await open(system)
    simulations.push(simulation)
    scenarios.push(...scenariosOf(name, system, (scenario) => digestOf(simulation, scenario)))
  }
  return {
    scenarios,
    async close() {
      for (const simulation of simulations.toReversed()) await simulation.close()
    },
  }
}

function newShop(): System {
  return shopSystem(shop((url, init) => fetch(url, init)))
}

function scenariosOf(system: string, { operations, clients = 2 }: System, digest: (scenario: Scenario) => Promise<string>): readonly Ready[] {
  return maxFaults.map((most) => {
    const name = `${system}, up to ${most} faults`
    const scenario: Scenario = {
      workload: randomWorkload(hash32(1, name) | 0, { operations, clients, maxOperations: 6 }, new Shrinkers()),
      plan: { ...drawnPlan(hash32(2, name) | 0, faultKinds), maxFaults: most },
      seed: most,
    }
    return { name, digest: () => digest(scenario) }
  })
}

async function digestOf(simulation: Simulation, scenario: Scenario): Promise<string> {
  const { history } = await simulation.run(scenario)
  return createHash('sha256').update(historyBytes(history)).digest('hex')
}

/** The digests of all scenarios, by name, each run once. */
export async function digestsOf(scenarios: readonly Ready[]): Promise<Digests> {
  const digests: Record<string, string> = {}
  for (const { name, digest } of scenarios) digests[name] = await digest()
  return digests
}
