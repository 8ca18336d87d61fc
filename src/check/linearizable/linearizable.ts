// linearizable: one order that every client could have seen, in which each operation takes effect between its
// invocation and its answer. Says what that means; how an order is found is next door.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { orderly, verdictOn, type SearchBudget } from './orderly.ts'
import { partsOf } from './state-partition.ts'
import { realTime } from './real-time.ts'

/**
 * Holds when the operations have a legal order in the model that keeps to real time: whatever was answered before
 * another was invoked comes before it. An operation without an answer may have happened, once, at any time after its
 * invocation, or never; one that failed did not happen. Parts of the state with different keys are judged apart, which
 * comes to the same (Herlihy and Wing).
 *
 * Without `operations` the history's own words are taken: the name of each operation, its key, its input, and what came
 * back, `null` for nothing. Unknown where a budget ran out, vacuous where nothing may have happened. The reason of a
 * violation is put in words when it is read, not before.
 *
 * Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects" (1990); found as in Lowe,
 * "Testing for linearizability" (2017), part by part as in Horn and Kroening, "Faster linearizability checking via
 * P-compositionality" (2015).
 *
 * @param model what the object does when it is asked one thing after the other
 * @param operations what the clients' operations mean to it; others are left out
 * @param budget how much may be spent on the search
 * @throws in `check`, where a client begins an operation while another of its own is open, an answered read has no
 *   output, or the model
 *   is none: its step is no function of its arguments, or what it calls read-only is not
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
