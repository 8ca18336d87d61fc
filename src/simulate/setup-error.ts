// The error that ends a history when the caller made a mistake. It is never a verdict on the system.

/** The set-up is wrong, not the system under test. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}
