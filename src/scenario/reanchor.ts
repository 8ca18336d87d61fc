// Faults of a saved plan whose message no longer comes: plans in which they stand where it may come now. Proves
// nothing: each is a candidate to execute. Must not know files.
import { pathStepOf, type Address } from './address.ts'
import { addressId, parentId, stepText } from './address-text.ts'
import { faultSpec, faultWords, type Fault } from './fault/registry.ts'
import { faultId, listed, type ListedPlan } from './plan.ts'
import { likeness } from './nearest-sites.ts'
import type { Site } from './site.ts'

/** A plan with faults moved to where their message may come now. */
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

/** How many plans are worth an execution, and how many places for one fault. */
const maxPlans = 8
const maxPlaces = 4

/**
 * Plans in which faults that did not fire stand at the nearest sites that were met, best first, at most 8; none when
 * there is no such site. Nothing is proved by a move: each plan is a candidate to execute.
 *
 * @param unfired faults of the plan
 * @param met the sites of the history in which they did not fire
 */
export function reanchor(plan: ListedPlan, unfired: readonly Fault[], met: readonly Site[]): readonly Reanchored[] {
  const silent = new Set(unfired.map(faultId))
  let drafts: readonly Draft[] = [{ faults: [], moved: [], score: 0 }]
  for (const fault of plan.faults) {
    const places = silent.has(faultId(fault)) ? placesFor(fault, plan, met) : []
    const choices = places.map((place) => ({ ...place, move: moveTo(fault, place.site.address) }))
    drafts = drafts
      .flatMap((draft) => [
        ...choices.filter(({ move }) => isFree(draft, move)).map((choice) => extend(draft, choice)),
        stay(draft, fault),
      ])
      .sort((a, b) => b.score - a.score) // stable: nearer places stay first
      .slice(0, maxPlans + 1)
  }
  return drafts
    .filter(({ moved }) => moved.length > 0)
    .slice(0, maxPlans)
    .map(({ faults, moved }) => ({ plan: listed(faults), moved }))
}

interface Draft {
  readonly faults: readonly Fault[]
  readonly moved: readonly Move[]
  readonly score: number
}

interface Place {
  readonly site: Site
  readonly score: number
}

/**
 * Sites where this kind strikes and no fault of this kind stands yet, most alike first; then the same key, the nearest
 * attempt, the first met.
 */
function placesFor(fault: Fault, plan: ListedPlan, met: readonly Site[]): readonly Place[] {
  const taken = new Set(plan.faults.filter(({ kind }) => kind === fault.kind).map(({ at }) => addressId(at)))
  const distance = ({ address: { key, nth } }: Site): number =>
    (key === fault.at.key ? 0 : 1_000) + Math.abs(nth - fault.at.nth)
  return [...new Map(met.map((site) => [addressId(site.address), site])).values()]
    .filter((site) => !taken.has(addressId(site.address)) && faultSpec(fault.kind).values(site).length > 0)
    .map((site) => ({ site, score: likeness(fault.at, site.address) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || distance(a.site) - distance(b.site))
    .slice(0, maxPlaces)
}

function isFree(draft: Draft, { fault, to }: Move): boolean {
  return !draft.moved.some((other) => other.fault.kind === fault.kind && addressId(other.to) === addressId(to))
}

function extend(draft: Draft, { move, score }: Place & { readonly move: Move }): Draft {
  return {
    faults: [...draft.faults, { ...move.fault, at: move.to }],
    moved: [...draft.moved, move],
    score: draft.score + score,
  }
}

function stay(draft: Draft, fault: Fault): Draft {
  return { ...draft, faults: [...draft.faults, fault] }
}

function moveTo(fault: Fault, to: Address): Move {
  return { fault, to, words: `${faultWords(fault)}: moved from ${legWords(fault.at)} to ${legWords(to)}` }
}

function legWords(address: Address): string {
  return `the ${address.leg} of ${stepText(pathStepOf(address))} (caused by ${parentId(address.root, address.path)})`
}
