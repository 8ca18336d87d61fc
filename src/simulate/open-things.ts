// What processes open and close again: sockets, timers, locks. Kept only where an invariant asks for it, since it takes
// the stack of each; what is left is looked up once, when the history ends.
import type { Leftover, Leftovers } from '../history/leftover.ts'
import { isDead, type Context, type OpenedThing } from './context.ts'
import { installListeners, userFrames, userLine } from './globals.ts'
import type { World } from './world.ts'

/** Lets a world hear of what is opened. */
export function watchOpenThings(world: World): OpenThings {
  installListeners()
  const things = new OpenThings()
  world.opened = (context, thing) => things.opened(context, thing)
  world.timers.opened = world.opened
  return things
}

interface Open extends OpenedThing {
  readonly context: Context
}

/** All that is open in one history. */
export class OpenThings {
  readonly #open = new Set<Open>()
  #opened = 0
  readonly #numbers = new Map<object, number>()

  /** Returns what is called when it is closed. */
  opened(context: Context, thing: OpenedThing): () => void {
    const entry: Open = { ...thing, context }
    const { key } = thing
    if (key !== undefined)
      for (const one of this.#open) if (key.every((part, at) => part === one.key?.[at])) this.#open.delete(one)
    this.#open.add(entry)
    if (context.invocation >= 0) this.#opened += 1
    return () => void this.#open.delete(entry)
  }

  /** What is open now; looked up before lives end with the history. */
  left(): { readonly leftovers: Leftovers } {
    const open = [...this.#open].filter(({ context, isLeft }) => !isDead(context.life) && isLeft?.() !== false)
    return { leftovers: { opened: this.#opened, left: open.map((one) => this.#leftoverOf(one)) } }
  }

  #leftoverOf({ kind, what, caller, on, usedBy, context: { life, invocation } }: Open): Leftover {
    const at = userLine(caller)
    const last = usedBy?.() ?? invocation
    const { node, instance = 1, incarnation } = life
    const name = [node, instance, incarnation, kind, what, this.#numberOf(on), userFrames(caller)].join(' ')
    return {
      kind,
      what,
      node,
      invocation,
      ...(last === invocation ? {} : { usedBy: last }),
      ...(at && { at }),
      class: name,
    }
  }

  #numberOf(on: object | undefined): number {
    if (on === undefined) return 0
    const number = this.#numbers.get(on) ?? this.#numbers.size + 1
    this.#numbers.set(on, number)
    return number
  }
}
