// UnknownActError: an operation that a checker's object does not have. The command line tells it from other errors,
// since there it means that the file or the model is the wrong one.

/** Thrown in `check` where an operation of the history is none that the checker knows. */
export class UnknownActError extends Error {
  /** What was found, in one sentence, without advice. */
  readonly found: string

  constructor(found: string) {
    super(`${found} Say what the operation means: give operation.as(...).`)
    this.name = 'UnknownActError'
    this.found = found
  }
}
