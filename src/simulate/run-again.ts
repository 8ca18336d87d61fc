// Ends a history that has discovered something which it should have known from its start. Must not know what that is.

/** The history has to be run again, since the discovery changes it. */
export class RunAgain extends Error {
  override readonly name = 'RunAgain'
}
