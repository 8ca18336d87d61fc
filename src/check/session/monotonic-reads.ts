// monotonicReads: what a client reads never goes back. One of the four session guarantees; a safety property.
// Speaks for clients; must not know how an order of versions is looked for.
import type { Transaction } from '../../history/act.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { sessionGuarantee, writesKeepUp } from './guarantee.ts'

/**
 * Holds when the writes of each key have an order in which what a client reads of a key never stands before what the
 * same client has read of it earlier. Otherwise as `readYourWrites`: of keys that are not lists, a write that was
 * answered is taken to stand after what its client had read and written. Vacuous when no client read a key twice.
 *
 * After Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994). `monotonic` asks the same
 * of versions and states that an effect shows.
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, where one value is written to a key twice or no clients could have seen the history
 * @example
 * monotonicReads([put.as(({ value }) => [['w', 'page', value]]), get.as((_, answer) => [['r', 'page', answer?.body]])])
 */
export function monotonicReads(operations?: readonly InterpretedOperation<Transaction>[]): Invariant {
  return sessionGuarantee(
    {
      name: 'monotonicReads',
      model: 'monotonic reads',
      demands: ({ kind }, { read }) => (kind === 'read' ? read : undefined),
      granted: writesKeepUp,
      grantedName: 'monotonicWrites or writesFollowReads',
      kind: 'read-went-back',
      expected: 'what a client reads never goes back',
      nothing: 'no client read a key twice: do the operations of one client share keys?',
    },
    operations,
  )
}
