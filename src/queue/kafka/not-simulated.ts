// What kafkajs has, and these clients do not: to use it ends the history with its name, in place of a TypeError that
// somebody may catch.
import { SetupError } from '../../simulate/setup-error.ts'

/** A client that refuses these members by name. `of`: as in `consumer`. */
export function refusing<T extends object>(of: string, client: T, members: readonly string[]): T {
  for (const member of members)
    Object.defineProperty(client, member, {
      get() {
        throw new SetupError(
          `${of}.${member} is not simulated: leave it out where the test makes its clients, or give a stub of it.`,
        )
      },
      set(value: unknown) {
        Object.defineProperty(client, member, { value, writable: true })
      },
      configurable: true,
    })
  return client
}
