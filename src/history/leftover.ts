// What processes had opened and not closed when a history ended: the sockets, timers and locks of a process that lives
// on. Plain data, outside the bytes of a history.

/** One thing that was left open. */
export interface Leftover {
  /**
   * `socket`: a connection that is in use; `connection`: one to a store, which is open; `stream`: the body of an answer
   * that still comes; `server`: one that listens; `listener`: one of an emitter or a signal; `transaction`: one neither
   * committed nor rolled back.
   */
  readonly kind: 'timer' | 'socket' | 'connection' | 'stream' | 'server' | 'lock' | 'listener' | 'transaction'
  /** What it is: `an interval of 1 s`, `a connection to bank:443`. */
  readonly what: string
  readonly node: string
  /** The operation that opened it; -1 for none, as where it was opened while the node started. */
  readonly invocation: number
  /** The operation that used it last. Absent where that is not known, or is the same. */
  readonly usedBy?: number
  /** The line of the user's code that opened it. Absent where no such line was on the stack. */
  readonly at?: string
  /** Equal for things that the same code opened in the same process, on the same emitter. */
  readonly class: string
}

/** What was opened in a history, and what was left of it. */
export interface Leftovers {
  /** How many things of these kinds operations opened. */
  readonly opened: number
  readonly left: readonly Leftover[]
}
