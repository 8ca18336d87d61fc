// What a fault does to the nodes at the ends of a message: they crash, they stop for a while, or their clocks go wrong.
// The faults decide; this file carries it out.
import type { Delivery } from '../scenario/fault/delivery.ts'
import type { Life } from './context.ts'
import { hangUp } from './hang-up.ts'
import { wake } from './paused.ts'
import { bootNode, crashLife, scheduleRestart, vacate } from './node.ts'
import { inInstance, instanceOf, livesOf, mayBeGone, type Node } from './node-state.ts'
import type { World } from './world.ts'

/** Crashes a life if the delivery says so. `running`: the life is in the middle of its synchronous code. */
export function crashMeant(
  world: World,
  { crashes }: Delivery,
  life: Life | undefined,
  cause: number,
  running = false,
): boolean {
  const meant = crashes.find((crash) => crash.node === life?.node)
  const node = meant && world.nodes.get(meant.node)
  if (meant === undefined || life === undefined || node?.boot === undefined || life.dead) return false
  const seq = crashLife(world, node, life, 'fault', cause, running)
  if (meant.hangsUp === true) hangUp(world, life)
  const instance = instanceOf(node, life)
  if (meant.forGood === true && mayBeGone(node, instance)) instance.gone = true
  else scheduleRestart(world, node, instance, meant.restartAfterMs, seq)
  if (world.healed) world.extent.expects(world.nowMs + meant.restartAfterMs)
  world.lasso.changed()
  return true
}

/** Pauses a life if the delivery says so. Of several pauses at one point, the longest counts. */
export function pauseMeant(world: World, { pauses }: Delivery, life: Life | undefined, cause: number): void {
  if (pauses.length === 0 || life === undefined || world.healed) return
  const meant = pauses.filter((pause) => pause.node === life.node)
  const node = world.nodes.get(life.node)
  if (meant.length === 0 || node?.boot === undefined || life.dead || life.paused !== undefined) return
  const forMs = Math.max(...meant.map((pause) => pause.forMs))
  const seq = world.record(
    inInstance(node, life, { kind: 'pause', node: node.name, cause, incarnation: life.incarnation }),
  )
  life.paused = { held: [], end: world.scheduler.add(world.nowMs + forMs, () => resume(world, node, life, seq)) }
  if (meant.some(({ replaced }) => replaced)) replace(world, node, life, seq)
}

/**
 * The process manager takes a paused life for dead, and starts another in its place. This happens at most once for a
 * life.
 */
function replace(world: World, node: Node, life: Life, cause: number): void {
  const instance = instanceOf(node, life)
  if (instance.life !== life && instance.starting !== life) return
  vacate(instance, life)
  instance.zombies.push(life)
  bootNode(world, node, instance, cause)
}

function resume(world: World, node: Node, life: Life, cause: number): void {
  if (life.paused === undefined) return
  world.record(inInstance(node, life, { kind: 'resume', node: life.node, cause, incarnation: life.incarnation }))
  world.lasso.changed()
  wake(world.scheduler, life)
}

/** Healing: every paused life goes on, also a zombie (one that was replaced while it was paused). */
export function resumeAll(world: World, cause: number): void {
  for (const node of world.nodes.values()) for (const life of livesOf(node)) resume(world, node, life, cause)
}
