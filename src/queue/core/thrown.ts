// What a consumer threw: a line of its node, and what the report says of it, with the line of code. Knows no protocol.
import { describeError } from '../../plain/describe-error.ts'
import { isDead, type Context } from '../../simulate/context.ts'
import { blame } from '../../simulate/globals/user-frame.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { World } from '../../simulate/world.ts'

/**
 * A consumer threw. `how`: what did, as in `queue()`; `then`: what came of it, as part of a sentence.
 *
 * @throws the error, where that is of the set-up
 */
export function tellThrown(context: Context, error: unknown, how: string, then: string): void {
  if (error instanceof SetupError) throw error
  if (isDead(context.life)) return
  const world = context.host as World // the only Host that lends contexts is a World
  const words = describeError(error)
  const { node } = context.life
  world.notes.push({
    event: context.cause,
    text: `${how} threw ${words}`,
    printed: {
      node,
      atMs: world.nowMs,
      after: world.events.length - 1,
      // To read a stack costs as much as all else of a call, and few ask
      get hint() {
        const at = error instanceof Error ? blame(error)?.at : undefined
        return `"${node}" threw ${words}${at === undefined ? '' : ` at ${at}`}, so that ${then}`
      },
    },
  })
}
