// The queues of each history: made as they are first asked for, so that none begins with what another one left.
import type { World } from '../../simulate/world.ts'
import { LiveQueue, type QueueDefinition } from './live-queue.ts'

const known = new WeakMap<World, Map<QueueDefinition, LiveQueue>>()

/** A queue in a history. */
export function liveQueue(world: World, definition: QueueDefinition): LiveQueue {
  const queues = known.get(world) ?? new Map<QueueDefinition, LiveQueue>()
  known.set(world, queues)
  const live =
    queues.get(definition) ??
    new LiveQueue(
      world,
      definition,
      definition.deadLetters === undefined ? undefined : liveQueue(world, definition.deadLetters),
    )
  queues.set(definition, live)
  return live
}
