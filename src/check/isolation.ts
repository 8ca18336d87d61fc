// Isolation of transactions: one invariant for each model. transactional/ finds the anomalies; this file only says
// which model forbids which.
import type { Transaction } from '../history/act.ts'
import type { History } from '../history/history.ts'
import { assertOptions, foundWords } from '../plain/options.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import { holds, unknown, vacuous, type Invariant } from '../verdict/verdict.ts'
import { ruledOutWith, type ConsistencyModel } from '../verdict/consistency.ts'
import { rulesOut } from './transactional/anomaly.ts'
import { judgeTransactions, orderOf } from './transactional/transactional.ts'
import { checkerName, noTimes } from './reason-words.ts'

/**
 * Operations that are transactions, each with `as(...)` for its reads, writes and appends. If not given, the
 * conventions of recorded histories apply.
 */
export type Transactional = readonly InterpretedOperation<Transaction>[]

/** What the checker may assume about registers. */
export interface RegisterOptions {
  /**
   * Versions of one register follow the order of each client (`session`), or real time: a version that was seen or
   * written before another access began is not later than the version of that access. True if single keys are
   * sequentially consistent or linearizable, whatever transactions are; the checker then finds more. @default neither
   */
  readonly versions?: 'session' | 'real time'
  /**
   * How many dependencies the search for an order of versions may examine; ten million take about a second. The limit
   * is a count, not a time, so that the same history has the same verdict everywhere. @default 20_000_000
   */
  readonly steps?: number
}

/**
 * Holds when no transaction read a value that was rolled back (G1a), that its own writer overwrote (G1b) or that nobody
 * wrote, and when no transactions depend on each other in a cycle of writes and reads (G0, G1c). A transaction that
 * failed did not happen. One without an answer may have committed, and certainly did if somebody read its write.
 *
 * The order of the versions of a list (`append`) is known from reads. For a register (`w`), reads show this order only
 * in part. Models that are stronger than this one hold if an order of all versions is found that explains every read,
 * are violated if there is none, and are unknown if the budget runs out first. Each value is written to a key once.
 * Vacuous when no transaction that was answered ok read anything.
 *
 * PL-2 of Adya, "Weak Consistency" (1999), found by the method of Kingsbury and Alvaro, "Elle" (VLDB 2020).
 *
 * @param operations transactions; if not given, the operations named `txn`, `read`, `write` and `append` of a recorded
 *   history
 * @throws in `check`, if an operation is not a transaction, a value is written to a key twice, or a key is both a list
 *   and a register
 * @example
 * // a version is the id of the request that made it
 * readCommitted([
 *   transfer.as(({ id, from }, answer) => [
 *     ['r', from, answer?.before],
 *     ['w', from, id],
 *   ]),
 * ])
 */
export function readCommitted(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('readCommitted', 'read committed', operations, options)
}

/**
 * Holds when {@link readCommitted} holds and no transactions overwrote each other's reads in a cycle (G2-item): what a
 * transaction read does not change until it ends. Without predicate reads, which these histories do not have, this is
 * serializability.
 *
 * PL-2.99 of Adya, "Weak Consistency" (1999).
 *
 * @throws in `check`, as {@link readCommitted}; vacuous as that
 * @example
 * const [verdict] = check(history, [repeatableRead()])
 */
export function repeatableRead(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('repeatableRead', 'repeatable read', operations, options)
}

/**
 * Holds when each transaction reads from one snapshot, which has all writes of another transaction or none; and when of
 * any two transactions that write one key, one sees the other. So there is no lost update and no read skew (G-single).
 * Snapshots need not agree on the order of transactions (long fork).
 *
 * Sovran et al., "Transactional Storage for Geo-Replicated Systems" (SOSP 2011), as defined by Cerone and Gotsman,
 * "Analysing Snapshot Isolation" (PODC 2016), without the order of sessions.
 *
 * @throws in `check`, as {@link readCommitted}; vacuous as that
 * @example
 * const [verdict] = check(history, [parallelSnapshotIsolation()])
 */
export function parallelSnapshotIsolation(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('parallelSnapshotIsolation', 'parallel snapshot isolation', operations, options)
}

/**
 * Holds when each transaction reads from a snapshot of what was committed at some moment, and no two overlapping
 * transactions write one key. Write skew (G2-item) is allowed. Every other cycle of dependencies is forbidden, that is,
 * every cycle without two anti-dependencies in a row. The snapshot may be old.
 *
 * Berenson et al. (SIGMOD 1995), as defined by Cerone and Gotsman, "Analysing Snapshot Isolation" (PODC 2016), without
 * the order of sessions.
 *
 * @throws in `check`, as {@link readCommitted}; vacuous as that
 * @example
 * const [verdict] = check(history, [snapshotIsolation()])
 */
export function snapshotIsolation(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('snapshotIsolation', 'snapshot isolation', operations, options)
}

/**
 * Holds when all reads can be explained by running the transactions one after the other in some order, which need not
 * be that of time.
 *
 * PL-3 of Adya, "Weak Consistency" (1999), found by the method of Kingsbury and Alvaro, "Elle" (VLDB 2020).
 *
 * @throws in `check`, as {@link readCommitted}; vacuous as that
 * @example
 * serializable([transfer.as((input, answer) => [['r', input.from, answer?.before], ['w', input.from, answer?.after]])])
 */
export function serializable(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('serializable', 'serializable', operations, options)
}

/**
 * Holds when all reads can be explained by running the transactions one after the other in an order where a transaction
 * that ended before another began comes first.
 *
 * Papadimitriou, "The Serializability of Concurrent Database Updates" (1979); PL-SS of Adya (1999).
 *
 * @throws in `check`, as {@link readCommitted}; vacuous as that
 * @example
 * const [verdict] = check(history, [strictSerializable()])
 */
export function strictSerializable(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('strictSerializable', 'strict serializable', operations, options)
}

/** The invariant for a given model of transactions. */
export function isolation(
  name: string,
  model: ConsistencyModel,
  operations?: Transactional,
  options: RegisterOptions = {},
): Invariant {
  assertOptions(`${name}()`, options, ['versions', 'steps'])
  const { versions, steps } = options
  if (versions !== undefined && versions !== 'session' && versions !== 'real time')
    throw new Error(`${name}: versions is ${foundWords(versions)}; give 'session' or 'real time'.`)
  if (steps !== undefined && !(steps > 0))
    throw new Error(`${name}: the budget of steps is ${steps}; give a number above 0.`)
  return {
    kind: 'invariant',
    name: checkerName(name, operations),
    model,
    effects: [],
    check(history: History) {
      const { anomalies, nothing, undecided } = judgeTransactions(history, operations, orderOf(model), {
        model,
        ...(versions && { versions }),
        ...(steps && { steps }),
      })
      if (nothing !== undefined) return vacuous(nothing)
      const reasons = anomalies.filter((one) => rulesOut(one, model)).map(({ reason }) => reason)
      if (reasons.length > 0) return { kind: 'violated', reasons }
      if (history.timed === false && orderOf(model) === 'real time') return unknown(noTimes)
      const open = undecided.find(({ models }) => ruledOutWith(models).includes(model))
      return open === undefined ? holds : unknown(open.text)
    },
  }
}
