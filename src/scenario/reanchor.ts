// Re-anchoring: the messages that the faults of a saved plan are about no longer come, as after an edit of the code.
// Yields plans in which those faults stand at the sites nearest to them. Proves nothing: each plan is a candidate to
// execute. Must not know files.
import { pathStepOf, type Address } from './address.ts'
import { addressId, parentId, stepText } from './address-text.ts'
import { faultWords, type Fault } from './fault/registry.ts'
import type { LateChange } from './late-change.ts'
import { likeness, nearestSites } from './nearest-sites.ts'
import { everyFault, faultId, listed, orderOf, type Allowed, type ListedPlan } from './plan.ts'
import { reroutedSites } from './rerouted-sites.ts'
import type { Site } from './site.ts'

/** A plan with faults moved to where their messages may come now. */
export interface Reanchored {
  readonly plan: ListedPlan
  readonly moved: readonly Move[]
}

/** What is another in a saved scenario now: where a fault strikes, or a length of time. */
export interface Move {
  /** `reply lost: moved from the reply of ... to the reply of ...` */
  readonly words: string
  /** Where it strikes now. Absent for a length. */
  readonly to?: Address
}

/** How many plans are worth an execution. */
const maxPlans = 8
/** How many sites are tried for one fault: on its own link, and on others. */
const maxSites = 4

/** What a history tells about a plan. */
export interface Met {
  /** Faults of the plan that did not fire. */
  readonly unfired: readonly Fault[]
  /** The sites that were met. */
  readonly sites: readonly Site[]
  /** Late changes of the plan that no other process read before. @default none */
  readonly inTurn?: readonly LateChange[]
  /** Changes that another process could have read before. @default none */
  readonly orders?: readonly LateChange[]
}

/**
 * Plans in which faults that did not fire stand at the nearest sites, best first, at most 8. None where there is no
 * such site. Faults of one link that go to another one all go to the same: the best plan of each way comes first.
 *
 * @param allowed what may strike elsewhere
 */
export function reanchor(
  plan: ListedPlan,
  { unfired, sites, inTurn = [], orders = [] }: Met,
  allowed: Allowed = everyFault,
): readonly Reanchored[] {
  const silent = new Set(unfired.map(faultId))
  let drafts: readonly Draft[] = [{ faults: [], order: [], moved: [], links: new Map(), likeness: 0 }]
  for (const fault of plan.faults) {
    const near = silent.has(faultId(fault)) ? placesOf(fault, plan.faults, sites, allowed) : []
    drafts = fewOfEachWay(
      drafts.flatMap((draft) => [...near.flatMap((one) => extended(draft, fault, one)), unmoved(draft, fault)]),
    )
  }
  for (const late of orderOf(plan)) {
    const near = inTurn.includes(late) ? nearestOrders(late, orders) : []
    drafts = fewOfEachWay(
      drafts.flatMap((draft) => [
        ...near.map((to) => reordered(draft, late, to)),
        { ...draft, order: [...draft.order, late] },
      ]),
    )
  }
  return bestOfEachWayFirst(drafts.filter(({ moved }) => moved.length > 0))
    .slice(0, maxPlans)
    .map(({ faults, order, moved }) => ({ plan: listed(faults, order), moved }))
}

/** A plan of which the first faults are decided. */
interface Draft {
  readonly faults: readonly Fault[]
  readonly order: readonly LateChange[]
  readonly moved: readonly Moved[]
  /** Where the calls of a link go now: `shop -> bank` to `helper -> bank`. */
  readonly links: ReadonlyMap<string, string>
  /** How alike old and new addresses are, summed over all moves. */
  readonly likeness: number
}

interface Moved extends Move {
  readonly fault?: Fault
  readonly to: Address
}

/** A fault where it could strike instead. */
interface NearPlace {
  readonly fault: Fault
  readonly likeness: number
}

function placesOf(
  fault: Fault,
  plan: readonly Fault[],
  sites: readonly Site[],
  allowed: Allowed,
): readonly NearPlace[] {
  // A fault from before the claim was there stays the same everywhere
  const mayStrike = (place: NearPlace): boolean => allowed(fault) !== fault || allowed(place.fault) === place.fault
  const near = nearestSites(fault, plan, sites).map(({ site, likeness: score }) => ({
    fault: { ...fault, at: site.address },
    likeness: score,
  }))
  return [near, reroutedSites(fault, plan, sites)].flatMap((places) => places.filter(mayStrike).slice(0, maxSites))
}

/** The best drafts of each way that the links go, best first. */
function fewOfEachWay(drafts: readonly Draft[]): readonly Draft[] {
  return byWay(drafts).flatMap((ways) => ways.slice(0, maxPlans + 1))
}

/** The best of each way, then the second of each. */
function bestOfEachWayFirst(drafts: readonly Draft[]): readonly Draft[] {
  return byWay(drafts)
    .flatMap((ways) => ways.map((draft, rank) => ({ draft, rank })))
    .sort((a, b) => a.rank - b.rank || b.draft.likeness - a.draft.likeness)
    .map(({ draft }) => draft)
}

function byWay(drafts: readonly Draft[]): readonly (readonly Draft[])[] {
  const sorted = drafts.toSorted((a, b) => b.likeness - a.likeness) // stable: nearer sites stay first
  return [...Map.groupBy(sorted, ({ links }) => JSON.stringify([...links])).values()]
}

/** The draft with the fault moved; none where another one of its kind was moved there, or its link elsewhere. */
function extended({ faults, order, moved, links, likeness: before }: Draft, fault: Fault, place: NearPlace): Draft[] {
  const to = place.fault.at
  const [link, now] = [linkOf(fault.at), linkOf(to)]
  if (link !== now && links.has(link) && links.get(link) !== now) return []
  if (moved.some((other) => other.fault?.kind === fault.kind && addressId(other.to) === addressId(to))) return []
  const words = `${faultWords(fault)}: moved from ${addressWords(fault.at)} to ${addressWords(to)}`
  return [
    {
      faults: [...faults, place.fault],
      order,
      moved: [...moved, { fault, to, words }],
      links: link === now ? links : new Map(links).set(link, now),
      likeness: before + place.likeness,
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

function linkOf({ from, to }: Address): string {
  return `${from} -> ${to}`
}

function addressWords(address: Address): string {
  return `the ${address.leg} of ${stepText(pathStepOf(address))} (caused by ${parentId(address.root, address.path)})`
}
