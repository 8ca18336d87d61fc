// UnknownActError: a checker's model does not have an operation of the history. The command line treats it differently
// from other errors: there it means that the file or the model is the wrong one.
import { MeaningError } from './meaning-error.ts'

/** Thrown in `check` if the checker does not know an operation of the history. */
export class UnknownActError extends MeaningError {
  override readonly name = 'UnknownActError'
  /** What was found, in one sentence, without advice. */
  readonly found: string

  constructor(found: string) {
    super(`${found} Say what the operation means: give operation.as(...).`)
    this.found = found
  }
}
