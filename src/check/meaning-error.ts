// MeaningError: the user's `as(...)` returned something that no checker understands. This is a mistake in the test, and
// no verdict on the system.

/** Thrown in `check` if a result of `operation.as(...)` is no act or transaction. */
export class MeaningError extends Error {
  override readonly name: string = 'MeaningError'
}
