// MeaningError: what the user says that an operation means is nothing that a checker knows. It is a mistake in the
// test, and no verdict on the system.

/** Thrown in `check` if a meaning, as `operation.as(...)` gives it, is no act or transaction. */
export class MeaningError extends Error {
  override readonly name: string = 'MeaningError'
}
