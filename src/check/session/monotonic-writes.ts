// monotonicWrites: the writes of a client stand in the order in which it made them. One of the four session guarantees;
// a safety property. Speaks for clients; must not know how an order of versions is looked for.
import type { Transaction } from '../../history/act.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { readsGoOn, sessionGuarantee } from './guarantee.ts'

/**
 * Holds when the writes of each key have an order in which each write stands after those that the same client had made
 * before it and been answered. Of lists (`append`) the reads show the order. Of other keys only a client that reads the
 * later write before the earlier one shows it: there reads are taken never to go back, as `monotonicReads` says, and
 * where they do by themselves it is unknown. Otherwise as `readYourWrites`. Vacuous when no client wrote twice to a key
 * that was read.
 *
 * After Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994).
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, where one value is written to a key twice or no clients could have seen the history
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
      granted: readsGoOn,
      grantedName: 'monotonicReads',
      kind: 'writes-out-of-order',
      expected: 'the writes of a client keep their order',
      nothing: 'no client wrote twice to a key that was read: do the operations of one client share keys?',
    },
    operations,
  )
}
