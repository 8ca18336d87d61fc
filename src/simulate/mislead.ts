// Clocks that go wrong: they jump, or run at another pace from now on, where a delivery says so.
import { addressId } from '../scenario/address-text.ts'
import type { Address } from '../scenario/address.ts'
import type { Delivery } from '../scenario/fault/delivery.ts'
import type { Life } from './context.ts'
import { drift } from './timer-drift.ts'
import type { World } from './world.ts'

/** Makes the clock of a life jump, or run at another pace from now on, if the delivery says so. */
export function misleadClock(world: World, delivery: Delivery, life: Life): void {
  world.jump(delivery, life)
  drift(world, delivery, life)
}

/** A machine starts: its clock may be wrong from the beginning. */
export function startClock(world: World, address: Address, life: Life): void {
  const { delivery, faults } = world.ask(
    () => addressId(address),
    () => ({ kind: 'boot', address, nodes: [address.to] }),
  )
  world.struck(faults, life.node, -1)
  misleadClock(world, delivery, life)
}
