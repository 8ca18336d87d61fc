// Copies the values that a Map stores, and refuses values whose copy would differ. Knows no Map.
import { copyOf as copyPlain } from '../plain/copy.ts'
import { describeError } from '../plain/describe-error.ts'
import { lostClass, type LostClass } from '../plain/lost-class.ts'
import { storeMisused, type storeCaller } from '../simulate/store-call.ts'

/**
 * The copy of a value that a Map keeps or returns. `isNew`: the value is set, and so has to be checked.
 *
 * @throws if it cannot be copied, or its copy would lose a class
 */
export function copyStored(
  value: unknown,
  key: unknown,
  name: string,
  who: ReturnType<typeof storeCaller>,
  isNew: boolean,
): unknown {
  if (typeof value !== 'object' && typeof value !== 'function') return value
  if (who === 'ghost') return copyAnyway(value)
  const lost = isNew ? lostClass(value) : undefined
  if (lost !== undefined) throw storeMisused(lostText(under(name, key), lost))
  try {
    return copyPlain(value)
  } catch (error) {
    throw storeMisused(
      `${under(name, key)} cannot be copied (${describeError(error)}). ` +
        'What survives a process is plain data: store that.',
    )
  }
}

/** A copy for a ghost, whose write will be undone: never throws. */
function copyAnyway(value: unknown): unknown {
  try {
    return copyPlain(value)
  } catch {
    return value
  }
}

function under(name: string, key: unknown): string {
  return `map("${name}"): the value under ${JSON.stringify(String(key))}`
}

function lostText(place: string, { path, className }: LostClass): string {
  const what = className === '' ? 'a class without a name' : className
  return (
    `${place} ${path === '' ? 'is' : `holds${path.startsWith(', ') ? path : ` at ${path}`}`} an instance of ${what}. ` +
    'A copy of it is none: methods, private fields or properties of its own are lost. What survives a process is ' +
    'plain data: set its fields, as { ...value } has them, and make the instance of what get(...) returns.'
  )
}
