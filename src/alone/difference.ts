// What an end has too much of and what it lacks beside another one, and the words for it. Pure functions.
import { decodeValue } from '../plain/value.ts'
import { writtenValue } from '../plain/written.ts'
import type { Fact } from './facts.ts'

/** One fact that is there more often, or less often, than it should be. */
export interface Differing {
  readonly fact: Fact
  readonly found: number
  readonly expected: number
}

/** Facts that are too many, and those that are missing. */
export interface Difference {
  readonly more: readonly Differing[]
  readonly less: readonly Differing[]
  /** How many facts differ. */
  readonly size: number
}

/** Facts as they are compared: the n-th line belongs to the n-th fact. */
export interface ComparedFacts {
  readonly facts: readonly Fact[]
  readonly lines: readonly string[]
}

/** What the one side has too much of, and what it lacks, beside the other. */
export function differenceOf(found: ComparedFacts, expected: ComparedFacts): Difference {
  const here = Map.groupBy(found.facts.keys(), (n) => found.lines[n] ?? '')
  const there = Map.groupBy(expected.facts.keys(), (n) => expected.lines[n] ?? '')
  const all = [...new Set([...here.keys(), ...there.keys()])].flatMap((line): readonly Differing[] => {
    const [own = [], others = []] = [here.get(line), there.get(line)]
    const fact = found.facts[own[0] ?? -1] ?? expected.facts[others[0] ?? -1]
    if (fact === undefined || own.length === others.length) return []
    return [{ fact, found: own.length, expected: others.length }]
  })
  return {
    more: all.filter((one) => one.found > one.expected),
    less: all.filter((one) => one.found < one.expected),
    size: all.reduce((sum, one) => sum + Math.abs(one.found - one.expected), 0),
  }
}

/** Rows that are told on each side. */
const mostTold = 3
/** The longest row that is told whole, in characters. */
const longestRow = 120

/** `Too much: charge {"order":"a"} (2, not 1). Missing: ...` */
export function differenceWords({ more, less }: Difference): string {
  const sides = [
    ['Too much', more],
    ['Missing', less],
  ] as const
  return sides.flatMap(([title, rows]) => (rows.length === 0 ? [] : [`${title}: ${rowsWords(rows)}.`])).join(' ')
}

function rowsWords(rows: readonly Differing[]): string {
  const told = rows.slice(0, mostTold).map(({ fact, found, expected }) => {
    const value = writtenValue(decodeValue(fact.value))
    const row = `${fact.source} ${value.length > longestRow ? `${value.slice(0, longestRow)}…` : value}`
    return found === 0 || (expected === 0 && found === 1) ? row : `${row} (${found}, not ${expected})`
  })
  const rest = rows.length - told.length
  return `${told.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}
