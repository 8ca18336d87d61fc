// How random plans are drawn. No single way finds every bug soonest (measured on the planted bugs of test/quality): all
// kinds that strike rarely find what needs one or two faults of any kind; a few kinds that strike often, and outages,
// find what one kind must do twice or three times. So the ways take turns. (Groce et al., "Swarm testing", 2012:
// leaving kinds out lets the others come through.)
import { chance, pick } from '../plain/random.ts'
import { faultKinds, faultSpec, type FaultKind } from '../scenario/fault/registry.ts'
import type { DrawnPlan } from '../scenario/plan.ts'

const maxFaults = 30

/** The highest rate of a kind that is claimed alone. */
const mostOfOne = 0.5

/** Kinds in groups: those of one group strike as often together as one kind, since most code cannot tell them apart. */
type Alike = readonly (readonly FaultKind[])[]

/** How many groups of kinds there are where no store does anything of its own. */
const usual = alike(faultKinds.filter((kind) => faultSpec(kind).isOfEngine !== true)).length

/** Which kinds strike, and between which rates, on a logarithmic scale. */
interface Way {
  kinds(seed: number, kinds: Alike): Alike
  readonly rates: readonly [faintest: number, strongest: number]
  /** The share of its plans that are of outages. */
  readonly outages: number
}

const ways: readonly [Way, Way, Way] = [
  { kinds: (_, kinds) => kinds, rates: [0.01, 0.04], outages: 0 },
  { kinds: few, rates: [0.05, 0.5], outages: 0.5 },
  { kinds: (_, kinds) => kinds, rates: [0.008, 0.03], outages: 1 },
]

/** How many ways take turns. */
export const wayCount: number = ways.length

/** What a plan is drawn for. */
export interface DrawOptions {
  /** The number of the history: the ways take turns. @default by the seed */
  readonly turn?: number | undefined
  /** The length of time that the history is about, in milliseconds. @default none */
  readonly aboutMs?: number | undefined
}

/** A random plan of these kinds. */
export function drawnPlan(seed: number, kinds: readonly FaultKind[], options: DrawOptions = {}): DrawnPlan {
  const { turn = pick(seed, 'way', ways.length), aboutMs } = options
  const way = ways[turn % ways.length] ?? ways[0]
  const [faintest, strongest] = way.rates
  const rate = faintest * (strongest / faintest) ** chance(seed, 'intensity')
  const groups = alike(kinds)
  const chosen = way.kinds(seed, groups)
  // Rare faults of one kind are as many as rare faults of all kinds
  const times = chosen === groups ? Math.max(1, usual / groups.length) : 1
  const weightOf = chosen === groups ? weighted(groups) : () => 1
  const rates = Object.fromEntries(
    chosen.flatMap((group) => {
      const each = Math.min(mostOfOne, rate * times * weightOf(group)) / group.length
      return group.map((kind) => [kind, rateOf(kind, each)])
    }),
  )
  return {
    kind: 'drawn',
    seed,
    maxFaults,
    rates,
    ...(aboutMs === undefined ? {} : { aboutMs }),
    ...(chance(seed, 'unit') < way.outages ? { unit: 'outage' } : {}),
  }
}

/** The weights of these groups, so that they are 1 on average. */
function weighted(groups: Alike): (group: readonly FaultKind[]) => number {
  const own = ([kind]: readonly FaultKind[]): number => (kind === undefined ? 1 : (faultSpec(kind).weight ?? 1))
  const mean = groups.reduce((sum, group) => sum + own(group), 0) / groups.length
  return (group) => own(group) / mean
}

function rateOf(kind: FaultKind, rate: number): number {
  return Math.max(rate, Math.min(mostOfOne, rate * (faultSpec(kind).times ?? 1)))
}

function alike(kinds: readonly FaultKind[]): Alike {
  return [...Map.groupBy(kinds, (kind) => faultSpec(kind).oftenLike ?? kind).values()]
}

/** One to three of them, and of each one kind. */
function few(seed: number, groups: Alike): Alike {
  const shuffled = groups.toSorted(([a], [b]) => chance(seed, `kind ${a}`) - chance(seed, `kind ${b}`))
  const chosen = shuffled.slice(0, 1 + pick(seed, 'few', 3))
  return chosen.map((group) => group.slice(pick(seed, `of ${group[0]}`, group.length)).slice(0, 1))
}
