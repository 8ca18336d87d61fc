// Judges a history by the session guarantees, to name the weakest model that it violates. Must not know transactions as
// wholes: reads and writes count one by one.
import type { Transaction } from '../../history/act.ts'
import type { ConsistencyModel } from '../../verdict/consistency.ts'
import type { History } from '../../history/history.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import { failureName, type Reason } from '../../verdict/reason.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { accessesOf } from './accesses.ts'
import { causal } from './causal.ts'
import { monotonicReads } from './monotonic-reads.ts'
import { monotonicWrites } from './monotonic-writes.ts'
import { readYourWrites } from './read-your-writes.ts'
import { writesFollowReads } from './writes-follow-reads.ts'

/** A broken guarantee. */
export interface Broken {
  readonly name: string
  readonly models: readonly ConsistencyModel[]
  readonly reason: Reason
}

const guarantees = [readYourWrites, monotonicReads, monotonicWrites, writesFollowReads, causal] as const

/**
 * The guarantees that are broken, and all that could be judged.
 *
 * For keys that are not lists, each guarantee is judged while others are assumed. So it is certain only that one of
 * them is broken, and with it the causal model, which implies them all.
 */
export function sessionsJudged(
  history: History,
  operations: readonly InterpretedOperation<Transaction>[] | undefined,
): { readonly models: readonly ConsistencyModel[]; readonly anomalies: readonly Broken[] } {
  const { keys, reasons } = accessesOf(history, operations)
  const lists = new Set(keys.filter(({ list }) => list).map(({ key }) => key))
  // Reads of values that nobody committed do not concern sessions
  const unreadable = new Set(reasons.map(failureName))
  const verdicts = guarantees.map((guarantee) => verdictWithModel(guarantee(operations), history))
  return {
    models: verdicts.filter(({ kind }) => kind === 'holds' || kind === 'violated').flatMap(({ model }) => model ?? []),
    anomalies: verdicts.flatMap(({ model, kind, reasons: found }) =>
      kind !== 'violated' || model === undefined
        ? []
        : found
            .filter((reason) => !unreadable.has(failureName(reason)))
            .map((reason) => ({
              name: reason.kind.replaceAll('-', ' '),
              models: [isListed(lists, reason) ? model : ('causal' as const)],
              reason,
            })),
    ),
  }
}

function verdictWithModel(
  invariant: Invariant,
  history: History,
): ReturnType<Invariant['check']> & Pick<Invariant, 'model'> {
  return { ...invariant.check(history), ...(invariant.model === undefined ? {} : { model: invariant.model }) }
}

function isListed(lists: ReadonlySet<unknown>, { subject }: Reason): boolean {
  return lists.has(subject)
}
