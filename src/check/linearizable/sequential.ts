// sequential: there is one order that explains all answers and keeps the order of each client, whatever the clock says.
// This file defines the condition; its neighbours find the order.
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
 * Holds when the operations have an order that is legal in the model and keeps the order of each client's operations.
 * Real time does not matter: a client may read very old values, as long as it never reads backwards. In every other
 * respect as `linearizable`, which is stronger. Keys cannot always be judged on their own, so the search takes longer.
 *
 * Lamport, "How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs" (1979).
 *
 * @param model the sequential behaviour of the object
 * @param operations the meaning of the clients' operations for the model; other operations are ignored
 * @param budget the limits of the search
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

/** All keys as one problem, since the orders of single keys may contradict each other. */
function together(model: Model<unknown>, acted: readonly Acted<Act>[]): Problem {
  const all = joint(model, Array.from(new Set(acted.map(({ act }) => keyOf(model, act)))))
  return { model: all, part: partOf(all, undefined, acted) }
}
