// monotonicWrites: the writes of a client take effect in the order in which it made them. One of the four session
// guarantees; a safety property. Speaks for clients; must not know how an order of versions is found.
import type { Transaction } from '../../history/act.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { readsGoOn, sessionGuarantee } from './guarantee.ts'

/**
 * Holds when the writes of each key have an order in which each write comes after the answered writes that the same
 * client had made before. Reads of a list (`append`) show the order. For other keys, only a client that reads the later
 * write before the earlier one shows a violation. There reads are assumed never to go back, as in `monotonicReads`;
 * where they do so without any write being involved, the verdict is unknown. In every other respect as
 * `readYourWrites`. Vacuous when no client wrote twice to a key that was read.
 *
 * After Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994).
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, if one value is written to a key twice, or if sequential clients cannot have produced the history
 * @example
 * monotonicWrites([
 *   post.as(({ thread, id }) => [['append', thread, id]]),
 *   list.as(({ thread }, ids) => [['r', thread, ids]]),
 * ])
 */
export function monotonicWrites(operations?: readonly InterpretedOperation<Transaction>[]): Invariant {
  return sessionGuarantee(
    {
      name: 'monotonicWrites',
      model: 'monotonic writes',
      demands: ({ kind }, { wrote }) => (kind === 'write' ? wrote : undefined),
      assumed: readsGoOn,
      assumedName: 'monotonicReads',
      kind: 'writes-out-of-order',
      expected: 'the writes of a client keep their order',
      nothing: 'no client wrote twice to a key that was read: do the operations of one client share keys?',
    },
    operations,
  )
}
