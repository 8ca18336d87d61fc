// The core: a small set of answers that contradict each other. Each other answer is weakened to "unknown" as long as
// there is still no order. Operations are weakened rather than left out: without a write, a read of it would contradict
// everything. Knows weakening and searches.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { Acted } from '../acts.ts'
import { partOf, type StatePartition } from './state-partition.ts'
import { searchFor, type OrderRule } from './search-order.ts'
import { weakened } from './weaken.ts'

/**
 * The budget of one search. A search that exceeds it counts as undecided, so that the core may stay larger than
 * necessary.
 */
const question = { steps: 20_000, bytes: 16 * 2 ** 20 }
const mostQuestions = 1_000

/**
 * The answers that cannot all be true, in order of invocation. `isMinimal`: if any one of them is weakened, there is an
 * order.
 */
export interface Core {
  readonly operations: readonly Acted<Act>[]
  readonly isMinimal: boolean
}

/** Whether it is certain that no order exists. */
export function isStuck(
  model: Model<unknown>,
  key: StatePartition['key'],
  operations: readonly Acted<Act>[],
  rule: OrderRule,
): boolean {
  const search = searchFor(model, partOf(model, key, operations), rule)
  return search.run(question.steps, { ...question }) === 'not-linearizable'
}

/**
 * Finds a core as delta debugging does: tries to weaken half of the answers, then quarters, and so on down to single
 * ones, the earliest first.
 */
export function coreOf(
  model: Model<unknown>,
  key: StatePartition['key'],
  operations: readonly Acted<Act>[],
  rule: OrderRule,
): Core {
  let strong = operations.filter(({ known }) => known)
  let asked = 0
  let isMinimal = false
  const without = (some: readonly Acted<Act>[]): boolean => {
    asked += 1
    const kept = new Set(strong.filter((one) => !some.includes(one)))
    return isStuck(
      model,
      key,
      operations.flatMap((one) => (kept.has(one) ? [one] : weakened(model, [one]))),
      rule,
    )
  }
  for (let size = Math.ceil(strong.length / 2); size >= 1 && asked < mostQuestions;) {
    const before = strong.length
    for (let from = 0; from < strong.length && asked < mostQuestions;) {
      const some = strong.slice(from, from + size)
      if (without(some)) strong = strong.filter((one) => !some.includes(one))
      else from += size
    }
    isMinimal = size === 1 && strong.length === before && asked < mostQuestions
    if (isMinimal) break
    if (size > 1) size = Math.ceil(size / 2)
  }
  return { operations: strong, isMinimal }
}
