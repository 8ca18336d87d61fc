// A fault that only made time pass: does an operation that comes that much later do the same? A workload with a gap
// says it more plainly than a second fault.
import { addressId } from '../scenario/address-text.ts'
import { faultsAt, faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import { encodeValue } from '../plain/value.ts'
import { listed } from '../scenario/plan.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { ListedScenario, ShrinkOptions, Shrinking } from './candidate.ts'
import { lasts } from './lasts.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** Shorter faults make no time pass that matters, in milliseconds. */
const shortestMs = 10

/** Several calls in a row may each have waited as long as a fault lasts. */
const severalTimes = 5

/** With a gap shorter than this, an operation that was dropped would not have been dropped, in milliseconds. */
const shortestGapMs = 1_000

/** How many faults on workloads with a gap are tried. */
const mostElsewhere = 60

/** Whether a gap before one of the operations could replace one of the faults, or all but one. */
export function* gapInstead(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  const { faults, invocations } = search
  if (faults.length === 0 || (faults.length === 1 && invocations.length === 1)) return false
  const gapMs = Math.max(...faults.map(longestOf))
  return (
    (yield* oneDropped(search)) ||
    (faults.length > 1 &&
      ((yield* oneElsewhere(search, options, gapMs, oneLater(search, gapMs))) ||
        (yield* oneElsewhere(search, options, gapMs, oneBack(search, gapMs, options)))))
  )
}

function* oneDropped(search: ShrinkSearch): Shrinking<boolean> {
  const { faults } = search
  for (const dropped of faults) {
    const kept = faults.filter((fault) => fault !== dropped)
    for (const gapMs of gapsFor(dropped, search.outcome.sites)) {
      // What lasts has to last for the gap as well
      const stretched = kept.map((fault) => longer(fault, gapMs))
      for (const gapped of withGaps(search, dropped, gapMs))
        for (const others of kept.length === 0 ? [kept] : [kept, stretched])
          if (yield* search.attempt({ ...gapped, plan: listed(others, search.order) })) return true
    }
  }
  return false
}

/** How long a fault makes others wait: as long as it lasts, as long as some of that, or until a caller gives up. */
function gapsFor(fault: Fault, sites: readonly Site[]): readonly number[] {
  const own = longestOf(fault)
  if (own > 0) return [own, severalTimes * own]
  const { fields } = faultSpec(fault.kind)
  if (Object.values(fields).some(({ type }) => type === 'ms')) return [] // shrinking took its length to the target
  const id = addressId(fault.at)
  const site = sites.find(({ address }) => addressId(address) === id)
  const limitMs = site?.kind === 'call' ? site.timersMs.at(-1) : undefined
  return limitMs === undefined || limitMs < shortestMs ? [] : [limitMs]
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
function* oneElsewhere(
  search: ShrinkSearch,
  { allowed }: ShrinkOptions,
  gapMs: number,
  workloads: Iterable<readonly Invocation[]>,
): Shrinking<boolean> {
  const kinds = new Set(search.faults.map(({ kind }) => kind))
  if (gapMs < shortestMs) return false
  let tried = 0
  for (const invocations of workloads) {
    const gapped = { ...search.withInvocations(invocations), plan: listed([], search.order) }
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

function* oneLater({ invocations }: ShrinkSearch, gapMs: number): Generator<readonly Invocation[], void> {
  for (const late of invocations)
    yield invocations.map((one) => (one === late ? { ...one, afterMs: one.afterMs + gapMs } : one))
}

/**
 * An operation that was dropped comes back after the gap, or one more is drawn: a second fault can do by a late retry
 * what a later operation does by itself, and while there are two faults, the operation is not missed.
 */
function* oneBack(
  search: ShrinkSearch,
  gapMs: number,
  { clients, others = () => [] }: ShrinkOptions,
): Generator<readonly Invocation[], void> {
  if (gapMs < shortestGapMs) return
  const { invocations } = search
  const used = new Set(invocations.map(({ client }) => client))
  const client = used.size < clients ? firstMissing(used) : (invocations.at(-1)?.client ?? 0)
  const id = 1 + Math.max(...invocations.map((one) => one.id))
  const drawn = invocations.slice(-1).flatMap((one) => others(one).map((input) => ({ ...one, input })))
  for (const one of [...missing(search), ...drawn]) yield [...invocations, { ...one, id, client, afterMs: gapMs }]
}

/** The operations that were dropped, each once: never one more of a name, or of an input, than was generated. */
function missing({ given, invocations }: ShrinkSearch): readonly Invocation[] {
  const isMissing = (one: Invocation, idOf: (of: Invocation) => string): boolean => {
    const count = (all: readonly Invocation[]): number => all.filter((other) => idOf(other) === idOf(one)).length
    return count(given) > count(invocations)
  }
  const found = given.filter((one) => isMissing(one, ({ operation }) => operation) && isMissing(one, actId))
  return [...new Map(found.map((one) => [actId(one), one])).values()]
}

function actId({ operation, input }: Invocation): string {
  return `${operation} ${JSON.stringify(encodeValue(input))}`
}

function firstMissing(used: ReadonlySet<number>): number {
  let free = 0
  while (used.has(free)) free += 1
  return free
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
