// Closing reads: the user's own reads, once more after everything else, of the keys that were written. What a lost or
// doubled update did to the state shows only to somebody who reads it afterwards. A pure function of a seed.
import { pick } from '../plain/random.ts'
import { canonical, encodeValue } from '../plain/value.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Operation } from '../system/operation.ts'
import { drawLike } from './shared.ts'
import type { Shrinkers } from './values.ts'

/**
 * After the last operation, in milliseconds: longer than retries with the usual time limits take, and at times longer
 * than the usual budgets of staleness.
 */
const afterMs = [15_000, 15_000, 15_000, 120_000] as const
/** How many closing reads a workload usually has at most. */
export const mostClosing = 3
/** How many inputs are drawn for a read, to find those that ask for what was written. */
const draws = 16

export interface ClosingOptions {
  readonly reads: readonly Operation<unknown>[]
  /** How many there may be. */
  readonly most: number
  readonly shrinkers: Shrinkers
}

/**
 * Reads to be added at the end of a workload: for each write, newest first, each read with an input that has most in
 * common with the input of the write. No read comes twice. None where nothing was written.
 */
export function closingReads(
  seed: number,
  invocations: readonly Invocation[],
  { reads, most, shrinkers }: ClosingOptions,
): readonly Invocation[] {
  const names = new Set(reads.map(({ name }) => name))
  const writes = invocations.filter(({ operation }) => !names.has(operation))
  const last = invocations.at(-1)
  const closing = new Map<string, Invocation>()
  if (last === undefined) return []
  for (const write of writes.toReversed())
    for (const read of reads) {
      const value = drawLike(seed, read, write, draws)
      const id = `${read.name} ${canonical(encodeValue(value.value_))}`
      if (closing.size >= most || closing.has(id)) continue
      shrinkers.remember(read.name, value)
      closing.set(id, {
        id: Math.max(...invocations.map((one) => one.id)) + 1 + closing.size,
        operation: read.name,
        client: last.client,
        afterMs: closing.size === 0 ? (afterMs[pick(seed, 'closing after', afterMs.length)] ?? 0) : 0,
        input: value.value_,
      })
    }
  return [...closing.values()]
}
