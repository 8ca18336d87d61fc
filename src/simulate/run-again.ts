// What ends a history that was begun without something that is known now. Knows nothing of what that is.

/** The history has to be run again: what it has learnt would have changed it. */
export class RunAgain extends Error {
  override readonly name = 'RunAgain'
}
