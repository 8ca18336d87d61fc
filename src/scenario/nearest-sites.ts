// The sites nearest to a fault whose message does not come under its old address: after an edit of the handler, or in
// a smaller scenario. Proves nothing: whoever moves a fault there has to execute the plan.
import { callChain, sameRoot, type Address } from './address.ts'
import { addressId, stepText } from './address-text.ts'
import { faultsAt, type Fault } from './fault/registry.ts'
import type { Site } from './site.ts'

/** A site where a fault could strike instead, and how alike the two addresses are. */
export interface NearSite {
  readonly site: Site
  readonly likeness: number
}

/**
 * The sites where a fault of a plan could strike instead, nearest first: of its kind, and not taken by another fault
 * of that kind. Where addresses are equally alike, those of the same key come first, then those of the nearest attempt,
 * then those met first.
 *
 * @param plan all faults of the plan
 * @param leastLikeness sites that are less alike are left out
 */
export function nearestSites(
  fault: Fault,
  plan: readonly Fault[],
  sites: readonly Site[],
  leastLikeness = 1,
): readonly NearSite[] {
  const taken = new Set(plan.filter(({ kind }) => kind === fault.kind).map(({ at }) => addressId(at)))
  const near = new Map<string, NearSite>()
  for (const site of sites) {
    const score = likeness(fault.at, site.address)
    if (score < leastLikeness || !strikesAt(fault, site)) continue
    const id = addressId(site.address)
    if (!taken.has(id) && !near.has(id)) near.set(id, { site, likeness: score })
  }
  const distanceTo = ({ site }: NearSite): number => distance(fault.at, site.address)
  return [...near.values()].sort((a, b) => b.likeness - a.likeness || distanceTo(a) - distanceTo(b))
}

/** Whether a fault of this kind, on this node if it is about a node, makes sense at a site. */
export function strikesAt(fault: Fault, site: Site): boolean {
  return faultsAt(fault.kind, site).some(
    (value) => !('node' in fault) || ('node' in value && value.node === fault.node),
  )
}

/**
 * How well a found address matches a wanted one: 0 for another edge or leg, the highest for the same address.
 */
export function likeness(wanted: Address, found: Address): number {
  if (wanted.from !== found.from || wanted.to !== found.to || wanted.leg !== found.leg) return 0
  let score = 1
  if (wanted.operation === found.operation) score += 8
  if (sameRoot(wanted.root, found.root)) score += 4
  if (wanted.key === found.key) score += 2
  if (wanted.nth === found.nth) score += 2
  if (pathText(wanted) === pathText(found)) score += 1
  return score
}

function pathText({ path }: Address): string {
  return path.map(stepText).join(' | ')
}

/** More than any sum of attempts. */
const [otherKey, otherDepth] = [1e9, 1e6] as const

/** How far two addresses are from each other along their chains of calls, attempt by attempt. */
function distance(wanted: Address, found: Address): number {
  const [first, second] = [callChain(wanted), callChain(found)]
  const key = wanted.key === found.key ? 0 : otherKey
  if (first.length !== second.length) return key + otherDepth + Math.abs(wanted.nth - found.nth)
  return first.reduce((total, { nth }, depth) => total + Math.abs(nth - (second[depth]?.nth ?? nth)), key)
}
