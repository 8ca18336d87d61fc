// A full pool and a dependency that fails for a while: an outage spreads only while places run out. One lasting fault
// strikes the first message of a link. Must not know how pools are filled.
import { pick } from '../plain/random.ts'
import { faultsAt, type FaultKind } from '../scenario/fault/registry.ts'
import { allowedOf, listed, noFaults, type Allowed } from '../scenario/plan.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { Execute, Executed } from './executor.ts'

export interface LoadOptions {
  readonly seed: number
  readonly kinds: readonly FaultKind[]
  readonly allowed: Allowed
  /** Runs a scenario only for the sites that it meets. */
  readonly probe: Execute
}

/** What lasts longer than one message. */
const lasting: readonly FaultKind[] = ['slow', 'partition', 'latency', 'pause']

/** Runs a workload under one lasting fault; on a perfect network where none is claimed, or where that fails already. */
export async function underLoad(
  execute: Execute,
  { seed: systemSeed, kinds, allowed, probe }: LoadOptions,
  workload: Workload,
  seed: number,
): Promise<Executed> {
  const base = { workload, seed: systemSeed }
  const perfect = await probe({ ...base, plan: noFaults }, { collect: true })
  const claimed = lasting.filter((kind) => kinds.includes(kind))
  const faults = firstsOf(perfect.sites).flatMap((site) =>
    claimed.flatMap((kind) => allowedOf(faultsAt(kind, site), allowed)),
  )
  const fault = faults[pick(seed, 'under load', faults.length)]
  if (fault === undefined || perfect.violations.length > 0) return execute(perfect.scenario)
  return execute({ ...base, plan: listed([fault]) })
}

/** The first call in each direction of each link. */
function firstsOf(sites: readonly Site[]): readonly Site[] {
  const first = new Map<string, Site>()
  for (const site of sites) {
    const { from, to, leg } = site.address
    const link = `${from} ${to} ${leg}`
    if (site.kind === 'call' && !first.has(link)) first.set(link, site)
  }
  return [...first.values()]
}
