// A fault that only made time pass: does an operation that comes that much later do the same? A workload with a gap
// says it more plainly than a second fault.
import { faultsAt, faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import { listed } from '../scenario/plan.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { ListedScenario, ShrinkOptions, Shrinking } from './candidate.ts'
import { lasts } from './lasts.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** Shorter faults make no time pass that matters, in milliseconds. */
const shortestMs = 10

/** How many faults on workloads with a gap are tried. */
const mostElsewhere = 60

/** Whether a gap before one of the operations could replace one of several faults, or all but one. */
export function* gapInstead(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  return search.faults.length > 1 && ((yield* oneDropped(search)) || (yield* oneElsewhere(search, options)))
}

function* oneDropped(search: ShrinkSearch): Shrinking<boolean> {
  const { faults } = search
  for (const dropped of faults) {
    const longest = longestOf(dropped)
    if (longest === 0) continue
    const kept = faults.filter((fault) => fault !== dropped)
    // What lasts has to last for the gap as well
    const stretched = kept.map((fault) => longer(fault, longest))
    for (const gapped of withGaps(search, dropped, longest))
      for (const others of [kept, stretched])
        if (yield* search.attempt({ ...gapped, plan: listed(others, search.order) })) return true
  }
  return false
}

/** A gap before each operation in turn. Where the fault lasts, it may have delayed all of them, so also before all. */
function* withGaps(search: ShrinkSearch, dropped: Fault, gapMs: number): Generator<ListedScenario, void> {
  const later = (one: Invocation, byMs: number): Invocation => ({ ...one, afterMs: one.afterMs + byMs })
  for (const late of search.invocations)
    yield search.withInvocations(search.invocations.map((one) => (one === late ? later(one, gapMs) : one)))
  if (!lasts(dropped)) return
  for (const times of [1, 4]) yield search.withInvocations(search.invocations.map((one) => later(one, times * gapMs)))
}

/** One fault of the same kinds, which lasts for more than the gap, at any message of the workload with the gap. */
function* oneElsewhere(search: ShrinkSearch, { allowed }: ShrinkOptions): Shrinking<boolean> {
  const gapMs = Math.max(...search.faults.map(longestOf))
  const kinds = new Set(search.faults.map(({ kind }) => kind))
  if (gapMs < shortestMs) return false
  let tried = 0
  for (const late of search.invocations) {
    const gapped = {
      ...search.withInvocations(
        search.invocations.map((one) => (one === late ? { ...one, afterMs: one.afterMs + gapMs } : one)),
      ),
      plan: listed([], search.order),
    }
    const faultFree = yield* search.probe(gapped)
    if (faultFree.fails) return true
    for (const site of likelyFirst(faultFree.sites, search.faults))
      for (const kind of kinds)
        for (const fault of faultsAt(kind, site)) {
          const lasting = allowed(faultSpec(kind).lasting?.(fault, 2 * gapMs, site) ?? fault)
          if (lasting === undefined) continue
          if (yield* search.attempt({ ...gapped, plan: listed([lasting], search.order) })) return true
          if (++tried === mostElsewhere) return false
        }
  }
  return false
}

/** Those on the links that are struck now come first. */
function likelyFirst(sites: readonly Site[], faults: readonly Fault[]): readonly Site[] {
  const isStruck = ({ address }: Site): boolean =>
    faults.some(({ at }) => at.from === address.from && at.to === address.to)
  return [...sites.filter(isStruck), ...sites.filter((site) => !isStruck(site))]
}

function longestOf(fault: Fault): number {
  return lengthsOf(fault)[0]?.ms ?? 0
}

interface Length {
  readonly name: string
  readonly ms: number
}

/** The lengths of time in a fault, the longest first. What shrinking took to its target decides nothing. */
function lengthsOf(fault: Fault): readonly Length[] {
  return Object.entries(faultSpec(fault.kind).fields)
    .flatMap(([name, field]) => {
      const value = Number(fieldOf(fault, name) ?? 0)
      return field.type !== 'ms' || value === field.target ? [] : [{ name, ms: Math.abs(value) }]
    })
    .toSorted((a, b) => b.ms - a.ms)
}

function longer(fault: Fault, byMs: number): Fault {
  const [longest] = lengthsOf(fault)
  if (longest === undefined || longest.ms === 0) return fault
  const value = Number(fieldOf(fault, longest.name))
  return { ...fault, [longest.name]: value + Math.sign(value) * byMs } // the same kind, whose field is a number
}
