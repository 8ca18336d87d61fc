// linearizable: there is one order that explains all answers, in which each operation takes effect between its
// invocation and its answer. This file defines the condition; its neighbours find the order.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { orderly, verdictOn, type SearchBudget } from './orderly.ts'
import { partsOf } from './state-partition.ts'
import { realTime } from './real-time.ts'

/**
 * Holds when the operations have an order that is legal in the model and respects real time: an operation that was
 * answered before another was invoked comes before it. An operation without an answer may have happened once, at any
 * time after its invocation, or never; an operation that failed did not happen. Each key is judged on its own, which is
 * equivalent (Herlihy and Wing).
 *
 * Without `operations`, acts follow the conventions of recorded histories: the name of each operation, its key, its
 * input, and its answer, `null` for none. Unknown when a budget ran out, vacuous when no operation was answered. The
 * text of a violation is computed only when it is read.
 *
 * Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects" (1990); the search follows Lowe,
 * "Testing for linearizability" (2017), with partitions as in Horn and Kroening, "Faster linearizability checking via
 * P-compositionality" (2015).
 *
 * @param model the sequential behaviour of the object
 * @param operations the meaning of the clients' operations for the model; other operations are ignored
 * @param budget the limits of the search
 * @throws in `check`, if a client begins an operation while another of its own is open, if an answered read has no
 *   output, or if the model is wrong: its `step` depends on more than its arguments, or an operation that it calls
 *   read-only is not
 * @example
 * linearizable(register(), [
 *   get.as((_, answer) => ({ f: 'read', output: answer?.body })),
 *   put.as((value) => ({ f: 'write', input: value })),
 * ])
 */
export function linearizable<State, Op extends Act = Act>(
  model: Model<State, Op>,
  operations?: readonly InterpretedOperation<NoInfer<Op>>[],
  budget: SearchBudget = {},
): Invariant {
  return orderly(realTime, model, operations, budget, (acted, left) =>
    verdictOn(
      partsOf(model, acted).map((part) => ({ model, part })),
      realTime,
      left,
    ),
  )
}
