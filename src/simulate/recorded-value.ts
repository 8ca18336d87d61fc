// The value of an effect as the history keeps it: a copy, since the code that gave it may go on changing it.
import { copyOf } from '../plain/copy.ts'
import { encodeValue } from '../plain/value.ts'
import { SetupError } from './setup-error.ts'

/** A copy of an effect's value, or the error for whoever gave a value that no history can be written with. */
export function recordedValue(effect: string, value: unknown): { readonly value: unknown } | SetupError {
  try {
    const copy = copyOf(value)
    encodeValue(copy)
    return { value: copy }
  } catch (error) {
    return new SetupError(
      `The effect "${effect}" cannot be recorded: ${error instanceof Error ? error.message : String(error)} ` +
        'Record plain data.',
      { cause: error },
    )
  }
}
