// Isolation of transactions: one invariant for each model. What goes wrong is found in transactional/; here only what
// each model promises is said.
import type { Transaction } from '../history/act.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import { holds, unknown, vacuous, type Invariant } from '../verdict/verdict.ts'
import { ruledOutWith, type ConsistencyModel } from '../verdict/consistency.ts'
import { rulesOut } from './transactional/anomaly.ts'
import { judgeTransactions, orderOf } from './transactional/transactional.ts'
import { checkerName, noTimes } from './reason-words.ts'

/**
 * Operations that are transactions, each `as` its reads, writes and appends. Without them: the conventions of recorded
 * histories.
 */
export type Transactional = readonly InterpretedOperation<Transaction>[]

/** What may be taken for granted of registers. */
export interface RegisterOptions {
  /**
   * Versions of one register follow the order of each client (`session`), or real time: what was seen or written before
   * another access began is no later version. True where single keys are sequential or linearizable, whatever
   * transactions are; then more can be found. @default neither
   */
  readonly versions?: 'session' | 'real time'
  /**
   * How many dependencies may be looked at in search of an order of the versions; ten million take about a second. It
   * is counted, not measured: the same history has the same verdict everywhere. @default 20_000_000
   */
  readonly steps?: number
}

/**
 * Holds when no transaction read what was rolled back (G1a), what its writer itself wrote over (G1b), or what nobody
 * wrote, and no transactions wrote and read each other's writes in a circle (G0, G1c). A transaction that failed did
 * not happen; one without an answer may have committed, and has where somebody read what it wrote.
 *
 * Of lists (`append`) the order of versions is what reads show. Of registers (`w`) reads show it only in part: models
 * above this one hold where an order of all versions is found that explains what was read, are violated where there is
 * none, and are unknown where the budget runs out before. Each value is written to a key once. Vacuous when no
 * transaction that was answered ok read anything.
 *
 * PL-2 of Adya, "Weak Consistency" (1999), found as by Kingsbury and Alvaro, "Elle" (VLDB 2020).
 *
 * @param operations transactions; without them operations named `txn`, `read`, `write` and `append` are taken as
 *   recorded
 * @throws in `check`, where an operation is no transaction, a value is written to a key twice, or a key is both a
 *   list and a register
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
 * Holds when, besides {@link readCommitted}, no transactions read and wrote over each other's reads in a circle
 * (G2-item): what a transaction read does not change until it ends. Without predicates, which histories of keys do not
 * have, this is serializability.
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
 * Holds when each transaction reads from one snapshot, in which it sees all of another transaction or nothing, and of
 * two that write one key one sees the other: no lost update, no skewed read (G-single). Snapshots need not agree on the
 * order of transactions (long fork).
 *
 * Sovran et al., "Transactional Storage for Geo-Replicated Systems" (SOSP 2011), as by Cerone and Gotsman, "Analysing
 * Snapshot Isolation" (PODC 2016), without the order of sessions.
 *
 * @throws in `check`, as {@link readCommitted}; vacuous as that
 * @example
 * const [verdict] = check(history, [parallelSnapshotIsolation()])
 */
export function parallelSnapshotIsolation(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('parallelSnapshotIsolation', 'parallel snapshot isolation', operations, options)
}

/**
 * Holds when each transaction reads from a snapshot of what was committed at some moment, and no two that overlap write
 * one key. Write skew (G2-item) is allowed; every circle of dependencies in which no two anti-dependencies follow each
 * other is not. The snapshot may be old.
 *
 * Berenson et al. (SIGMOD 1995), as by Cerone and Gotsman, "Analysing Snapshot Isolation" (PODC 2016), without the
 * order of sessions.
 *
 * @throws in `check`, as {@link readCommitted}; vacuous as that
 * @example
 * const [verdict] = check(history, [snapshotIsolation()])
 */
export function snapshotIsolation(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('snapshotIsolation', 'snapshot isolation', operations, options)
}

/**
 * Holds when some order of the transactions, one after the other, explains all reads; it may be another than that of
 * time.
 *
 * PL-3 of Adya, "Weak Consistency" (1999), found as by Kingsbury and Alvaro, "Elle" (VLDB 2020).
 *
 * @throws in `check`, as {@link readCommitted}; vacuous as that
 * @example
 * serializable([transfer.as((input, answer) => [['r', input.from, answer?.before], ['w', input.from, answer?.after]])])
 */
export function serializable(operations?: Transactional, options: RegisterOptions = {}): Invariant {
  return isolation('serializable', 'serializable', operations, options)
}

/**
 * Holds when some order of the transactions explains all reads, in which each that ended before another began comes
 * before it.
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

/** The invariant of any model of transactions. */
export function isolation(
  name: string,
  model: ConsistencyModel,
  operations?: Transactional,
  { versions, steps }: RegisterOptions = {},
): Invariant {
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
