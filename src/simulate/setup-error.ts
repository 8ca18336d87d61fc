// The error that ends a history from outside: the caller's mistake, never a verdict on the system.

/** Thrown out of the simulation: the set-up is wrong, not the system. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}
