// How random plans are drawn. No single way finds every bug soonest (measured on the planted bugs of test/quality): a
// few kinds that strike often find what one kind must do twice or three times; all kinds that strike rarely find what
// needs just one or two faults of any kind; half of the kinds lies between. So the ways take turns. (Groce et al.,
// "Swarm testing", 2012: leaving kinds out lets the others come through.)
import { chance, pick } from '../plain/random.ts'
import type { FaultKind } from '../scenario/fault/registry.ts'
import type { DrawnPlan } from '../scenario/plan.ts'

/** The most faults of a plan of half of the kinds, and of any other plan. */
const [mostOfHalf, mostOfOthers] = [12, 30] as const

/** How many kinds a system usually claims to tolerate, and the highest rate of one that is claimed alone. */
const [usualKinds, mostOfOne] = [17, 0.5] as const

/** Which kinds strike, and between which rates, on a logarithmic scale. */
interface Way {
  kinds(seed: number, kinds: readonly FaultKind[]): readonly FaultKind[]
  readonly rates: readonly [faintest: number, strongest: number]
  readonly maxFaults: number
}

const ways: readonly [Way, Way, Way] = [
  { kinds: (_, kinds) => kinds, rates: [0.01, 0.1], maxFaults: mostOfOthers },
  { kinds: few, rates: [0.05, 0.5], maxFaults: mostOfOthers },
  { kinds: half, rates: [0.02, 0.5], maxFaults: mostOfHalf },
]

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
  const chosen = way.kinds(seed, kinds)
  // Rare faults of one kind are as many as rare faults of all kinds
  const each = chosen === kinds ? Math.min(mostOfOne, rate * Math.max(1, usualKinds / kinds.length)) : rate
  const rates = Object.fromEntries(chosen.map((kind) => [kind, each]))
  return { kind: 'drawn', seed, maxFaults: way.maxFaults, rates, ...(aboutMs === undefined ? {} : { aboutMs }) }
}

/** One to three of them. */
function few(seed: number, kinds: readonly FaultKind[]): readonly FaultKind[] {
  const shuffled = kinds.toSorted((a, b) => chance(seed, `kind ${a}`) - chance(seed, `kind ${b}`))
  return shuffled.slice(0, 1 + pick(seed, 'few', 3))
}

/** About half of them, at least one. */
function half(seed: number, kinds: readonly FaultKind[]): readonly FaultKind[] {
  const chosen = kinds.filter((kind) => chance(seed, `kind ${kind}`) < 0.5)
  return chosen.length === 0 ? kinds : chosen
}
