// Faults that strike what an earlier fault made the code do: the retry after a lost reply, the recovery after a crash,
// the other service that is asked where the first one fails. No run of a single fault strikes there, and random ones
// seldom do. (What an outcome rests on is the place to strike: Alvaro et al., "Lineage-driven fault injection", 2015.)
import { addressId } from '../scenario/address-text.ts'
import { isFromOutside, pathStepOf, withoutKeys, type Address } from '../scenario/address.ts'
import { likeOf } from '../scenario/alike.ts'
import { failsCall, faultSpec, ownNodeOf, slowerAt, type Fault } from '../scenario/fault/registry.ts'
import { allowedOf, faultId, listed, usualFaults, type Allowed } from '../scenario/plan.ts'
import type { Site } from '../scenario/site.ts'
import type { Execute, Executed } from './executor.ts'
import { insert, kindsInTurn, type InTurn } from './kinds-in-turn.ts'
import { withoutRepeats } from './repeats.ts'

/** How many faults one history has at most. */
const mostFaults = 3
/** How many histories this takes: a share of the random ones, and at most so many. */
const histories = { most: 60, share: 0.6 } as const
/** How much less often a fault is added to two than to one: there are many more pairs. */
const deeper = 4

/** The turns of what belongs to no kind: the first missed request and each further one, siblings, a slow callee. */
const turns = { missed: 0.7, nextMissed: 0.8, siblings: 0.5, slow: 1.4 } as const

/** The sites that a run met. */
interface MetSites {
  readonly ids: ReadonlySet<string>
  /** The same without numbers: each call that was made, however often. */
  readonly calls: ReadonlySet<string>
}

/** A run that did what no run had done before it, and what may strike there. */
interface Consequence {
  readonly faults: readonly Fault[]
  readonly met: MetSites
  /** How many sites the run before it met and it did not: what was left undone. */
  readonly undone: number
  /** How many calls it made that the run before it never makes. */
  readonly news: number
  readonly next: readonly InTurn[]
  /** Which of these is the next one, and how many were taken. */
  place: number
  taken: number
}

/** What a fault made the code do, noted for each run of one or two faults, and what is to strike there. */
export class ConsequenceQueue {
  readonly #allowed: Allowed
  readonly #most: number
  readonly #perfect: MetSites
  /** In two orders: by what is new, and by what was left undone. */
  readonly #orders: readonly [Consequence[], Consequence[]] = [[], []]
  readonly #seen = new Set<string>()
  /** What has struck, and the least that was left undone before it. */
  readonly #struck = new Map<string, number>()
  /** What the run met of which a run that was handed out is a consequence. */
  readonly #before = new Map<string, MetSites>()
  #left: number

  /**
   * @param atMost the most faults in one history
   * @param numRuns how many random histories are asked for
   */
  constructor(perfect: Executed | undefined, allowed: Allowed, atMost: number, numRuns: number) {
    this.#perfect = metBy(perfect?.sites ?? [])
    this.#allowed = allowed
    this.#most = Math.min(atMost, mostFaults)
    this.#left = this.#most < 2 ? 0 : Math.ceil(Math.min(histories.most, numRuns * histories.share))
  }

  /** Whether the sites of further runs are wanted. */
  get isOpen(): boolean {
    return this.#left > 0
  }

  get isEmpty(): boolean {
    return this.#next() === undefined
  }

  /** Notes a run of listed faults in which nothing was violated, with the sites that it met. */
  note({ scenario: { plan }, sites }: Executed): void {
    const faults = plan.kind === 'listed' ? plan.faults : []
    const id = planIdOf(faults)
    const before = this.#before.get(id) ?? this.#perfect
    this.#before.delete(id)
    if (this.#left === 0 || faults.length >= this.#most) return
    const met = metBy(sites)
    const all = withoutRepeats(sites)
    const fresh = all.filter(({ address }) => !before.ids.has(siteId(address)))
    const missing = [...before.ids].filter((one) => !met.ids.has(one))
    const behaviour = [...fresh.map(({ address }) => siteId(address)), '', ...missing].join('\n')
    if (fresh.length === 0 || this.#seen.has(behaviour)) return
    this.#seen.add(behaviour)
    const made = fresh.filter(({ address }) => !before.calls.has(callOf(address)))
    const alone = [
      ...kindsInTurn(this.#usual(fresh)),
      ...this.#missed(faults, all.slice(0, all.indexOf(fresh[0] as Site)), made), // fresh has one
    ]
    const next = [...alone, ...siblings(alone, this.#most - faults.length), ...this.#slower(faults, all)]
    next.sort((a, b) => a.turn - b.turn)
    const news = new Set(made.map(({ address }) => callOf(address))).size
    const one = { faults, met, undone: missing.length, news, next, place: 0, taken: 0 }
    const [byNews, byUndone] = this.#orders
    insert(byNews, one, (other) => other.news < news)
    insert(byUndone, one, (other) => other.undone > one.undone)
  }

  take(): readonly Fault[] | undefined {
    const from = this.#next()
    const more = from?.next[from.place]
    if (from === undefined || more === undefined) return undefined
    this.#left -= 1
    from.taken += 1
    this.#struck.set(planIdOf(more.faults), from.undone)
    const faults = [...from.faults, ...more.faults]
    this.#before.set(planIdOf(faults), from.met)
    return faults
  }

  /** The run that has had least of its share: it is larger the more was new, or the less was left undone. */
  #next(): Consequence | undefined {
    if (this.#left === 0) return undefined
    const [byNews, byUndone] = this.#orders
    const places = new Map(byUndone.map((one, place) => [one, place]))
    let best: Consequence | undefined
    let least = Infinity
    for (const [place, one] of byNews.entries()) {
      while (this.#wasStruck(one)) one.place += 1
      const rank = 1 + Math.min(place, places.get(one) ?? 0)
      const had = (one.taken + 1) * rank * (one.faults.length > 1 ? deeper : 1)
      if (one.place >= one.next.length || had >= least) continue
      best = one
      least = had
    }
    return best
  }

  /** Whether the same has struck after a run that left no more undone. */
  #wasStruck({ next, place, undone }: Consequence): boolean {
    const more = next[place]
    return more !== undefined && (this.#struck.get(planIdOf(more.faults)) ?? Infinity) <= undone
  }

  /** What usually strikes at these sites, calls of nodes first; what does the same from the boot on is left out. */
  #usual(sites: readonly Site[]): readonly Fault[] {
    const nodesFirst = sites.toSorted((a, b) => Number(isFromOutside(a.address)) - Number(isFromOutside(b.address)))
    return usualFaults(nodesFirst, this.#allowed).filter(({ kind }) => faultSpec(kind).bootSuffices !== true)
  }

  /** Who is asked only now may have missed what it was sent before: requests that do not arrive. */
  #missed(faults: readonly Fault[], earlier: readonly Site[], made: readonly Site[]): readonly InTurn[] {
    const asked = new Set(made.flatMap(({ kind, address }) => (kind === 'call' ? [address.to] : [])))
    const struck = new Set(faults.map(({ at }) => siteId({ ...at, leg: 'request' })))
    return earlier
      .filter(({ kind, address }) => kind === 'call' && address.leg === 'request' && asked.has(address.to))
      .filter(({ address }) => !struck.has(siteId(address)))
      .flatMap((site) => this.#usual([site]).find((fault) => ownNodeOf(fault) === undefined) ?? [])
      .map((fault, n) => ({ faults: [fault], turn: turns.missed + n * turns.nextMissed }))
  }

  /** The call that fails also fails late, and so does whatever comes in its place. */
  #slower(faults: readonly Fault[], all: readonly Site[]): readonly InTurn[] {
    const requests = new Set(faults.filter(failsCall).map(({ at }) => siteId({ ...at, leg: 'request' })))
    return all
      .filter(({ address }) => requests.has(siteId(address)))
      .flatMap((site) => allowedOf(slowerAt(site), this.#allowed))
      .map((fault) => ({ faults: [fault], turn: turns.slow }))
  }
}

/** Runs the next one, if there is one, and notes what it made the code do. */
export async function consequence(
  execute: Execute,
  perfect: Executed,
  queue: ConsequenceQueue,
): Promise<Executed | undefined> {
  const faults = queue.take()
  if (faults === undefined) return undefined
  const executed = await execute({ ...perfect.scenario, plan: listed(faults) }, { collect: true })
  queue.note(executed)
  return executed
}

/** The same fault at the same call to several others: one cause for all of them. */
function siblings(alone: readonly InTurn[], most: number): readonly InTurn[] {
  const alike = Map.groupBy(alone, ({ faults: [fault] }) => (fault === undefined ? '' : toAnybody(fault)))
  return [...alike.values()].flatMap((all): readonly InTurn[] => {
    const [first, second] = all
    if (first === undefined || second === undefined || most < 2) return []
    const faults = all.slice(0, most).flatMap((one) => one.faults)
    return [{ faults, turn: first.turn + turns.siblings }]
  })
}

function toAnybody({ at, ...form }: Fault): string {
  const written = JSON.stringify(form, (_name, field: unknown) => (field === at.to ? '' : field))
  return `${siteId({ ...at, to: '' })} ${written}`
}

function metBy(sites: readonly Site[]): MetSites {
  const addresses = sites.map(({ address }) => address)
  return { ids: new Set(addresses.map(siteId)), calls: new Set(addresses.map(callOf)) }
}

/** Keys are left out: retries may have others. */
function siteId(address: Address): string {
  return addressId(withoutKeys(address))
}

function callOf(address: Address): string {
  const call = withoutKeys(address)
  return likeOf({ ...call, path: call.path.map((step) => pathStepOf({ ...call, ...step })) })
}

function planIdOf(faults: readonly Fault[]): string {
  return faults.map((fault) => faultId({ ...fault, at: withoutKeys(fault.at) })).join('\n')
}
