// The core: the few answers that contradict each other. Every other operation is weakened as long as there is still no
// order; to leave a write out would be no proof, as someone may need it. Knows weakening and searches.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { Acted } from '../acts.ts'
import { partOf, type StatePartition } from './state-partition.ts'
import { searchFor, type OrderRule } from './search-order.ts'
import { weakened } from './weaken.ts'

/** What one question may cost. A question that costs more is answered no: the core stays larger than it need be. */
const question = { steps: 20_000, bytes: 16 * 2 ** 20 }
const mostQuestions = 1_000

/**
 * The answers that cannot all be true, in order of invocation. `isMinimal`: without any one of them there is an order.
 */
export interface Core {
  readonly operations: readonly Acted<Act>[]
  readonly isMinimal: boolean
}

/** Whether certainly no order exists. */
export function isStuck(
  model: Model<unknown>,
  key: StatePartition['key'],
  operations: readonly Acted<Act>[],
  rule: OrderRule,
): boolean {
  const search = searchFor(model, partOf(model, key, operations), rule)
  return search.run(question.steps, { ...question }) === 'not-linearizable'
}

/** Halves, quarters and so on down to single operations are weakened where that can be, the earliest first. */
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
