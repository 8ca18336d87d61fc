// The scenarios that determinism is measured on, and the digest of a history's bytes. Loaded by every kind of process
// that is compared.
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { atMostOnce, journal, noHang, op, serve } from '../../src/index.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { randomWorkload } from '../../src/generate/workload.ts'
import { faultKinds } from '../../src/scenario/fault/registry.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import { chance, hash32 } from '../../src/plain/random.ts'
import type { DrawnPlan } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { broken, unbroken } from './systems.ts'
import { shop, shopSystem } from './throughput-direct.ts'

/** Half of the kinds, with one rate. Fixed here: how exploring draws its plans may change. */
function drawnPlan(seed: number): DrawnPlan {
  const rate = 0.02 * 25 ** chance(seed, 'intensity')
  const chosen = faultKinds.filter((kind) => chance(seed, `kind ${kind}`) < 0.5)
  return { kind: 'drawn', seed, maxFaults: 12, rates: Object.fromEntries(chosen.map((kind) => [kind, rate])) }
}

/** A scenario ready to be run. */
export interface Ready {
  readonly name: string
  /** Runs it once more and gives the history's bytes. */
  readonly bytes: () => Promise<string>
}

export type Digests = Readonly<Record<string, string>>

/** How many faults the scenarios of a system may draw: the first many, the last one. */
const maxFaults = [12, 3, 1] as const

/**
 * Three scenarios of every example and of a shop whose store is a Map. Each run opens and closes its system, since
 * twins share a database.
 */
export function allScenarios(): readonly Ready[] {
  const systems = { ...broken, ...unbroken, shop: newShop() }
  return Object.entries(systems).flatMap(([name, system]) =>
    scenariosOf(name, system, async (scenario) => {
      const simulation = await open(system)
      try {
        return await bytesOf(simulation, scenario)
      } finally {
        await simulation.close()
      }
    }),
  )
}

/**
 * Scenarios of systems that are open side by side, so that their histories overlap: one with a database, two with a Map
 * each.
 */
export async function overlappingScenarios(): Promise<OpenScenarios> {
  const { naive } = broken
  if (naive === undefined) throw new Error('Bug: there is no system "naive"')
  return openScenarios({ naive, shop: newShop(), otherShop: newShop() })
}

/** Scenarios of systems that are open, until they are closed. */
export interface OpenScenarios {
  readonly scenarios: readonly Ready[]
  close(): Promise<void>
}

/** Opens systems, each by its name. */
export async function openScenarios(systems: Readonly<Record<string, System>>): Promise<OpenScenarios> {
  const simulations: Simulation[] = []
  const scenarios: Ready[] = []
  for (const [name, system] of Object.entries(systems)) {
    const simulation = await open(system)
    simulations.push(simulation)
    scenarios.push(...scenariosOf(name, system, (scenario) => bytesOf(simulation, scenario)))
  }
  return {
    scenarios,
    async close() {
      for (const simulation of simulations.toReversed()) await simulation.close()
    },
  }
}

/**
 * So many histories that truly run at once: with a store they would take turns. Each has its own system, open, and its
 * own scenario.
 */
export async function crowd(size: number): Promise<{ readonly scenarios: readonly Ready[]; close(): Promise<void> }> {
  const simulations: Simulation[] = []
  const scenarios: Ready[] = []
  for (let n = 0; n < size; n++) {
    const system = storeless()
    const simulation = await open(system)
    simulations.push(simulation)
    scenarios.push(...scenariosOf(`storeless ${n}`, system, (scenario) => bytesOf(simulation, scenario)).slice(0, 1))
  }
  return {
    scenarios,
    async close() {
      for (const simulation of simulations.toReversed()) await simulation.close()
    },
  }
}

const entered = journal<string>('entered')

/** Random ids, real work, timers, parallel calls, and an effect; nothing that outlives a life. */
function storeless(): System {
  const bank = serve(() => {
    const seen: string[] = []
    setInterval(() => seen.splice(0, 1), 700)
    return async (request: Request) => {
      const id = await request.text()
      entered.add(id)
      await new Promise((resolve) => {
        setTimeout(resolve, Math.floor(Math.random() * 50))
      })
      return Response.json({ id, at: Date.now(), nth: seen.push(id) })
    }
  })
  const front = serve(() => async (request: Request) => {
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', await request.arrayBuffer()))
      .toString('hex')
      .slice(0, 8)
    const replies = await Promise.all(
      [1, 2].map((part) => fetch(`http://bank/${part}`, { method: 'PUT', body: `${hash} ${crypto.randomUUID()}` })),
    )
    return new Response(await replies[0]?.text(), { status: replies.every(({ ok }) => ok) ? 201 : 503 })
  })
  const buy = op('buy', fc.uuid(), (id) => fetch('http://front/', { method: 'POST', body: id }), {
    retries: 2,
    timeout: 1_000,
  })
  return { nodes: { front, bank }, operations: [buy], invariants: [noHang(), atMostOnce(entered.by(String))] }
}

function newShop(): System {
  return shopSystem(shop((url, init) => fetch(url, init)))
}

function scenariosOf(
  system: string,
  { operations, clients = 2 }: System,
  bytes: (scenario: Scenario) => Promise<string>,
): readonly Ready[] {
  return maxFaults.map((most) => {
    const name = `${system}, up to ${most} faults`
    const scenario: Scenario = {
      workload: randomWorkload(hash32(1, name) | 0, { operations, clients, maxOperations: 6 }, new Shrinkers()),
      plan: { ...drawnPlan(hash32(2, name) | 0), maxFaults: most },
      seed: most,
    }
    return { name, bytes: () => bytes(scenario) }
  })
}

async function bytesOf(simulation: Simulation, scenario: Scenario): Promise<string> {
  const { history } = await simulation.run(scenario)
  return historyBytes(history)
}

/** The digest of a history's bytes. */
export function digestOf(bytes: string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The digests of all scenarios, by name, each run once. */
export async function digestsOf(scenarios: readonly Ready[]): Promise<Digests> {
  const digests: Record<string, string> = {}
  for (const { name, bytes } of scenarios) digests[name] = digestOf(await bytes())
  return digests
}
