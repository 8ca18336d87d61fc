// writesFollowReads: a write comes after everything that its client had read. One of the four session guarantees; a
// safety property. Speaks for clients; must not know how an order of versions is found.
import type { Transaction } from '../../history/act.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { readsGoOn, sessionGuarantee } from './guarantee.ts'

/**
 * Holds when the writes of each key have an order in which each write comes after the versions of that key that the
 * same client had read before: an answer never comes before its question. Lists (`append`) always satisfy this if every
 * read is a prefix of the longest. For other keys, only a client that reads the write before the version it followed
 * shows a violation. There reads are assumed never to go back, as in `monotonicReads`; where they do so without any
 * write being involved, the verdict is unknown. In every other respect as `readYourWrites`; `causal` checks this across
 * keys. Vacuous when no client wrote to a key that it had read.
 *
 * After Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994).
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, if one value is written to a key twice, or if sequential clients cannot have produced the history
 * @example
 * writesFollowReads([
 *   edit.as(({ page, text }) => [['w', page, text]]),
 *   view.as(({ page }, answer) => [['r', page, answer?.body]]),
 * ])
 */
export function writesFollowReads(operations?: readonly InterpretedOperation<Transaction>[]): Invariant {
  return sessionGuarantee(
    {
      name: 'writesFollowReads',
      model: 'writes follow reads',
      demands: ({ kind }, { read }) => (kind === 'write' ? read : undefined),
      assumed: readsGoOn,
      assumedName: 'monotonicReads',
      kind: 'write-before-its-cause',
      expected: 'a write comes after what its client had read',
      nothing: 'no client wrote to a key that it had read: do the operations of one client share keys?',
    },
    operations,
  )
}
