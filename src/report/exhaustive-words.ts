// How many sets of faults there are, and what running all of them shows: the words of a certificate. Knows only counts.
import type { Exhaustive, Explored, ExploredSets } from '../verdict/explored.ts'

/**
 * What `exhaustive` asks for: `exhaustive: 2 asks for 214 single faults and 1,880 pairs on one order: about 9 s`.
 *
 * @param msEach how long a history takes
 */
export function askedText(asked: Exhaustive['asked'], smallest: readonly string[], msEach: number): string {
  const parts = asked.map(({ count, about }, index) => {
    const what = index === 0 ? singlesText(count) : setsWords(index === 1 ? 2 : 3)
    return `${about === true ? 'about ' : ''}${countWords(count)} ${what}`
  })
  const all = asked.reduce((sum, { count }) => sum + count, 0)
  return (
    `exhaustive: ${asked.length} asks for ${joined(parts)} on ${workloadWords(smallest)}: about ` +
    spanWords(all * msEach)
  )
}

/** `pairs`, `sets of three`. */
export function setsWords(faults: ExploredSets['faults']): string {
  return faults === 2 ? 'pairs' : 'sets of three'
}

function singlesText(count: number): string {
  return count === 1 ? 'single fault' : 'single faults'
}

/**
 * All that was finished, in one phrase: `all 214 single faults and all 1,880 pairs on one order`. Undefined where not
 * all single faults were run.
 */
export function certificateWords({ singles, sets = [], smallest = [], exhaustive }: Explored): string | undefined {
  if (singles.run < singles.total || singles.total === 0) return undefined
  const one = singles.total === 1 ? 'the only single fault' : `all ${countWords(singles.total)} single faults`
  const finished = sets.filter(({ run, total }) => run === total && total > 0)
  const parts = [one, ...finished.map(allWords)]
  const on = smallest.length === 0 ? '' : ` on ${workloadWords(smallest)}`
  const different = exhaustive === undefined ? '' : `, in ${differentWords(exhaustive.histories)}`
  return `${joined(parts)}${on}${different}`
}

/** `all 1,880 pairs`. */
export function allWords({ faults, total }: ExploredSets): string {
  return total === 1
    ? `the only ${faults === 2 ? 'pair' : 'set of three'}`
    : `all ${countWords(total)} ${setsWords(faults)}`
}

function differentWords(histories: number): string {
  return histories === 1 ? 'one history' : `${countWords(histories)} different histories`
}

/** `one order`, `two pay and one get`. */
function workloadWords(operations: readonly string[]): string {
  const counts = Map.groupBy(operations, (operation) => operation)
  return joined([...counts].map(([operation, { length }]) => `${smallNumbers[length] ?? length} ${operation}`))
}

const smallNumbers = ['no', 'one', 'two', 'three', 'four'] as const

function joined(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`
}

/** `1,880`. */
export function countWords(count: number): string {
  return count.toLocaleString('en-US')
}

/** A length of real time, rounded up: `9 s`, `12 min`, `4 h`. */
export function spanWords(ms: number): string {
  const s = Math.ceil(ms / 1_000)
  if (s < 100) return `${s} s`
  const min = Math.ceil(s / 60)
  return min < 180 ? `${min} min` : `${countWords(Math.ceil(min / 60))} h`
}
