// Re-anchoring: the messages that the faults of a saved plan are about no longer come, as after an edit of the code.
// Yields plans in which those faults stand at the sites nearest to them. Proves nothing: each plan is a candidate to
// execute. Must not know files.
import { pathStepOf, type Address } from './address.ts'
import { addressId, parentId, stepText } from './address-text.ts'
import { faultWords, type Fault } from './fault/registry.ts'
import type { LateChange } from './late-change.ts'
import { likeness, nearestSites, type NearSite } from './nearest-sites.ts'
import { faultId, listed, orderOf, type ListedPlan } from './plan.ts'
import type { Site } from './site.ts'

/** A plan with faults moved to where their messages may come now. */
export interface Reanchored {
  readonly plan: ListedPlan
  readonly moved: readonly Move[]
}

/** The move of one fault, or of a late change. */
export interface Move {
  readonly fault?: Fault
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
 * @param inTurn late changes of the plan that no other process read before
 * @param orders changes of that history that another process could have read before
 */
export function reanchor(
  plan: ListedPlan,
  unfired: readonly Fault[],
  met: readonly Site[],
  inTurn: readonly LateChange[] = [],
  orders: readonly LateChange[] = [],
): readonly Reanchored[] {
  const silent = new Set(unfired.map(faultId))
  let drafts: readonly Draft[] = [{ faults: [], order: [], moved: [], likeness: 0 }]
  for (const fault of plan.faults) {
    const sites = silent.has(faultId(fault)) ? nearestSites(fault, plan.faults, met).slice(0, maxSites) : []
    drafts = drafts
      .flatMap((draft) => [...sites.flatMap((site) => extended(draft, fault, site)), unmoved(draft, fault)])
      .sort((a, b) => b.likeness - a.likeness) // stable: nearer sites stay first
      .slice(0, maxPlans + 1)
  }
  for (const late of orderOf(plan)) {
    const near = inTurn.includes(late) ? nearestOrders(late, orders) : []
    drafts = drafts
      .flatMap((draft) => [
        ...near.map((to) => reordered(draft, late, to)),
        { ...draft, order: [...draft.order, late] },
      ])
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, maxPlans + 1)
  }
  return drafts
    .filter(({ moved }) => moved.length > 0)
    .slice(0, maxPlans)
    .map(({ faults, order, moved }) => ({ plan: listed(faults, order), moved }))
}

/** A plan of which the first faults are decided. */
interface Draft {
  readonly faults: readonly Fault[]
  readonly order: readonly LateChange[]
  readonly moved: readonly Move[]
  /** How alike old and new addresses are, summed over all moves. */
  readonly likeness: number
}

/** The draft with the fault moved to a site; none where another fault of its kind was moved there. */
function extended(
  { faults, order, moved, likeness }: Draft,
  fault: Fault,
  { site, likeness: more }: NearSite,
): Draft[] {
  const to = site.address
  if (moved.some((other) => other.fault?.kind === fault.kind && addressId(other.to) === addressId(to))) return []
  const words = `${faultWords(fault)}: moved from ${addressWords(fault.at)} to ${addressWords(to)}`
  return [
    {
      faults: [...faults, { ...fault, at: to }],
      order,
      moved: [...moved, { fault, to, words }],
      likeness: likeness + more,
    },
  ]
}

interface NearOrder {
  readonly to: LateChange
  readonly likeness: number
}

function nearestOrders({ at }: LateChange, orders: readonly LateChange[]): readonly NearOrder[] {
  return orders
    .map((to) => ({ to, likeness: likeness(at, to.at) }))
    .filter((near) => near.likeness > 0)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, maxSites)
}

function reordered(draft: Draft, late: LateChange, { to, likeness: more }: NearOrder): Draft {
  const words = `late change: moved from ${addressWords(late.at)} to ${addressWords(to.at)}`
  return {
    ...draft,
    order: [...draft.order, { ...late, at: to.at }],
    moved: [...draft.moved, { to: to.at, words }],
    likeness: draft.likeness + more,
  }
}

function unmoved(draft: Draft, fault: Fault): Draft {
  return { ...draft, faults: [...draft.faults, fault] }
}

function addressWords(address: Address): string {
  return `the ${address.leg} of ${stepText(pathStepOf(address))} (caused by ${parentId(address.root, address.path)})`
}
