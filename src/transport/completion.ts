// A completion: what an asynchronous answer of the platform becomes in a simulation, a step of its own.
import { current, isDead, neverSettles } from '../simulate/context.ts'
import type { World } from '../simulate/world.ts'

/** Passes on what a native promise gives, as a step of its own; outside a simulation, as it is. */
export function completion<T>(result: Promise<T>): Promise<T> {
  const context = current()
  if (context === undefined) return result
  if (isDead(context.life)) return neverSettles()
  result.catch(() => undefined) // handled below, a step later
  return (context.host as World).later(context, () => result) // the only Host that lends contexts is a World
}
