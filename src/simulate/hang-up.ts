// A process ends while its machine goes on: the operating system closes its connections. Who waits for it gets a reset,
// one leg later, and not the silence that follows the loss of a machine; whoever works for it hears that it has left.
import type { Delivery } from '../scenario/fault/delivery.ts'
import type { Life } from './context.ts'
import { leaveLater } from './give-up.ts'
import { failCall, isCutFromCaller, onTheWay, type LinkCall } from './link-call.ts'
import { leaveBodies } from './relay.ts'
import { latencyMs, type World } from './world.ts'

/** What link.ts keeps in a world. It imports this file, so that it cannot be asked itself. */
interface Calls {
  open(): readonly LinkCall[]
  madeBy(life: Life): readonly LinkCall[]
}

function callsOf({ links }: World): Calls {
  return links as Calls // nothing else is kept there
}

/** The calls of a life that nobody has answered. */
export function openCallsOf(world: World, life: Life): readonly LinkCall[] {
  return callsOf(world).madeBy(life)
}

/** Lives whose connections were closed as they died. */
const hungUp = new WeakSet<Life>()

/** An answer was ready as its life died: it does not leave any more, and its connection is closed as the others are. */
export function answerDies(world: World, call: LinkCall, life: Life): void {
  if (hungUp.has(life)) resetByEnd(world, call)
}

/** Closes the connections of a life that has just died. */
export function hangUp(world: World, life: Life): void {
  hungUp.add(life)
  const links = callsOf(world)
  const served = new Set<unknown>()
  for (const { context, request } of world.serving) if (context.life === life) served.add(request)
  for (const call of links.open()) if (served.has(call.wire.request)) resetByEnd(world, call)
  for (const call of links.madeBy(life)) leaveLater(world, call)
  leaveBodies(life)
}

/** The same for one call, whose request or reply was just with the node that ended. False where nothing was closed. */
export function hangUpOn(world: World, call: LinkCall, { crashes }: Delivery): boolean {
  const closes = crashes.some(({ node, hangsUp }) => node === call.target.name && hangsUp === true)
  if (closes) resetByEnd(world, call)
  return closes
}

function resetByEnd(world: World, call: LinkCall): void {
  onTheWay(world, call, 'reset', latencyMs, () => {
    if (!isCutFromCaller(world, call)) failCall(world, call, 'reset')
  })
}
