// A caller leaves: it closed its connection, or aborted its request. Its server hears of it one leg later, if anybody
// there listens.
import { within, isDead, type Context } from './context.ts'
import { hasEnded, isOver, onTheWay, type LinkCall } from './link-call.ts'
import { hold } from './paused.ts'
import { latencyMs, type World } from './world.ts'

interface Listener {
  readonly context: Context
  readonly left: () => void
}

/** By request: each of its copies is served on its own. */
const listeners = new WeakMap<object, Listener[]>()

/** Calls `left` in its context once the caller of a request has left. */
export function whenLeft(request: object, context: Context, left: () => void): void {
  const known = listeners.get(request)
  if (known === undefined) listeners.set(request, [{ context, left }])
  else known.push({ context, left })
}

/** The caller waits no more, by its own decision. */
export function giveUp(world: World, call: LinkCall): void {
  if (isOver(call)) return
  call.settled = true
  hasEnded(world, call, 'given up')
  leaveLater(world, call)
}

/** The server hears, one leg later, that its caller has left; by whatever way that happened. */
export function leaveLater(world: World, call: LinkCall): void {
  const { request } = call.wire
  const heard = typeof request === 'object' && request !== null ? listeners.get(request) : undefined
  if (heard === undefined) return
  onTheWay(world, call, 'end', latencyMs, () => {
    if (world.conditions?.cuts(call.step.from, call.step.to, world.nowMs) === true) return
    for (const listener of heard) tell(world, listener)
  })
}

function tell(world: World, listener: Listener): void {
  const { context, left } = listener
  if (isDead(context.life) || hold(context.life, () => tell(world, listener))) return
  world.running = context
  within(context, left)
}
