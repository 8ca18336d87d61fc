// sequential: one order that every client could have seen, whatever the clock says. Says what that means; how an order
// is found is next door.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import type { Acted } from '../acts.ts'
import { joint } from './joint.ts'
import { orderly, verdictOn, type Problem, type SearchBudget } from './orderly.ts'
import { keyOf, partOf, partsOf } from './state-partition.ts'
import { programOrder } from './program-order.ts'
import { realTime } from './real-time.ts'

/**
 * Holds when the operations have a legal order in the model that keeps the order of each client's own. Real time is no
 * matter: a client may read what is long out of date, as long as it never sees a step back. Else as `linearizable`,
 * which it follows from; but where real time does not help, keys cannot be judged apart, so that the search is longer.
 *
 * Lamport, "How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs" (1979).
 *
 * @param model what the object does when it is asked one thing after the other
 * @param operations what the clients' operations mean to it; others are left out
 * @param budget how much may be spent on the search
 * @throws in `check`, as `linearizable`
 * @example
 * sequential(keyValue())
 */
export function sequential<State, Op extends Act = Act>(
  model: Model<State, Op>,
  operations?: readonly InterpretedOperation<NoInfer<Op>>[],
  budget: SearchBudget = {},
): Invariant {
  return orderly(programOrder, model, operations, budget, (acted, left) => {
    const problems = partsOf(model, acted).map((part) => ({ model, part }))
    const timed = verdictOn(problems, realTime, { ...left, steps: left.steps / 4 })
    if (timed.kind === 'holds' || timed.kind === 'vacuous') return timed
    const apart = verdictOn(problems, programOrder, left)
    return apart.kind === 'holds' && problems.length > 1
      ? verdictOn([together(model, acted)], programOrder, left)
      : apart
  })
}

/** Orders that each key has for itself may contradict each other. */
function together(model: Model<unknown>, acted: readonly Acted<Act>[]): Problem {
  const all = joint(model, Array.from(new Set(acted.map(({ act }) => keyOf(model, act)))))
  return { model: all, part: partOf(all, undefined, acted) }
}
