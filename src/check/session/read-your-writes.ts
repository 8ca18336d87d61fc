// readYourWrites: a client sees its own writes. One of the four session guarantees; a safety property. Speaks for
// clients; must not know how an order of versions is found.
import type { Transaction } from '../../history/act.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { sessionGuarantee, writesKeepUp } from './guarantee.ts'

/**
 * Holds when the writes of each key have an order in which a client never reads a version from before its own writes:
 * it reads its own last write, or something newer. A client is a session. Its write counts from the answer on; a write
 * without an answer may have happened later, or never.
 *
 * Only reads of a list (`append`) show the order of writes. For other keys, an old value may mean a stale read or
 * writes in another order. There an answered write is assumed to come after everything that its client had read and
 * written, as `monotonicWrites` and `writesFollowReads` say. Where this assumption is wrong by itself, the verdict is
 * unknown. Micro-operations of one transaction count one by one. Violated as well: a read of a value that nobody wrote,
 * or not yet (`thin air`, `future read`), or that only a failed operation wrote (`G1a`), and lists of which neither is
 * a prefix of the other (`incompatible order`, `duplicate element`). Vacuous when no client read a key that it had
 * written.
 *
 * After Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994), with the single order of
 * writes of Viotti and Vukolić, "Consistency in Non-Transactional Distributed Storage Systems" (ACM Computing Surveys
 * 2016).
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, if one value is written to a key twice, or if sequential clients cannot have produced the history
 * @example
 * readYourWrites([
 *   put.as(({ key, value }) => [['w', key, value]]),
 *   get.as(({ key }, answer) => [['r', key, answer && JSON.parse(answer.body)]]),
 * ])
 */
export function readYourWrites(operations?: readonly InterpretedOperation<Transaction>[]): Invariant {
  return sessionGuarantee(
    {
      name: 'readYourWrites',
      model: 'read your writes',
      demands: ({ kind }, { wrote }) => (kind === 'read' ? wrote : undefined),
      assumed: writesKeepUp,
      assumedName: 'monotonicWrites or writesFollowReads',
      kind: 'own-write-unseen',
      expected: 'a client reads its own last write, or a newer one',
      nothing: 'no client read a key that it had written: do the operations of one client share keys?',
    },
    operations,
  )
}
