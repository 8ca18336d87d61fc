// readYourWrites: a client sees what it has written itself. One of the four session guarantees; a safety property.
// Speaks for clients; must not know how an order of versions is looked for.
import type { Transaction } from '../../history/act.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { sessionGuarantee, writesKeepUp } from './guarantee.ts'

/**
 * Holds when the writes of each key have an order in which what a client reads of a key never stands before what the
 * same client has written to it: it reads its own last write, or something newer. A client is a session; its write
 * counts from its answer, and one without an answer may have happened later, or never.
 *
 * The order of writes is known only of lists (`append`), whose reads show it. Of other keys a client that reads an old
 * value cannot tell whether its read was stale or the writes were moved; there a write that was answered is taken to
 * stand after what its client had read and written, as `monotonicWrites` and `writesFollowReads` say. Micro-operations
 * of one transaction are taken one by one. A read of what nobody wrote, or not yet (`thin air`, `future read`), or only
 * an operation that failed (`G1a`) is violated, as are lists of which none is a beginning of the other (`incompatible
 * order`, `duplicate element`). Unknown where what is taken for granted does not hold by itself. Vacuous when no client
 * read what it had written to.
 *
 * After Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994), with the one order of
 * writes of Viotti and Vukolić, "Consistency in Non-Transactional Distributed Storage Systems" (ACM Computing Surveys
 * 2016).
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, where one value is written to a key twice or no clients could have seen the history
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
      granted: writesKeepUp,
      grantedName: 'monotonicWrites or writesFollowReads',
      kind: 'own-write-unseen',
      expected: 'a client reads its own last write, or a newer one',
      nothing: 'no client read a key that it had written: do the operations of one client share keys?',
    },
    operations,
  )
}
