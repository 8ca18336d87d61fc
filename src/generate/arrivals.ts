// Arrivals: which client carries out each operation of a workload, and how long it waits before it. Many bugs need only
// unlucky timing and no fault, so each workload draws its own pattern. A pure function of a seed. Knows neither
// operations nor inputs.
import { chance, pick } from '../plain/random.ts'
import { gapAround } from '../scenario/lengths.ts'
import type { Invocation } from '../scenario/scenario.ts'

/** Which client acts, and how long it waits after its previous operation, or after the start. */
export type Arrival = Pick<Invocation, 'client' | 'afterMs'>

/** How operations arrive. `mixed`: in no order at all. `queue`: one client, one operation after the other. */
export type ArrivalPattern = 'mixed' | 'burst' | 'even' | 'ramp' | 'poisson' | 'queue'

/** Each entry is equally likely, so a pattern that is listed more often is drawn more often. */
const arrivalPatterns: readonly [ArrivalPattern, ...ArrivalPattern[]] = [
  'mixed',
  'mixed',
  'mixed',
  'mixed',
  'mixed',
  'burst',
  'even',
  'ramp',
  'poisson',
  'queue',
]

/** Think times between two operations of a client, in milliseconds: none, within a round trip, longer than one. */
const thinkTimesMs = [0, 0, 10, 30, 100, 1_000] as const
/** Time between two operations of any clients, in milliseconds: within a leg, within a round trip, longer than one. */
const gapsMs = [10, 30, 100, 1_000] as const

/**
 * `size` arrivals of at most `clients` clients, in a drawn pattern.
 *
 * @param aboutMs the length that the history is about: some arrivals come that much later
 */
export function drawArrivals(seed: number, size: number, clients: number, aboutMs?: number): readonly Arrival[] {
  const pattern = arrivalPatterns[pick(seed, 'pattern', arrivalPatterns.length)] ?? 'mixed'
  const arrivals = arrivalsIn(pattern, seed, size, clients)
  return aboutMs === undefined ? arrivals : withGaps(seed, arrivals, aboutMs)
}

/** The share of those that are about a length in which all clients are away at once. */
const breakShare = 0.5

/** One or two of them come later by about a length of time, or all clients are away for about so long. */
function withGaps(seed: number, arrivals: readonly Arrival[], aboutMs: number): readonly Arrival[] {
  if (chance(seed, 'break') < breakShare) return withBreak(seed, arrivals, aboutMs)
  const late = [0, 1].slice(pick(seed, 'gaps', 2)).map((n) => pick(seed, `late ${n}`, arrivals.length))
  return arrivals.map((arrival, n) =>
    late.includes(n) ? { ...arrival, afterMs: arrival.afterMs + gapAround(seed, `gap of ${n}`, aboutMs) } : arrival,
  )
}

/** From one arrival on, each client's next one comes later by the same time: a night, or the rest of a window. */
function withBreak(seed: number, arrivals: readonly Arrival[], aboutMs: number): readonly Arrival[] {
  const from = pick(seed, 'break before', arrivals.length)
  const gapMs = gapAround(seed, 'gap of all', aboutMs)
  const back = new Set<number>()
  return arrivals.map((arrival, n) => {
    if (n < from || back.has(arrival.client)) return arrival
    back.add(arrival.client)
    return { ...arrival, afterMs: arrival.afterMs + gapMs }
  })
}

/** The same in a given pattern. */
export function arrivalsIn(pattern: ArrivalPattern, seed: number, size: number, clients: number): readonly Arrival[] {
  switch (pattern) {
    case 'mixed':
      return listOf(size, (n) => ({ client: pick(seed, `client ${n}`, clients), afterMs: thinkTimeMs(seed, n) }))
    case 'queue':
      return listOf(size, (n) => ({ client: 0, afterMs: thinkTimeMs(seed, n) }))
    case 'burst':
      return inTurn(size, clients, bursts(seed, clients))
    case 'even':
      return inTurn(size, clients, () => gapMs(seed))
    case 'ramp':
      return inTurn(size, clients, (n) => Math.trunc(longestGapMs / 2 ** n))
    case 'poisson':
      return inTurn(size, clients, (n) => Math.round(-Math.log(1 - chance(seed, `gap ${n}`)) * gapMs(seed)))
    default:
      return pattern satisfies never
  }
}

/** The gap before the first arrival of a ramp. Each further gap is half as long. */
const longestGapMs = 1_000

/** All clients act at once, and after a gap all of them again. */
function bursts(seed: number, clients: number): (n: number) => number {
  return (n) => (n > 0 && n % clients === 0 ? gapMs(seed) : 0)
}

/**
 * Clients take turns, so that arrivals overlap. Each client waits for the sum of the gaps since its own last arrival;
 * the time that its last operation takes comes on top.
 */
function inTurn(size: number, clients: number, gapBefore: (n: number) => number): readonly Arrival[] {
  const lastMs = new Map<number, number>()
  let atMs = 0
  return listOf(size, (n) => {
    atMs += gapBefore(n)
    const client = n % clients
    const afterMs = atMs - (lastMs.get(client) ?? 0)
    lastMs.set(client, atMs)
    return { client, afterMs }
  })
}

function thinkTimeMs(seed: number, n: number): number {
  return thinkTimesMs[pick(seed, `think ${n}`, thinkTimesMs.length)] ?? 0
}

function gapMs(seed: number): number {
  return gapsMs[pick(seed, 'gap', gapsMs.length)] ?? 0
}

function listOf(size: number, make: (n: number) => Arrival): readonly Arrival[] {
  return Array.from({ length: size }, (_, n) => make(n))
}
