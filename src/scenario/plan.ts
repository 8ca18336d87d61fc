// The plan: what the adversary will do, decided before the run. Listed, or drawn by a pure function of the address.
// Only listed plans are shrunk, saved or printed. Knows faults through their registry; draws through a given hash.
import { withoutKeys, type Address } from './address.ts'
import { addressId } from './address-text.ts'
import { lateId, type LateChange } from './late-change.ts'
import { faultKinds, faultSpec, type Fault, type FaultKind } from './fault/registry.ts'
import { chance } from '../plain/random.ts'
import type { Site } from './site.ts'

/** A sparse set of faults, written out, and the order of processes. Empty: a perfect network. */
export interface ListedPlan {
  readonly kind: 'listed'
  readonly faults: readonly Fault[]
  /** Changes that come after what other processes read at the same moment. @default the order of steps alone */
  readonly order?: readonly LateChange[]
}

/** Faults drawn as the run meets their sites: the same seed meets the same faults, whatever the order. */
export interface DrawnPlan {
  readonly kind: 'drawn'
  readonly seed: number
  /** Chance of each kind at each site where it applies, 0 to 1. */
  readonly rates: Readonly<Partial<Record<FaultKind, number>>>
  /** After so many it draws no more. */
  readonly maxFaults: number
}

/** What the adversary will do: written out, or drawn by a pure function of the address. */
export type Plan = ListedPlan | DrawnPlan

/** The perfect network. */
export const noFaults: ListedPlan = { kind: 'listed', faults: [] }

/**
 * A plan of these faults, and no other; with an order of two processes on a store where one is given.
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

/** The late changes of a plan. A drawn one has none. */
export function orderOf(plan: Plan): readonly LateChange[] {
  return plan.kind === 'listed' ? (plan.order ?? []) : []
}

/** Whether the user's claim allows a kind of fault at a site. */
export type Allows = (kind: FaultKind, site: Site) => boolean

/** What a plan answers at a site, asked once an address. */
export interface Adversary {
  at(site: Site): readonly Fault[]
  /** Whether a site at this address can matter, so that nothing is built in vain. */
  awaits(addressOf: () => string): boolean
}

const nothing: readonly Fault[] = []

/** The plan as the simulation asks it. `allows` is the claim: which kinds may strike where. */
export function adversary(plan: Plan, allows: Allows): Adversary {
  return plan.kind === 'listed' ? listedAdversary(plan) : drawnAdversary(plan, allows)
}

function listedAdversary(plan: ListedPlan): Adversary {
  if (plan.faults.length === 0) return { at: () => nothing, awaits: () => false }
  const byAddress = Map.groupBy(plan.faults, (fault) => addressId(fault.at))
  return {
    at: (site) => byAddress.get(addressId(site.address)) ?? nothing,
    awaits: (addressOf) => byAddress.has(addressOf()),
  }
}

function drawnAdversary(plan: DrawnPlan, allows: Allows): Adversary {
  let left = plan.maxFaults
  return {
    awaits: () => left > 0,
    at(site) {
      const faults: Fault[] = []
      const id = drawId(site.address)
      for (const kind of faultKinds) {
        if (left === 0) break
        const fault = drawOne(plan, kind, site, id, allows)
        if (fault === undefined) continue
        left -= 1
        faults.push(fault)
      }
      return faults
    },
  }
}

function drawOne(plan: DrawnPlan, kind: FaultKind, site: Site, id: string, allows: Allows): Fault | undefined {
  const rate = plan.rates[kind] ?? 0
  if (rate === 0 || chance(plan.seed, `${id} ${kind}`) >= rate || !allows(kind, site)) return undefined
  const values = faultSpec(kind).values(site)
  return values[Math.floor(chance(plan.seed, `${id} ${kind} value`) * values.length)]
}

/**
 * An address without its keys: aliases change names when an earlier operation is dropped, and the draws for the others
 * must not.
 */
function drawId(address: Address): string {
  return addressId(withoutKeys(address))
}

/**
 * Every single fault of a catalogue, most telling first: by kind, and around the end of the work before its beginning.
 */
export function singleFaults(sites: readonly Site[], allows: Allows): readonly Fault[] {
  const ordered = [
    ...sites.filter(({ address }) => address.leg === 'reply'),
    ...sites.filter(({ address }) => address.leg === 'request'),
  ]
  return faultKinds.flatMap((kind) =>
    ordered.flatMap((site) => (allows(kind, site) ? faultSpec(kind).values(site) : [])),
  )
}

/** The plan without one fault. */
export function without(plan: ListedPlan, fault: Fault): ListedPlan {
  return listed(
    plan.faults.filter((other) => other !== fault),
    plan.order,
  )
}

/** One text for a plan: equal for plans that do the same. */
export function planId(plan: ListedPlan): string {
  return [...plan.faults.map(faultId), ...orderOf(plan).map(lateId)].sort().join('\n')
}

/** One text for a fault. */
export function faultId(fault: Fault): string {
  const { at, ...rest } = fault
  return `${addressId(at)} ${JSON.stringify(rest)}`
}
