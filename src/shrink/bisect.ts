// The two searches that passes are made of: which items of a list are needed, and how far a number can move.
// Knows nothing of what the items or numbers are.
import type { Shrinking } from './candidate.ts'

/**
 * Drops items that a failure does not need: bisects for the shortest prefix that still fails. The last item of that
 * prefix is needed, and is pinned; then the items before it are searched in the same way, until the pinned items fail
 * alone. Takes about log n runs for each needed item.
 *
 * @param length how many items there are now
 * @param keep tries to keep only the items at some places; where that still fails, they become the list
 */
export function* bisectAndPin(
  length: () => number,
  keep: (kept: (index: number) => boolean) => Shrinking<boolean>,
): Shrinking<void> {
  for (let pinned = 0; pinned < length(); pinned++) {
    const keepPrefix = (size: number): Shrinking<boolean> => {
      const total = length()
      return keep((index) => index < size || index >= total - pinned)
    }
    if (pinned > 0 && (yield* keepPrefix(0))) return
    let [holds, fails] = [0, length() - pinned]
    while (fails - holds > 1) {
      const middle = (holds + fails) >> 1
      if (yield* keepPrefix(middle)) fails = middle
      else holds = middle
    }
  }
}

/** How far on the way to a number others are tried before it, as shares of the way. */
const steps = [1 / 8, 1 / 4, 1 / 2, 7 / 8] as const

/**
 * Moves a number that fails to another one, by a few numbers in between: first by one, since it may be at its limit
 * already. One that does not fail ends it: what fails beyond it may fail for another reason.
 *
 * @returns the number that does not fail; undefined where all of them failed
 */
export function* stepDown(
  from: number,
  to: number,
  attempt: (value: number) => Shrinking<boolean>,
): Shrinking<number | undefined> {
  const stops = steps.map((share) => Math.round(from + (to - from) * share))
  for (const value of new Set([oneCloser(from, to), ...stops, to]))
    if (value !== from && !(yield* attempt(value))) return value
  return undefined
}

/**
 * Moves a number that fails as close as possible to one that does not. Tries one step first, since the number may be at
 * its limit already, then the hints in between, then halves. Assumes that failing is monotone, as it is for delays and
 * limits; but no long step is taken without a number in between that fails as well.
 */
export function* bisectNumber(
  from: number,
  to: number,
  hints: readonly number[],
  attempt: (value: number) => Shrinking<boolean>,
): Shrinking<void> {
  let [fails, holds] = [from, to]
  const next = oneCloser(from, to)
  if (next === to || !(yield* attempt(next))) return
  fails = next
  while (Math.abs(fails - holds) > 1) {
    const value = middleOf(hints.filter((hint) => between(hint, fails, holds))) ?? Math.trunc((fails + holds) / 2)
    const halfway = Math.round((fails + value) / 2)
    const isLong = Math.abs(fails - value) > Math.abs(to - from) * longStep
    if (isLong && between(halfway, fails, value)) {
      if (!(yield* attempt(halfway))) {
        holds = halfway
        continue
      }
      fails = halfway
    }
    if (yield* attempt(value)) fails = value
    else holds = value
  }
}

/** Such a share of the whole way is a long step. */
const longStep = 1 / 8

function oneCloser(from: number, to: number): number {
  return to < from ? Math.ceil(from) - 1 : Math.floor(from) + 1
}

function middleOf(values: readonly number[]): number | undefined {
  return values[values.length >> 1]
}

function between(value: number, a: number, b: number): boolean {
  return value > Math.min(a, b) && value < Math.max(a, b)
}
