// longFork: no two readers see two writes in opposite orders. Speaks for the clients of a recorded history.
import type { Transaction } from '../history/act.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import { anomalyFailure, type Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { attemptsOf, conventionalTransaction, type Attempted } from './acts.ts'
import { alike } from './content.ts'
import { callAt, checkerName, seqs, shown, toldAt, who } from './reason-words.ts'

/**
 * Holds when no two transactions saw two writes in opposite orders: one saw the write of x but not that of y, the other
 * that of y but not that of x. Snapshot isolation forbids this, parallel snapshot isolation does not. Each key is
 * written once, so a read returns that value or nothing. Vacuous when no transaction that was answered ok read two
 * keys.
 *
 * The `long-fork` checker of Jepsen (jepsen.tests.long-fork); the anomaly comes from Sovran et al., "Transactional
 * Storage for Geo-Replicated Systems" (SOSP 2011).
 *
 * @param initial the value of a key before it is written @default null
 * @param operations transactions; if not given, `txn`, `read` and `write` of a recorded history, with lists of
 *   micro-operations
 * @throws in `check`, if a key is written twice
 * @example
 * check(recorded, [longFork()])
 */
export function longFork(
  initial: unknown = null,
  operations?: readonly InterpretedOperation<Transaction>[],
): Invariant {
  return {
    kind: 'invariant',
    name: checkerName('longFork', operations),
    effects: [],
    check(history: History) {
      const attempts = attemptsOf(history, operations, conventionalTransaction)
      assertWrittenOnce(attempts)
      const views = attempts.filter(({ fate }) => fate === 'ok').map((attempt) => viewOf(attempt, initial))
      if (!views.some(({ seen, unseen }) => seen.size + unseen.size > 1))
        return vacuous('no transaction that was answered ok read two keys')
      const reasons = forksOf(views)
      return reasons.length === 0 ? holds : { kind: 'violated', reasons }
    },
  }
}

type TransactionAttempt = Attempted<Transaction>

function assertWrittenOnce(attempts: readonly TransactionAttempt[]): void {
  const writers = new Map<string | number, TransactionAttempt>()
  for (const attempt of attempts) {
    if (attempt.fate === 'failed') continue
    for (const [f, key] of attempt.act) {
      if (f === 'r') continue
      const before = writers.get(key)
      if (before !== undefined)
        throw new Error(
          `${callAt(attempt.call)} writes ${shown(key)}, which ${callAt(before.call)} writes as well; ` +
            'longFork needs keys that are written once. Check snapshot-isolation instead.',
        )
      writers.set(key, attempt)
    }
  }
}

/** What a transaction read: the keys whose write it saw, and those whose write it did not see. */
interface ReadView {
  readonly attempt: TransactionAttempt
  readonly seen: ReadonlyMap<string | number, unknown>
  readonly unseen: ReadonlySet<string | number>
}

/** What a transaction saw: only its first read of each key counts, and only if it had not written the key itself. */
function viewOf(attempt: TransactionAttempt, initial: unknown): ReadView {
  const touched = new Set<string | number>()
  const seen = new Map<string | number, unknown>()
  const unseen = new Set<string | number>()
  for (const [f, key, value] of attempt.act) {
    const isFirst = !touched.has(key)
    touched.add(key)
    if (f !== 'r' || !isFirst || value === undefined) continue
    if (value === null || alike(value, initial)) unseen.add(key)
    else seen.set(key, value)
  }
  return { attempt, seen, unseen }
}

/** One reason for each pair of keys. */
function forksOf(views: readonly ReadView[]): readonly Reason[] {
  // For each pair of a key that was seen and one that was not: the first transaction with that view
  const firsts = new Map<string | number, Map<string | number, ReadView>>()
  const forks: Reason[] = []
  for (const view of views) {
    for (const key of view.seen.keys()) {
      const others = firsts.get(key) ?? new Map<string | number, ReadView>()
      firsts.set(key, others)
      for (const other of view.unseen) {
        if (others.has(other)) continue
        others.set(other, view)
        const opposite = firsts.get(other)?.get(key)
        if (opposite !== undefined) forks.push(fork(opposite, other, view, key))
      }
    }
  }
  return forks
}

function fork(one: ReadView, first: string | number, other: ReadView, second: string | number): Reason {
  const saw = ({ attempt: { call }, seen }: ReadView, key: string | number, missed: string | number): string =>
    `${who(call)} read ${shown(seen.get(key))} of ${shown(key)} and nothing of ${shown(missed)} at ${toldAt(call)}`
  return {
    ...anomalyFailure('long fork'),
    text:
      `long fork: ${saw(one, first, second)}, and ${saw(other, second, first)}. So the write to ${shown(first)} ` +
      'is before ' +
      `that to ${shown(second)}, and that to ${shown(second)} before that to ${shown(first)}: a contradiction.`,
    subject: first,
    events: seqs([], [one.attempt.call, other.attempt.call]),
    models: ['snapshot isolation', 'repeatable read'],
  }
}
