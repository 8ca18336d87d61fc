// Timer clocks that run fast or slow, from a fault until healing. Armed timers follow: they are due on their clock, not on ours.
import type { Passage } from '../fault/spec.ts'
import type { Clock } from './clock.ts'
import type { Life } from './context.ts'
import type { World } from './world.ts'

/** Changes the pace of a node's timer clock as a passage tells; several drifts add up. */
export function drift(world: World, { drifts }: Passage, { node: name, clock }: Life): void {
  for (const { node, ppm } of drifts) if (node === name) setPace(world, clock, clock.pace + ppm / 1_000_000)
}

/** Healing: drift stops. What has run apart stays apart. */
export function steadyClocks(world: World): void {
  for (const clock of world.clocks()) setPace(world, clock, 1)
}

/** A clock never stands still, or its timers would never come due. */
const slowestPace = 0.1

function setPace(world: World, clock: Clock, wanted: number): void {
  const pace = Math.max(wanted, slowestPace)
  if (pace === clock.pace) return
  const factor = clock.pace / pace
  clock.run(world.nowMs, pace)
  world.timers.stretch(clock, factor)
}
