// Drops an operation and keeps its faults: they are anchored anew at the nearest messages that are left. A fault that
// lasts, or strikes a node, does as much harm from there; one that lasts is also replaced by the faults of single
// messages that it may have caused. Must not know any kind of fault.
import { invocationOf } from '../scenario/address.ts'
import { faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import { nearestSites } from '../scenario/nearest-sites.ts'
import { faultId, listed, usualFaults } from '../scenario/plan.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { ListedScenario, ShrinkOptions, Shrinking } from './candidate.ts'
import { lasts } from './lasts.ts'
import type { ShrinkSearch } from './shrink-search.ts'
import { withField } from './with-field.ts'

/** How many places are tried for each fault. */
const mostPlaces = 3
/** How many faults of single messages are tried in the place of one that lasts. */
const mostCaused = 24
/** How many plans are tried for each operation. */
const mostPlans = 40

/** What is tried for one operation. */
interface Trial {
  /** How many plans are left to try. */
  left: number
  /** The operation that followed it. */
  readonly next: number | undefined
}

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
  const place = search.invocations.indexOf(dropped)
  const rest = search.withInvocations(search.invocations.filter((one) => one !== dropped))
  const waiting = (which: number, ms: number): ListedScenario => ({
    ...rest,
    workload: {
      invocations: rest.workload.invocations.map((one, index) =>
        index === which ? { ...one, afterMs: one.afterMs + ms } : one,
      ),
    },
  })
  const bases = [
    rest,
    // What waited behind the dropped operation may have to wait by itself
    ...(dropped.afterMs === 0 ? [] : [waiting(0, dropped.afterMs)]),
    // The dropped operation was there until what its fault had stopped went on
    ...(place < rest.workload.invocations.length ? [waiting(place, 2 * Math.max(...carried.map(longestOf)))] : []),
  ]
  for (const base of bases) {
    if (base !== rest && base.workload.invocations.every(({ afterMs }) => afterMs === 0)) continue
    if (yield* placed(search, base, carried, options, { left: mostPlans, next: search.invocations[place + 1]?.id }))
      return true
  }
  return false
}

/** Its longest length of time, in milliseconds; 0 where it has none. */
function longestOf(fault: Fault): number {
  const lengths = Object.entries(faultSpec(fault.kind).fields).map(([name, { type }]) =>
    type === 'ms' ? Math.abs(Number(fieldOf(fault, name) ?? 0)) : 0,
  )
  return Math.max(0, ...lengths)
}

/** Places the faults one after the other: where the second one can strike depends on where the first one does. */
function* placed(
  search: ShrinkSearch,
  base: ListedScenario,
  [fault, ...further]: readonly Fault[],
  options: ShrinkOptions,
  trial: Trial,
): Shrinking<boolean> {
  if (fault === undefined) return false
  const outcome = yield* search.probe(base)
  if (outcome.fails) return true
  const { faults, order } = base.plan
  const instead = (further.length > 0 ? placesOf : insteadOf)(fault, faults, outcome.sites, trial)
  for (const one of instead) {
    const allowed = options.allowed(one)
    if (allowed === undefined) continue
    if (trial.left-- <= 0) return false
    const next = { ...base, plan: listed([...faults, allowed], order) }
    if (yield* further.length > 0 ? placed(search, next, further, options, trial) : search.attempt(next)) return true
  }
  return false
}

function insteadOf(fault: Fault, faults: readonly Fault[], sites: readonly Site[], trial: Trial): readonly Fault[] {
  const places = placesOf(fault, faults, sites, trial)
  return lasts(fault) ? [...places, ...causedBy(fault, sites)] : places
}

/**
 * The same fault at the nearest messages: of its link; else of its node, where it may also strike a moment later: the
 * first ones, and the last ones before the operation that follows.
 */
function placesOf(fault: Fault, faults: readonly Fault[], sites: readonly Site[], { next }: Trial): readonly Fault[] {
  const near = nearestSites(fault, faults, sites).map(({ site }) => ({ ...fault, at: site.address }))
  const strikesNode = (some: readonly Site[]): readonly Fault[] =>
    'node' in fault ? some.flatMap((site) => strikes(fault, site)) : []
  const end = sites.findIndex(({ address }) => invocationOf(address.root) === next)
  const before = strikesNode(next === undefined || end < 0 ? [] : sites.slice(0, end))
  const some = [...near.slice(0, mostPlaces), ...strikesNode(sites).slice(0, mostPlaces), ...before.slice(-mostPlaces)]
  return [...new Map(some.map((one) => [faultId(one), one])).values()]
}

/** The fault at a site as it strikes the same node there, with its own lengths. */
function strikes(fault: Fault, site: Site): readonly Fault[] {
  const { fields } = faultSpec(fault.kind)
  const choices = Object.keys(fields).filter((name) => fields[name]?.type === 'choice')
  return faultSpec(fault.kind)
    .values(site)
    .filter((one) => fieldOf(one, 'node') === fieldOf(fault, 'node'))
    .map((one) =>
      choices.reduce<Fault>((other, name) => withField(other, name, fieldOf(one, name)), {
        ...fault,
        at: site.address,
      }),
    )
}

/** The usual faults of the messages on its link. */
function causedBy({ at }: Fault, sites: readonly Site[]): readonly Fault[] {
  const onLink = sites.filter(({ address }) => address.from === at.from && address.to === at.to)
  return usualFaults(onLink, (fault) => (lasts(fault) ? undefined : fault)).slice(0, mostCaused)
}
