// Timer clocks that run fast or slow, from a fault until its end or until healing. Timers that are already armed
// follow: they are due by the node's clock, not by virtual time.
import { paceOf, type Delivery } from '../scenario/fault/delivery.ts'
import type { Clock, Drifting } from './clock.ts'
import { nameOnLinks, type Life } from './context.ts'
import type { World } from './world.ts'

/** Changes the pace of a node's timer clock if the delivery says so. Several drifts add up. */
export function drift(world: World, { drifts }: Delivery, life: Life): void {
  for (const { node, ppm, forMs } of drifts)
    if (node === nameOnLinks(life) && !world.healed) begin(world, life.clock, ppm, forMs)
}

function begin(world: World, clock: Clock, ppm: number, forMs: number | undefined): void {
  const end =
    forMs === undefined
      ? undefined
      : world.scheduler.add(world.nowMs + forMs, () => stop(world, drifting), 'background')
  const drifting: Drifting = { clock, ppm, end }
  world.drifting.add(drifting)
  setPace(world, clock)
}

function stop(world: World, drifting: Drifting): void {
  if (drifting.end !== undefined) world.scheduler.cancel(drifting.end)
  world.drifting.delete(drifting)
  setPace(world, drifting.clock)
}

/** Healing: drift stops. The error that clocks have by then remains. */
export function steadyClocks(world: World): void {
  for (const drifting of [...world.drifting]) stop(world, drifting)
}

function setPace(world: World, clock: Clock): void {
  let ppm = 0
  for (const drifting of world.drifting) if (drifting.clock === clock) ppm += drifting.ppm
  const pace = paceOf(ppm)
  if (pace === clock.pace) return
  const factor = clock.pace / pace
  clock.run(world.nowMs, pace)
  world.timers.stretch(clock, factor)
}
