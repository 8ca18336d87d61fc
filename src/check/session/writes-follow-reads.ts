// writesFollowReads: a write stands after what its client had read. One of the four session guarantees; a safety
// property. Speaks for clients; must not know how an order of versions is looked for.
import type { Transaction } from '../../history/act.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Invariant } from '../../verdict/verdict.ts'
import { readsGoOn, sessionGuarantee } from './guarantee.ts'

/**
 * Holds when the writes of each key have an order in which each write stands after what the same client had read of
 * that key before: an answer never comes before its question. Lists (`append`) of which every read is a beginning of
 * the longest keep this by themselves. Of other keys only a client that reads the write before what it followed shows
 * it: there reads are taken never to go back, as `monotonicReads` says, and where they do by themselves it is unknown.
 * Otherwise as `readYourWrites`; `causal` asks this across keys. Vacuous when no client wrote to a key that it had
 * read.
 *
 * After Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994).
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, where one value is written to a key twice or no clients could have seen the history
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
      granted: readsGoOn,
      grantedName: 'monotonicReads',
      kind: 'write-before-its-cause',
      expected: 'a write comes after what its client had read',
      nothing: 'no client wrote to a key that it had read: do the operations of one client share keys?',
    },
    operations,
  )
}
