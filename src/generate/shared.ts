// Shared keys: inputs that have values in common with an earlier one, so that operations meet on one order, one item,
// one account. Every input is one that the user's own arbitrary made: of several draws the one that shares most is
// taken, and nothing is put together here.
import type * as fc from 'fast-check'
import { aliasesOf } from '../scenario/alias.ts'
import type { Operation } from '../system/operation.ts'
import { chance, hash32, pick } from '../plain/random.ts'
import type { Invocation } from '../scenario/scenario.ts'
import { drawValue } from './values.ts'

/** How often an input is to share a value with an earlier one: one share is drawn for each workload. */
const sharingRates = [0, 0.5, 0.9] as const
/**
 * How many inputs are drawn to find one that shares. From few keys one is found; fresh ids never meet, and none is
 * forced on them.
 */
const drawsToShare = 8

/** The input of the workload's next invocation. */
export function drawInput(
  seed: number,
  operation: Operation<unknown>,
  earlier: readonly Invocation[],
): fc.Value<unknown> {
  const id = earlier.length
  const draw = (name: string): fc.Value<unknown> =>
    drawValue(operation.name, operation.arbitrary, hash32(seed, name) | 0)
  const first = draw(`input ${id}`)
  const share = sharingRates[pick(seed, 'share', sharingRates.length)] ?? 0
  const other = earlier[pick(seed, `shares with ${id}`, id)]
  if (other === undefined || chance(seed, `shares ${id}`) >= share || !repeats(operation)) return first
  const wanted = new Set(valuesOf(other))
  const candidates = [first, ...Array.from({ length: drawsToShare - 1 }, (_, n) => draw(`input ${id}, draw ${n + 1}`))]
  return (
    firstOfMost(
      candidates,
      ({ value_: input }) =>
        valuesOf({ ...other, operation: operation.name, input }).filter((value) => wanted.has(value)).length,
    ) ?? first
  )
}

/** Draws among which an arbitrary shows whether its values ever meet. */
const drawsToRepeat = 24
/** By arbitrary: it is asked once. */
const repeatsByArbitrary = new WeakMap<fc.Arbitrary<unknown>, boolean>()

/** Whether values of an operation's inputs come again: to look for a fresh id twice would be in vain. */
function repeats({ name, arbitrary }: Operation<unknown>): boolean {
  const answer =
    repeatsByArbitrary.get(arbitrary) ??
    hasTwice(
      Array.from(
        { length: drawsToRepeat },
        (_, n) => drawValue(name, arbitrary, hash32(n, 'repeats') | 0).value_,
      ).flatMap((input, id) => valuesOf({ id, operation: name, client: 0, afterMs: 0, input })),
    )
  repeatsByArbitrary.set(arbitrary, answer)
  return answer
}

function hasTwice(values: readonly string[]): boolean {
  return new Set(values).size < values.length
}

/** The first of those that count most. */
function firstOfMost<T>(candidates: readonly T[], count: (candidate: T) => number): T | undefined {
  const counts = candidates.map(count)
  return candidates[counts.indexOf(Math.max(...counts))]
}

/** Its texts and whole numbers, each with its field. */
function valuesOf(invocation: Invocation): readonly string[] {
  return aliasesOf({ invocations: [invocation] }).map(({ field, value }) => `${field}=${value}`)
}
