// Swarm testing (Groce et al., "Swarm testing", 2012): each run draws its own subset of fault kinds, its own intensity
// and its own workload. A quarter of the runs strikes twice on one causal chain instead: a single fault, then another
// one at a later site of the same chain or key. If processes share a store, a fifth of the runs interleaves them with a
// late change. If a node has a capacity, a share of the runs fills it, see under-load.ts.
import { sameRoot } from '../scenario/address.ts'
import { addressId } from '../scenario/address-text.ts'
import { faultKinds, faultsAt, type Fault, type FaultKind } from '../scenario/fault/registry.ts'
import { allowedOf, listed, noFaults, type Allowed, type DrawnPlan } from '../scenario/plan.ts'
import { chance, hash32 } from '../plain/random.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { Deadline, Execute, Executed } from './executor.ts'
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

/** How many faults one drawn plan may hold. */
const maxFaults = 12
/** Between these the intensity of a plan is drawn, on a logarithmic scale. */
const [faintest, strongest] = [0.02, 0.5] as const
const shareOfChains = 0.25
/** The share of runs with a late change, if several processes share a store. */
const shareOfOrders = 0.2

/** Runs random scenarios until one violates an invariant, all are run, or time is up. */
export async function swarm(execute: Execute, options: SwarmOptions, deadline: Deadline): Promise<Swarm> {
  let run = 0
  for (; run < options.numRuns && !deadline(); run++) {
    const seed = hash32(options.seed, `swarm ${run}`) | 0
    const filling = options.filling(seed)
    const executed =
      filling === undefined
        ? await strategyOf(seed, options)(execute, options, seed, run)
        : await underLoad(execute, options, filling, seed)
    if (executed.violations.length > 0) return { run: run + 1, violating: executed }
  }
  return { run }
}

function strategyOf(seed: number, { processes, atMost }: SwarmOptions): typeof anywhere {
  if (processes && chance(seed, 'order') < shareOfOrders) return inAnotherOrder
  return atMost > 1 && chance(seed, 'pairs') < shareOfChains ? twiceOnOneChain : anywhere
}

async function anywhere(execute: Execute, options: SwarmOptions, seed: number, turn: number): Promise<Executed> {
  const aboutMs = options.about(seed, options.numRuns === 1 ? undefined : turn)
  const plan = drawnPlan(seed, options.kinds, aboutMs)
  return execute({ workload: options.workload(seed, aboutMs), plan, seed: options.seed })
}

/** A plan that draws from a random half of the kinds, with one intensity. */
export function drawnPlan(seed: number, kinds: readonly FaultKind[], aboutMs?: number): DrawnPlan {
  const intensity = faintest * (strongest / faintest) ** chance(seed, 'intensity')
  const subset = kinds.filter((kind) => chance(seed, `kind ${kind}`) < 0.5)
  const chosen = subset.length === 0 ? kinds : subset
  const rates = Object.fromEntries(chosen.map((kind) => [kind, intensity]))
  return { kind: 'drawn', seed, maxFaults, rates, ...(aboutMs === undefined ? {} : { aboutMs }) }
}

async function twiceOnOneChain(execute: Execute, options: SwarmOptions, seed: number): Promise<Executed> {
  const { probe } = options
  const base = { workload: options.workload(seed), seed: options.seed }
  const perfect = await probe({ ...base, plan: noFaults }, { collect: true })
  const first = pickFault(perfect.sites, options, seed, 'first')
  if (first === undefined || perfect.violations.length > 0) return execute(perfect.scenario)
  const once = await probe({ ...base, plan: listed([first]) }, { collect: true })
  const second =
    once.violations.length > 0 ? undefined : pickFault(laterOnChain(once.sites, first), options, seed, 'second')
  return execute(second === undefined ? once.scenario : { ...base, plan: listed([first, second]) })
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

function laterOnChain(sites: readonly Site[], { at }: Fault): readonly Site[] {
  const id = addressId(at)
  const position = sites.findIndex(({ address }) => addressId(address) === id)
  return sites
    .slice(position + 1)
    .filter(({ address }) => sameRoot(address.root, at.root) || (at.key !== undefined && address.key === at.key))
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
