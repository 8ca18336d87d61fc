// All sets of two faults, then of three, on the smallest workload. Each fault of a set is of the catalogue of the run
// with those that strike before it, since a fault makes the code do other things: a lost reply makes a retry, which can
// be lost as well. So every set is met once, in the order in which its faults strike. Must not know what is judged.
import { addressId } from '../scenario/address-text.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import { faultId, listed, singleFaults, type Allowed } from '../scenario/plan.ts'
import type { Exhaustive } from '../verdict/explored.ts'
import type { Execute, Executed } from './executor.ts'
import { withoutRepeats } from './repeats.ts'

/** A set of faults that violated nothing. */
export interface Opening {
  /** In the order in which they strike. */
  readonly faults: readonly Fault[]
  /** How many faults of the catalogue of its run strike after all of them: so many sets are one fault larger. */
  readonly further: number
}

export interface FaultSetsOptions {
  /** The fault-free run. */
  readonly perfect: Executed
  /** Every single fault. */
  readonly singles: readonly Opening[]
  /** The most faults of a set. */
  readonly most: Exhaustive['faults']
  readonly allowed: Allowed
  /** Runs a scenario only for the sites that it meets. */
  readonly probe: Execute
}

/** What the sets of one size found so far. */
export interface FaultSets {
  readonly faults: 2 | 3
  readonly run: number
  readonly total: number
  /** The last one; absent before the first of a size. */
  readonly executed?: Executed
  /** How many sets there are of each size, as far as that is known now; present before the first of a size. */
  readonly asked?: Exhaustive['asked']
}

/** Runs them all, and says after each what was found so far; before the first of a size, how many there are. */
export async function* faultSets(execute: Execute, options: FaultSetsOptions): AsyncGenerator<FaultSets, void> {
  const { singles, most } = options
  const pairs: Opening[] = []
  if (most === 1) return
  yield* setsOfSize(2, singles, { ...options, execute, asked: askedAfterSingles(singles, most), found: pairs })
  if (most === 2) return
  const asked = [singles, pairs, furtherOf(pairs)].map((all) => ({ count: typeof all === 'number' ? all : all.length }))
  yield* setsOfSize(3, pairs, { ...options, execute, asked, found: [] })
}

interface OfSize extends FaultSetsOptions {
  readonly execute: Execute
  readonly asked: Exhaustive['asked']
  /** Takes the sets that were run, where larger ones are wanted. */
  readonly found: Opening[]
}

async function* setsOfSize(
  faults: 2 | 3,
  openings: readonly Opening[],
  { perfect: { scenario }, most, allowed, probe, execute, asked, found }: OfSize,
): AsyncGenerator<FaultSets, void> {
  const total = furtherOf(openings)
  const isLast = faults === most
  let run = 0
  yield { faults, run, total, asked }
  for (const { faults: earlier } of openings) {
    const opened = await probe({ ...scenario, plan: listed(earlier) }, { collect: true })
    for (const fault of nextFaults(opened, allowed)) {
      const executed = await execute({ ...scenario, plan: listed([...earlier, fault]) }, { collect: !isLast })
      run += 1
      if (!isLast) found.push(openingOf(executed, allowed))
      yield { faults, run, total, executed }
      if (executed.violations.length > 0) return
    }
  }
}

/** How it goes on after a history of listed faults. */
export function openingOf(run: Executed, allowed: Allowed): Opening {
  return { faults: faultsOf(run), further: nextFaults(run, allowed).length }
}

/**
 * The faults of the catalogue of a run that strike after the last fault of its plan: later, or at the same site, where
 * each two faults make one set.
 */
export function nextFaults(run: Executed, allowed: Allowed): readonly Fault[] {
  const catalogue = singleFaults(withoutRepeats(run.sites), allowed)
  const last = faultsOf(run).at(-1)
  if (last === undefined) return catalogue
  const places = new Map(run.sites.map(({ address }, place) => [addressId(address), place]))
  const [place, own] = [places.get(addressId(last.at)) ?? 0, faultId(last)]
  return catalogue.filter((fault) => {
    const other = places.get(addressId(fault.at)) ?? 0
    return other > place || (other === place && faultId(fault) > own)
  })
}

/** Before any single fault was run: every two of them make a pair, as far as anybody knows. */
export function askedBefore(singles: number, most: Exhaustive['faults']): Exhaustive['asked'] {
  const pairs = (singles * (singles - 1)) / 2
  const threes = Math.max(0, Math.round((pairs * (singles - 2)) / 3))
  return [{ count: singles }, estimated(pairs), estimated(threes)].slice(0, most)
}

/** Every two faults that strike after a single one make a set of three with it, as far as anybody knows. */
function askedAfterSingles(singles: readonly Opening[], most: Exhaustive['faults']): Exhaustive['asked'] {
  const threes = singles.reduce((sum, { further }) => sum + (further * (further - 1)) / 2, 0)
  return [{ count: singles.length }, { count: furtherOf(singles) }, estimated(threes)].slice(0, most)
}

function estimated(count: number): Exhaustive['asked'][number] {
  return { count, about: true }
}

function furtherOf(openings: readonly Opening[]): number {
  return openings.reduce((sum, { further }) => sum + further, 0)
}

function faultsOf({ scenario: { plan } }: Executed): readonly Fault[] {
  return plan.kind === 'listed' ? plan.faults : []
}
