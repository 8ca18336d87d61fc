// Marks one number: does it fail with larger ones as well, and from where on? Must not know what the number is.
import { addressId } from '../scenario/address-text.ts'
import type { Mark } from '../verdict/counterexample.ts'
import type { AskCandidate, CandidateOutcome, ListedScenario } from './candidate.ts'

/** A number that is left. */
export interface MarkedNumber {
  readonly of: Mark['of']
  readonly value: number
  /** Where shrinking wanted to take it. */
  readonly target: number
  readonly least: number
  /** The number with which the failure was found, where that is known. */
  readonly foundAt?: number
  /** The scenario with another number; undefined where the world does not do that. */
  with(other: number): ListedScenario | undefined
}

/** What a number that is needed is multiplied with, and what is tried in place of one that is not. */
const [factors, instead] = [
  [2, 10],
  [1, 100, 10_000, 100_000],
] as const

/** How many numbers are tried in the place of one that is at its target. */
const mostInstead = 3

/** The mark of a number; undefined where not enough could be tried. */
export async function markNumber(
  number: MarkedNumber,
  outcome: CandidateOutcome,
  attempt: AskCandidate,
): Promise<Mark | undefined> {
  const { of, value, target, foundAt } = number
  let [tried, course, passesAt] = [0, outcome, undefined as number | undefined]
  for (const other of value === target ? placesOf(number) : furtherThan(number)) {
    const candidate = number.with(other)
    if (candidate === undefined) continue
    const found = await attempt(candidate)
    if (found === undefined) return undefined
    tried += 1
    if (!found.fails) passesAt ??= other
    else if (other === foundAt) course = found
  }
  if (tried === 0) return undefined
  const passes = passesAt === undefined ? {} : { passesAt }
  if (value === target) return { of, freedom: passesAt === undefined ? 'any' : 'must', ...passes }
  const below = await belowOf(number, attempt)
  if (below === undefined) return undefined
  const other = isSameCourse(course, outcome) || foundAt === undefined ? {} : { foundAt }
  return { of, freedom: 'from', ...passes, ...below, ...other }
}

/** What is known of smaller numbers; undefined where even the next smaller one fails, or may not be tried. */
async function belowOf(number: MarkedNumber, attempt: AskCandidate): Promise<Pick<Mark, 'failsAt'> | undefined> {
  const { value, target } = number
  const next = number.with(
    target < value ? Math.max(Math.ceil(value) - 1, target) : Math.min(Math.floor(value) + 1, target),
  )
  const nextOutcome = next && (await attempt(next))
  if (nextOutcome === undefined || nextOutcome.fails) return undefined
  for (const share of furtherDown) {
    const other = Math.round(value + (target - value) * share)
    const candidate = other === value ? undefined : number.with(other)
    if ((candidate && (await attempt(candidate)))?.fails === true) return { failsAt: other }
  }
  return {}
}

/** Where it is tried whether smaller numbers fail again, as shares of the way to the target. */
const furtherDown = [1, 1 / 4, 1 / 2, 3 / 4] as const

function furtherThan({ value, target, foundAt }: MarkedNumber): readonly number[] {
  const further = factors.map((factor) => Math.round(value * factor))
  const isFurther = foundAt !== undefined && Math.sign(foundAt - value) === Math.sign(value - target)
  return [...new Set(isFurther ? [foundAt, ...further] : further)].filter((other) => other !== value)
}

function placesOf({ value, least }: MarkedNumber): readonly number[] {
  return instead.filter((other) => other !== value && other >= least).slice(0, mostInstead)
}

/** Whether two runs met the same messages and steps. */
function isSameCourse(one: CandidateOutcome, other: CandidateOutcome): boolean {
  return courseOf(one) === courseOf(other)
}

function courseOf({ sites }: CandidateOutcome): string {
  return sites
    .map(({ address }) => addressId(address))
    .toSorted()
    .join('\n')
}
