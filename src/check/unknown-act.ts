// UnknownActError: an operation that a checker's object does not have. The command line distinguishes it from other
// errors, since there it means that the file or the model is the wrong one.

/** Thrown in `check` where the checker does not know an operation of the history. */
export class UnknownActError extends Error {
  /** What was found, in one sentence, without advice. */
  readonly found: string

  constructor(found: string) {
    super(`${found} Say what the operation means: give operation.as(...).`)
    this.name = 'UnknownActError'
    this.found = found
  }
}
