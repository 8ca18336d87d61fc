// The plan: what the adversary will do, decided before the run. A listed plan names its faults; a drawn plan chooses
// them by a pure function of the address. Only listed plans are shrunk, saved or printed. This file knows fault kinds
// only through their registry.
import { withoutKeys } from './address.ts'
import { addressId } from './address-text.ts'
import { fewOf, firstOf, likeOf } from './alike.ts'
import { faultKinds, faultsAt, faultSpec, type Fault, type FaultKind } from './fault/registry.ts'
import { lateId, type LateChange } from './late-change.ts'
import { chance } from '../plain/random.ts'
import { lastingAround } from './lengths.ts'
import { outageAt, outageSite, type OutageSite } from './outage.ts'
import { isRead, type Site } from './site.ts'

/** A list of faults and of late changes of stores. If both are empty, the network is perfect. */
export interface ListedPlan {
  readonly kind: 'listed'
  readonly faults: readonly Fault[]
  /** Changes of a store that come after the reads of other processes at the same moment. @default none */
  readonly order?: readonly LateChange[]
}

/**
 * Faults drawn when the run reaches their sites. The draw depends on the seed and the site's address alone, not on the
 * order in which sites are reached.
 */
export interface DrawnPlan {
  readonly kind: 'drawn'
  readonly seed: number
  /** The probability of each kind at each site where it applies, from 0 to 1. */
  readonly rates: Readonly<Partial<Record<FaultKind, number>>>
  /** After so many faults no more are drawn. */
  readonly maxFaults: number
  /**
   * Most of the faults that last, or move a clock, do so for about this long, in milliseconds.
   *
   * @default each kind's own lengths alone
   */
  readonly aboutMs?: number
  /**
   * What is drawn: each call for itself, or outages, which also strike the next attempts of the same call, the next
   * operations that do the same, and the same calls to others.
   *
   * @default 'call'
   */
  readonly unit?: 'call' | 'outage'
}

/** What the adversary will do: a list of faults, or a rule that draws them from addresses. */
export type Plan = ListedPlan | DrawnPlan

/** The perfect network. */
export const noFaults: ListedPlan = { kind: 'listed', faults: [] }

/**
 * A plan of exactly these faults and late changes.
 *
 * @example
 * const root = { kind: 'operation', operation: 'pay', invocation: 0 } as const
 * listed([
 *   {
 *     kind: 'lose',
 *     at: { root, path: [], from: 'client', to: 'shop', operation: 'POST /orders', leg: 'reply', nth: 1 },
 *   },
 * ])
 */
export function listed(faults: readonly Fault[], order: readonly LateChange[] = []): ListedPlan {
  return order.length === 0 ? { kind: 'listed', faults } : { kind: 'listed', faults, order }
}

/** The late changes of a plan. A drawn plan has none. */
export function orderOf(plan: Plan): readonly LateChange[] {
  return plan.kind === 'listed' ? (plan.order ?? []) : []
}

/**
 * A fault as `tolerates` allows it: the same one, the largest one within a claimed bound, or undefined where it allows
 * none.
 */
export type Allowed = (fault: Fault) => Fault | undefined

/** Allows every fault. */
export const everyFault: Allowed = (fault: Fault) => fault

/** Of some faults those that are allowed, none of them twice. */
export function allowedOf(faults: readonly Fault[], allowed: Allowed): readonly Fault[] {
  const found: Fault[] = []
  const limited = new Set<string>()
  for (const fault of faults) {
    const one = allowed(fault)
    if (one === undefined) continue
    if (one !== fault) {
      const id = faultId(one)
      if (limited.has(id) || faults.some((other) => faultId(other) === id)) continue
      limited.add(id)
    }
    found.push(one)
  }
  return found
}

/** Whether a claim allows each fault of a plan just as it is. */
export function isAllowed({ faults }: ListedPlan, allowed: Allowed): boolean {
  return faults.every((fault) => allowed(fault) === fault)
}

/** Gives the faults of a plan for each site. The simulation asks at most once for each address. */
export interface Adversary {
  at(site: Site): readonly Fault[]
  /** Whether the plan may have a fault at this address. If not, the caller need not build the site. */
  awaits(addressOf: () => string): boolean
}

const nothing: readonly Fault[] = []

/**
 * The plan in the form that the simulation uses. Of a drawn plan, `allowed` says which faults may strike where, and
 * `atMost` how many.
 */
export function adversary(plan: Plan, allowed: Allowed, atMost: number = Infinity): Adversary {
  return plan.kind === 'listed' ? listedAdversary(plan) : drawnAdversary(plan, allowed, atMost)
}

function listedAdversary(plan: ListedPlan): Adversary {
  if (plan.faults.length === 0) return { at: () => nothing, awaits: () => false }
  const byAddress = Map.groupBy(plan.faults, (fault) => addressId(fault.at))
  return {
    at: (site) => (byAddress.get(addressId(site.address)) ?? nothing).filter(({ kind }) => fitsAt(kind, site)),
    awaits: (addressOf) => byAddress.has(addressOf()),
  }
}

function fitsAt(kind: FaultKind, site: Site): boolean {
  return faultSpec(kind).fits?.(site) ?? true
}

function drawnAdversary(plan: DrawnPlan, allowed: Allowed, atMost: number): Adversary {
  let left = Math.min(plan.maxFaults, atMost)
  return {
    awaits: () => left > 0,
    at(site) {
      const faults: Fault[] = []
      const outages = outageSite(site.address)
      for (const kind of faultKinds) {
        if (left === 0) break
        const fault = drawOne(plan, kind, site, outages, allowed)
        if (fault === undefined) continue
        left -= 1
        faults.push(fault)
      }
      return faults
    },
  }
}

/** Of the faults that can last, where a history is about a length. */
const lastingShare = 0.8

function drawOne(
  plan: DrawnPlan,
  kind: FaultKind,
  site: Site,
  outages: OutageSite,
  allowed: Allowed,
): Fault | undefined {
  const { id } = outages
  const rate = plan.rates[kind] ?? 0
  if (rate === 0) return undefined
  const drawn =
    plan.unit === 'outage'
      ? outageAt(outages, { seed: plan.seed, name: kind, rate })
      : chance(plan.seed, `${id} ${kind}`) < rate
        ? id
        : undefined
  if (drawn === undefined) return undefined
  const values = allowedOf(faultsAt(kind, site), allowed)
  const value = values[Math.floor(chance(plan.seed, `${drawn} ${kind} value`) * values.length)]
  if (plan.aboutMs === undefined || value === undefined) return value
  const spec = faultSpec(kind)
  const { fields } = spec
  // A gap may be long, and whatever lasts until healing would last as long
  const isOpen = fields['forMs']?.type === 'ms' && fields['forMs'].optional === true
  if (spec.lasting === undefined || (!isOpen && chance(plan.seed, `${id} ${kind} lasts`) >= lastingShare)) return value
  const longer = spec.lasting(value, lastingAround(plan.seed, `${id} ${kind} length`, plan.aboutMs), site)
  return allowed(longer) ?? value
}

/**
 * Every fault that applies at one of these sites, most informative first. The rarer values of all kinds come last, and
 * only at the first two and the last of alike sites, and at the first of those that a node's own loop meets, or where
 * the same is read.
 */
export function singleFaults(sites: readonly Site[], allowed: Allowed): readonly Fault[] {
  const like = ({ address }: Site): string => likeOf(withoutKeys(address))
  const isOnce = (site: Site): boolean => site.address.root.kind !== 'operation' || isRead(site)
  const loops = firstOf(inOrder(sites), (site) => (isOnce(site) ? like(site) : undefined))
  const some = fewOf(loops, like)
  return [
    ...usualFaults(sites, allowed),
    ...faultKinds.flatMap((kind) => some.flatMap((site) => allowedOf(faultSpec(kind).rarer?.(site) ?? [], allowed))),
  ]
}

/** The same without rarer values: ordered by kind, then replies before requests. */
export function usualFaults(sites: readonly Site[], allowed: Allowed): readonly Fault[] {
  const ordered = inOrder(sites)
  return faultKinds.flatMap((kind) => ordered.flatMap((site) => allowedOf(faultSpec(kind).values(site), allowed)))
}

function inOrder(sites: readonly Site[]): readonly Site[] {
  return [
    ...sites.filter(({ address }) => address.leg === 'reply'),
    ...sites.filter(({ address }) => address.leg === 'request'),
  ]
}

/** The plan without one fault. */
export function without(plan: ListedPlan, fault: Fault): ListedPlan {
  return listed(
    plan.faults.filter((other) => other !== fault),
    plan.order,
  )
}

/** A text that identifies a plan: plans with the same faults in any order have the same text. */
export function planId(plan: ListedPlan): string {
  return [...plan.faults.map(faultId), ...orderOf(plan).map(lateId)].sort().join('\n')
}

/** A text that identifies a fault. */
export function faultId(fault: Fault): string {
  const { at, ...rest } = fault
  return `${addressId(at)} ${JSON.stringify(rest)}`
}
