// Acts and transactions: what operations mean to checkers of consistency. An act is one step of a sequential model; a
// transaction is a list of reads, writes and appends that ought to happen as one. Plain data; must not know models or
// checkers.

/** An operation as a sequential model sees it. */
export interface Act {
  /** What is done, in the model's words: `read`, `write`, `cas`, `enqueue`. */
  readonly f: string
  /** The part of the state it is about. @default one part */
  readonly key?: string | number
  readonly input?: unknown
  /** What came back. Undefined: nobody knows. Nothing there is `null`. */
  readonly output?: unknown
  /**
   * It was answered, and what came back was not recorded: any output will do. Without this, a read that was answered and
   * has no output is taken for a mistake. @default false
   */
  readonly isOutputUnknown?: true
}

/**
 * One step of a transaction, as Jepsen and Elle write it: `['r', key, value]`, `['w', key, value]`, `['append', key,
 * element]`. A read gives a value, or of an append-only list all its elements; `null` is nothing there; undefined is
 * not known.
 */
export type MicroOp =
  | readonly ['r', string | number, unknown]
  | readonly ['w', string | number, unknown]
  | readonly ['append', string | number, unknown]

/** Micro-operations that ought to happen as one, in order. A plain read or write is a transaction of one. */
export type Transaction = readonly MicroOp[]
