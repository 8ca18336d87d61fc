// Acts and transactions: what operations mean to checkers of consistency. An act is one step of a sequential model. A
// transaction is a list of reads, writes and appends that should happen atomically. Plain data. Must not know models or
// checkers.

/** An operation as a sequential model sees it. */
export interface Act {
  /** The model's name for what is done: `read`, `write`, `cas`, `enqueue`. */
  readonly f: string
  /** The part of the state it is about. @default one part */
  readonly key?: string | number
  readonly input?: unknown
  /** The result. Undefined: nobody knows. `null`: nothing was there. */
  readonly output?: unknown
  /**
   * It was answered, but the result was not recorded: it may be anything. Without this, a read that was answered and
   * has no output counts as a mistake.
   *
   * @default false
   */
  readonly isOutputUnknown?: true
}

/**
 * One step of a transaction, as Jepsen and Elle write it: `['r', key, value]`, `['w', key, value]`, `['append', key,
 * element]`. A read returns a value, or all elements of an append-only list. `null`: nothing was there. Undefined: the
 * result is unknown.
 */
export type MicroOp =
  | readonly ['r', string | number, unknown]
  | readonly ['w', string | number, unknown]
  | readonly ['append', string | number, unknown]

/** Micro-operations that should happen atomically, in order. A plain read or write is a transaction of one. */
export type Transaction = readonly MicroOp[]
