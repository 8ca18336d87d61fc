// What is done with a world once its history is over: nothing that still runs natively belongs to a history any more.
import { loopTurns } from './drain.ts'
import { livesOf } from './node-state.ts'
import type { World } from './world.ts'

/** What nobody committed is not the truth. */
export function undoUncommitted(world: World): void {
  for (const node of world.nodes.values()) {
    for (const life of livesOf(node)) {
      life.dead = true
      for (const store of world.stores) store.crash(life, false)
    }
  }
}

/** What outlives a history, such as a pool of connections, is closed: that is nobody's doing any more. */
export async function closeAll(world: World): Promise<void> {
  for (const client of world.clients) client.dead = true
  for (const node of world.nodes.values()) for (const life of livesOf(node)) life.dead = true
  if (world.close?.() === true) await new Promise<void>((resolve) => loopTurns(resolve))
}
