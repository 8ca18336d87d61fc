// A platform such as AWS Lambda freezes a process once it has answered, until its next request: timers, replies and
// real work that it has not waited for stand still. Nobody is told, and it is lost where no request comes.
import { isDead, type Context } from './context.ts'
import { openCallsOf } from './hang-up.ts'
import type { World } from './world.ts'

/** Freezes the process of a context, unless it works on another request. */
export function freezeBetweenRequests(world: World, context: Context): void {
  const { life } = context
  if (isDead(life) || life.frozen !== undefined) return
  for (const serving of world.serving) if (serving.context.life === life) return
  life.frozen = []
  if (world.timers.keepsAlive(life) || openCallsOf(world, life).length > 0)
    world.note(answerIn(world, context), 'then frozen, with work undone')
}

/** The event of the answer that has just left. */
function answerIn({ events }: World, { cause }: Context): number {
  return events.findLast((event) => event.kind === 'send' && event.request >= 0 && event.cause === cause)?.seq ?? cause
}
