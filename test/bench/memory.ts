// memory: how much the heap grows over many histories with crashes. Three orders on a shop whose two nodes crash once
// each in every history, at different moments, so that awaits and timers of all sorts are left behind.
import { check, listed, noFaults, type Fault, type Scenario } from '../../src/index.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import type { Effort, Result } from './result.ts'
import { scenario, shop, shopSystem } from './throughput-direct.ts'

const histories = { quick: 5_000, full: 100_000 }
/** The most that the heap may grow, in MB. */
const limitMb = 10
/** Histories that nobody measures: the engine compiles, caches fill. */
const warmUps = 2_000

export async function* memory({ quick }: Effort): AsyncGenerator<Result, void> {
  const system = shopSystem(shop((url, init) => fetch(url, init)))
  const simulation = await open(system)
  try {
    const scenarios = await crashing(simulation)
    await repeat(simulation, scenarios, warmUps)
    const before = heapMb()
    await repeat(simulation, scenarios, quick ? histories.quick : histories.full)
    const grown = heapMb() - before
    yield { name: 'memory', value: grown, unit: 'MB', baseline: limitMb, ratio: grown / limitMb }
  } finally {
    await simulation.close()
  }
}

/** The shop's scenario with a crash of each node: all pairs that fire. */
export async function crashing(simulation: Simulation): Promise<readonly Scenario[]> {
  const { sites } = await simulation.run({ ...scenario, plan: noFaults }, { collect: true })
  const at = (node: string): readonly Fault[] =>
    sites.flatMap((site) =>
      site.kind === 'call' && site.nodes.includes(node)
        ? [{ kind: 'crash', at: site.address, node, restartAfterMs: 1_000 } as const]
        : [],
    )
  const [checkouts, payments] = [at('checkout'), at('payments')]
  const pairs = checkouts.flatMap((first) =>
    payments.map((second): Scenario => ({ ...scenario, plan: listed([first, second]) })),
  )
  const fired = await Promise.all(pairs.map(async (one) => (await simulation.run(one)).fired.length))
  return pairs.filter((_, index) => fired[index] === 2)
}

/** Runs and judges so many histories. Each has both crashes, or it throws. */
export async function repeat(simulation: Simulation, scenarios: readonly Scenario[], times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const one = scenarios[n % scenarios.length]
    if (one === undefined) throw new Error('Bug: no scenario with crashes')
    const { history, fired } = await simulation.run(one)
    if (fired.length !== 2) throw new Error('Bug: a history without its crashes')
    check(history, simulation.system.invariants)
  }
}

/** Live objects alone: collected twice, since the first makes finalizers due. */
function heapMb(): number {
  if (globalThis.gc === undefined) throw new Error('memory needs node --expose-gc, as in `npm run bench -- memory`.')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed / 2 ** 20
}
