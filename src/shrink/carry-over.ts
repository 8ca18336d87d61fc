// Drops an operation and keeps its faults: they are anchored anew at the nearest messages that are left. A fault that
// lasts, or strikes a node, does as much harm from there; one that lasts is also replaced by the faults of single
// messages that it may have caused. Must not know any kind of fault.
import { invocationOf } from '../scenario/address.ts'
import { addressId } from '../scenario/address-text.ts'
import { faultsAt, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import { nearestSites } from '../scenario/nearest-sites.ts'
import { listed, usualFaults } from '../scenario/plan.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { ListedScenario, ShrinkOptions, Shrinking } from './candidate.ts'
import { lasts } from './lasts.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** How many places are tried for each fault. */
const mostPlaces = 3
/** How many faults of single messages are tried in the place of one that lasts. */
const mostCaused = 24
/** How many plans are tried for each operation. */
const mostPlans = 40

/** Whether one of several operations could be dropped so. */
export function* carryOver(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  const { invocations } = search
  if (invocations.length < 2) return false
  for (const dropped of invocations) {
    const carried = search.faults.filter(({ at }) => invocationOf(at.root) === dropped.id)
    if (carried.length > 0 && (yield* withoutOperation(search, dropped, carried, options))) return true
  }
  return false
}

function* withoutOperation(
  search: ShrinkSearch,
  dropped: Invocation,
  carried: readonly Fault[],
  options: ShrinkOptions,
): Shrinking<boolean> {
  const rest = search.withInvocations(search.invocations.filter((one) => one !== dropped))
  const budget = { left: mostPlans }
  if (yield* placed(search, rest, carried, options, budget)) return true
  // What waited behind the dropped operation may have to wait by itself
  const { afterMs } = dropped
  if (afterMs === 0) return false
  const waiting = rest.workload.invocations.map((one, index) =>
    index === 0 ? { ...one, afterMs: one.afterMs + afterMs } : one,
  )
  return yield* placed(search, { ...rest, workload: { invocations: waiting } }, carried, options, budget)
}

/** Places the faults one after the other: where the second one can strike depends on where the first one does. */
function* placed(
  search: ShrinkSearch,
  base: ListedScenario,
  [fault, ...further]: readonly Fault[],
  options: ShrinkOptions,
  budget: { left: number },
): Shrinking<boolean> {
  if (fault === undefined) return false
  const outcome = yield* search.probe(base)
  if (outcome.fails) return true
  const { faults, order } = base.plan
  const instead = further.length > 0 ? placesOf(fault, faults, outcome.sites) : insteadOf(fault, faults, outcome.sites)
  for (const one of instead) {
    const allowed = options.allowed(one)
    if (allowed === undefined) continue
    if (budget.left-- <= 0) return false
    const next = { ...base, plan: listed([...faults, allowed], order) }
    if (yield* further.length > 0 ? placed(search, next, further, options, budget) : search.attempt(next)) return true
  }
  return false
}

function insteadOf(fault: Fault, faults: readonly Fault[], sites: readonly Site[]): readonly Fault[] {
  const places = placesOf(fault, faults, sites)
  return lasts(fault) ? [...places, ...causedBy(fault, sites)] : places
}

/** The same fault at the nearest messages: of its link, else of its node. */
function placesOf(fault: Fault, faults: readonly Fault[], sites: readonly Site[]): readonly Fault[] {
  const near = nearestSites(fault, faults, sites).map(({ site }) => site)
  const ofNode = 'node' in fault ? sites.filter((site) => strikes(fault, site)) : []
  const places = new Map(
    [...near.slice(0, mostPlaces), ...ofNode.slice(0, mostPlaces)].map((site) => [addressId(site.address), site]),
  )
  return [...places.values()].map(({ address }) => ({ ...fault, at: address }))
}

function strikes(fault: Fault, site: Site): boolean {
  return faultsAt(fault.kind, site).some((one) => fieldOf(one, 'node') === fieldOf(fault, 'node'))
}

/** The usual faults of the messages on its link. */
function causedBy({ at }: Fault, sites: readonly Site[]): readonly Fault[] {
  const onLink = sites.filter(({ address }) => address.from === at.from && address.to === at.to)
  return usualFaults(onLink, (fault) => (lasts(fault) ? undefined : fault)).slice(0, mostCaused)
}
