// Re-anchoring: the messages that the faults of a saved plan are about no longer come, as after an edit of the code.
// Yields plans in which those faults stand at the sites nearest to them. Proves nothing: each plan is a candidate to
// execute. Must not know files.
import { pathStepOf, type Address } from './address.ts'
import { addressId, parentId, stepText } from './address-text.ts'
import { faultWords, type Fault } from './fault/registry.ts'
import { nearestSites, type NearSite } from './nearest-sites.ts'
import { faultId, listed, type ListedPlan } from './plan.ts'
import type { Site } from './site.ts'

/** A plan with faults moved to where their messages may come now. */
export interface Reanchored {
  readonly plan: ListedPlan
  readonly moved: readonly Move[]
}

/** One fault's move. */
export interface Move {
  readonly fault: Fault
  readonly to: Address
  /** `reply lost: moved from the reply of ... to the reply of ...` */
  readonly words: string
}

/** How many plans are worth an execution. */
const maxPlans = 8
/** How many sites are tried for one fault. */
const maxSites = 4

/**
 * Plans in which faults that did not fire stand at the nearest sites, best first, at most 8. None where there is no
 * such site.
 *
 * @param unfired faults of the plan
 * @param met the sites of the history in which they did not fire
 */
export function reanchor(plan: ListedPlan, unfired: readonly Fault[], met: readonly Site[]): readonly Reanchored[] {
  const silent = new Set(unfired.map(faultId))
  let drafts: readonly Draft[] = [{ faults: [], moved: [], likeness: 0 }]
  for (const fault of plan.faults) {
    const sites = silent.has(faultId(fault)) ? nearestSites(fault, plan.faults, met).slice(0, maxSites) : []
    drafts = drafts
      .flatMap((draft) => [...sites.flatMap((site) => extended(draft, fault, site)), unmoved(draft, fault)])
      .sort((a, b) => b.likeness - a.likeness) // stable: nearer sites stay first
      .slice(0, maxPlans + 1)
  }
  return drafts
    .filter(({ moved }) => moved.length > 0)
    .slice(0, maxPlans)
    .map(({ faults, moved }) => ({ plan: listed(faults), moved }))
}

/** A plan of which the first faults are decided. */
interface Draft {
  readonly faults: readonly Fault[]
  readonly moved: readonly Move[]
  /** How alike old and new addresses are, summed over all moves. */
  readonly likeness: number
}

/** The draft with the fault moved to a site; none where another fault of its kind was moved there. */
function extended({ faults, moved, likeness }: Draft, fault: Fault, { site, likeness: more }: NearSite): Draft[] {
  const to = site.address
  if (moved.some((other) => other.fault.kind === fault.kind && addressId(other.to) === addressId(to))) return []
  const words = `${faultWords(fault)}: moved from ${addressWords(fault.at)} to ${addressWords(to)}`
  return [
    {
      faults: [...faults, { ...fault, at: to }],
      moved: [...moved, { fault, to, words }],
      likeness: likeness + more,
    },
  ]
}

function unmoved(draft: Draft, fault: Fault): Draft {
  return { ...draft, faults: [...draft.faults, fault] }
}

function addressWords(address: Address): string {
  return `the ${address.leg} of ${stepText(pathStepOf(address))} (caused by ${parentId(address.root, address.path)})`
}
