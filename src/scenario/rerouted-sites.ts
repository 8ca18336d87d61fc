// The sites where a message could come now that goes another way: a service was put between its two ends, or one of the
// ends has another name. Proves nothing: whoever moves a fault there has to execute the plan.
import { sameRoot, type Address } from './address.ts'
import { addressId } from './address-text.ts'
import { faultSpec, fieldOf, type Fault } from './fault/registry.ts'
import { strikesAt } from './nearest-sites.ts'
import type { Site } from './site.ts'

/** A site on another link, the fault as it would strike there, and how alike the two addresses are. */
export interface ReroutedSite {
  readonly fault: Fault
  readonly likeness: number
}

/**
 * The sites on other links where a fault of a plan could strike instead, the most alike first: with the same receiver
 * or the same sender, and for the same operation or about the same key. So a call that goes through a new service is
 * found before it and behind it.
 *
 * @param plan all faults of the plan
 */
export function reroutedSites(fault: Fault, plan: readonly Fault[], sites: readonly Site[]): readonly ReroutedSite[] {
  const taken = new Set(plan.filter(({ kind }) => kind === fault.kind).map(({ at }) => addressId(at)))
  const found = new Map<string, ReroutedSite>()
  for (const site of sites) {
    const id = addressId(site.address)
    const score = reroutedLikeness(fault.at, site.address)
    if (score === 0 || taken.has(id) || found.has(id) || !strikesAt(fault, site)) continue
    found.set(id, { fault: struckAt(fault, site.address), likeness: score })
  }
  return [...found.values()].sort((a, b) => b.likeness - a.likeness) // stable: those met first stay first
}

/** How well a message on another link matches a wanted one; 0 where nothing says that it is the same. */
function reroutedLikeness(wanted: Address, found: Address): number {
  const [sameSender, sameReceiver] = [wanted.from === found.from, wanted.to === found.to]
  const sameOperation = wanted.operation === found.operation
  const sameKey = wanted.key !== undefined && wanted.key === found.key
  if (wanted.leg !== found.leg || sameSender === sameReceiver || !(sameOperation || sameKey)) return 0
  return (
    (sameReceiver ? 8 : 4) +
    (sameOperation ? 8 : 0) +
    (sameRoot(wanted.root, found.root) ? 4 : 0) +
    (wanted.key === found.key ? 4 : 0) +
    (wanted.nth === found.nth ? 2 : 0)
  )
}

/** The fault there. Lists of nodes name the end of the link that is another now, in place of the old one. */
function struckAt(fault: Fault, at: Address): Fault {
  const renamed = (name: unknown): unknown => (name === fault.at.from ? at.from : name === fault.at.to ? at.to : name)
  const lists = Object.entries(faultSpec(fault.kind).fields).flatMap(([field, { type }]) => {
    const names = type === 'nodes' ? fieldOf(fault, field) : undefined
    return Array.isArray(names) ? [[field, names.map(renamed)]] : []
  })
  return { ...fault, ...Object.fromEntries(lists), at } as Fault // the same kind; its lists still name nodes
}
