// Makes clocks wrong where a delivery asks for it: they jump, or run at another pace from now on.
import { addressId } from '../scenario/address-text.ts'
import type { Address } from '../scenario/address.ts'
import type { Delivery } from '../scenario/fault/delivery.ts'
import { nameOnLinks, type Life } from './context.ts'
import { drift } from './timer-drift.ts'
import type { World } from './world.ts'

/** Makes the clock of a life jump, or run at another pace from now on, if the delivery asks for it. */
export function misleadClock(world: World, delivery: Delivery, life: Life): void {
  jumpClock(world, delivery, life)
  drift(world, delivery, life)
}

/** Makes the wall clock of a life jump, now or later, if the delivery asks for it. */
export function jumpClock(world: World, { jumps }: Delivery, life: Life): void {
  for (const { node, byMs, afterMs = 0 } of jumps) {
    if (node !== nameOnLinks(life)) continue
    const step = (): void => life.clock.jump(byMs)
    if (afterMs === 0) step()
    else world.scheduler.add(world.nowMs + afterMs, () => world.healed || step(), 'background')
  }
}

/** Starts the clock of a machine, which may be wrong from the beginning. */
export function startClock(world: World, at: () => Address, life: Life): void {
  const { delivery, faults } = world.ask(
    () => addressId(at()),
    () => ({ kind: 'boot', address: at(), nodes: [nameOnLinks(life)] }),
  )
  if (faults.length === 0) return
  world.struck(faults, life.node, -1)
  misleadClock(world, delivery, life)
}
