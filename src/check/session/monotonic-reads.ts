// monotonicReads: the reads of a client never go back. One of the four session guarantees; a safety property. Speaks
// for clients; must not know how an order of versions is found.
import type { Transaction } from '../../history/act.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { sessionGuarantee, writesKeepUp } from './guarantee.ts'

/**
 * Holds when the writes of each key have an order in which a client never reads a version from before one that it has
 * already read. In every other respect as `readYourWrites`: for keys that are not lists, an answered write is assumed
 * to come after everything that its client had read and written. Vacuous when no client read a key twice.
 *
 * After Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994). `monotonic` checks the
 * same for versions and states that an effect shows.
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, if one value is written to a key twice, or if sequential clients cannot have produced the history
 * @example
 * monotonicReads([put.as(({ value }) => [['w', 'page', value]]), get.as((_, answer) => [['r', 'page', answer?.body]])])
 */
export function monotonicReads(operations?: readonly InterpretedOperation<Transaction>[]): Invariant {
  return sessionGuarantee(
    {
      name: 'monotonicReads',
      model: 'monotonic reads',
      demands: ({ kind }, { read }) => (kind === 'read' ? read : undefined),
      assumed: writesKeepUp,
      assumedName: 'monotonicWrites or writesFollowReads',
      kind: 'read-went-back',
      expected: 'what a client reads never goes back',
      nothing: 'no client read a key twice: do the operations of one client share keys?',
    },
    operations,
  )
}
