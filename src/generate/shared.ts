// Shared keys: inputs that have values in common with an earlier one, so that operations are about the same order, item
// or account. Every input comes from the user's own arbitrary as it is: of several draws the one is taken that has most
// in common.
import type * as fc from 'fast-check'
import { aliasesOf, type Alias } from '../scenario/alias.ts'
import type { Operation } from '../system/operation.ts'
import { chance, hash32, pick } from '../plain/random.ts'
import type { Invocation } from '../scenario/scenario.ts'
import { drawValue } from './values.ts'

/** How often an input should share a value with an earlier one. Each workload draws one of these rates. */
const sharingRates = [0, 0.5, 0.9] as const
/**
 * How many inputs are drawn to find one that shares a value. Where an arbitrary has few keys, one is found. Fresh ids
 * are never equal, and are not made equal.
 */
const drawsToShare = 8

/**
 * The input of the workload's next invocation.
 *
 * @param share how often it shares a value with an earlier input, if the arbitrary allows it
 */
export function drawInput(
  seed: number,
  operation: Operation<unknown>,
  earlier: readonly Invocation[],
  share: number = sharingRates[pick(seed, 'share', sharingRates.length)] ?? 0,
): fc.Value<unknown> {
  const id = earlier.length
  const draw = (name: string): fc.Value<unknown> =>
    drawValue(operation.name, operation.arbitrary, hash32(seed, name) | 0)
  const first = draw(`input ${id}`)
  const other = earlier[pick(seed, `shares with ${id}`, id)]
  if (other === undefined || chance(seed, `shares ${id}`) >= share || !repeats(operation)) return first
  const candidates = [first, ...Array.from({ length: drawsToShare - 1 }, (_, n) => draw(`input ${id}, draw ${n + 1}`))]
  return firstOfMost(candidates, inCommon(other)) ?? first
}

/** Of several inputs for an operation, the first of those that have most in common with another invocation. */
export function drawLike(
  seed: number,
  operation: Operation<unknown>,
  other: Invocation,
  draws: number,
): fc.Value<unknown> {
  const draw = (n: number): fc.Value<unknown> =>
    drawValue(operation.name, operation.arbitrary, hash32(seed, `like ${other.id}, draw ${n}`) | 0)
  const candidates = Array.from({ length: draws }, (_, n) => draw(n))
  return firstOfMost(candidates, inCommon(other)) ?? draw(0)
}

/**
 * How much an input has in common with an invocation: 1 for each value in a field of the same name, a half for one
 * elsewhere, as where one operation takes a bare id and another a record.
 */
function inCommon(other: Invocation): (value: fc.Value<unknown>) => number {
  const found = valuesOf({ ...other, operation: bare })
  const [named, anywhere] = [new Set(found.map(fieldAndValue)), new Set(found.map(({ value }) => value))]
  return ({ value_: input }) =>
    valuesOf({ ...other, operation: bare, input }).reduce(
      (sum, one) => sum + (named.has(fieldAndValue(one)) ? 1 : anywhere.has(one.value) ? 0.5 : 0),
      0,
    )
}

/** The field of an input that is itself a text or a number. */
const bare = 'input'

/** How many inputs are drawn to find out whether an arbitrary ever repeats a value. */
const drawsToRepeat = 24
/** The result for each arbitrary, which is asked once. */
const repeatsByArbitrary = new WeakMap<fc.Arbitrary<unknown>, boolean>()

/** Whether values of an operation's inputs repeat. Looking for an equal id would be useless where all are fresh. */
function repeats({ name, arbitrary }: Operation<unknown>): boolean {
  const answer =
    repeatsByArbitrary.get(arbitrary) ??
    hasTwice(
      Array.from(
        { length: drawsToRepeat },
        (_, n) => drawValue(name, arbitrary, hash32(n, 'repeats') | 0).value_,
      ).flatMap((input, id) => valuesOf({ id, operation: name, client: 0, afterMs: 0, input }).map(fieldAndValue)),
    )
  repeatsByArbitrary.set(arbitrary, answer)
  return answer
}

function hasTwice(values: readonly string[]): boolean {
  return new Set(values).size < values.length
}

/** The first candidate with the highest count. */
function firstOfMost<T>(candidates: readonly T[], count: (candidate: T) => number): T | undefined {
  const counts = candidates.map(count)
  return candidates[counts.indexOf(Math.max(...counts))]
}

/** The texts and whole numbers of its input, each with its field. */
function valuesOf(invocation: Invocation): readonly Alias[] {
  return aliasesOf({ invocations: [invocation] })
}

function fieldAndValue({ field, value }: Alias): string {
  return `${field}=${value}`
}
