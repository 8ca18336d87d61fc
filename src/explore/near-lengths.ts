// Why a length is as it is: it only just passes, or only just stays within, one that somebody wrote in a source, named
// in an answer or armed a timer with. Compares numbers, and claims nothing more. Pure functions.
import { faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import type { NamedLength } from '../scenario/lengths.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Mark } from '../verdict/counterexample.ts'

/** How far from each other two lengths may be: a share of one of them, and the latency of a few calls. */
const [mostShare, mostMs] = [0.03, 200] as const
/** Shorter ones are near to each other by chance, in milliseconds. */
const shortestMs = 1_000

/**
 * The marks, with the nearest known length for each length that decides whether it fails.
 *
 * @param known asked only where there is such a length; of equally near ones the first counts
 */
export function withNearLengths(
  marks: readonly Mark[],
  scenario: Scenario,
  known: () => readonly NamedLength[],
): readonly Mark[] {
  const lengths = marks.map((mark) => (mark.freedom === 'any' ? undefined : lengthOf(mark, scenario)))
  if (lengths.every((ms) => ms === undefined)) return marks
  const all = known()
  return marks.map((mark, index) => {
    const ms = lengths[index]
    const near = ms === undefined ? undefined : nearest(ms, all)
    return near === undefined ? mark : { ...mark, near: { ms: near.ms, words: near.words } }
  })
}

/** The length of time that a mark is about, in milliseconds; undefined where it is about none, or a short one. */
function lengthOf({ of }: Mark, { workload }: Scenario): number | undefined {
  const ms =
    of.kind === 'wait'
      ? workload.invocations.find(({ id }) => id === of.invocation)?.afterMs
      : of.kind === 'field'
        ? lengthIn(of.fault, of.name)
        : undefined
  return ms === undefined || ms < shortestMs ? undefined : ms
}

/** Where shrinking takes every length, one is by chance close to others. */
function lengthIn(fault: Fault, name: string): number | undefined {
  const field = faultSpec(fault.kind).fields[name]
  const value = fieldOf(fault, name)
  return field?.type === 'ms' && typeof value === 'number' && value !== field.target ? Math.abs(value) : undefined
}

function nearest(ms: number, known: readonly NamedLength[]): NamedLength | undefined {
  const distance = (one: NamedLength): number => Math.abs(one.ms - ms)
  const [first] = known
    .filter((one) => distance(one) <= Math.max(mostMs, mostShare * one.ms))
    .toSorted((a, b) => distance(a) - distance(b)) // stable
  return first
}
