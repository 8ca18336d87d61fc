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
/** Requests whose callers have left: tells who listens only then. */
const departed = new WeakMap<object, (late: Listener) => void>()

/** Calls `left` in its context once the caller of a request has left; at once, where that was heard before. */
export function whenLeft(request: object, context: Context, left: () => void): void {
  const [listener, known, hear] = [{ context, left }, listeners.get(request), departed.get(request)]
  if (hear !== undefined) hear(listener)
  else if (known === undefined) listeners.set(request, [listener])
  else known.push(listener)
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
  if (typeof request !== 'object' || request === null) return
  const atMs = world.nowMs + latencyMs
  const isCut = (): boolean => world.conditions?.cuts(call.step.from, call.step.to, world.nowMs) === true
  const tellLater = (heard: readonly Listener[]): void =>
    onTheWay(world, call, 'end', Math.max(0, atMs - world.nowMs), () => {
      if (!isCut()) for (const listener of heard) tell(world, listener)
    })
  departed.set(request, (late) => {
    if (world.nowMs <= atMs || isCut()) tellLater([late])
    else late.left()
  })
  const heard = listeners.get(request)
  if (heard !== undefined) tellLater(heard)
}

function tell(world: World, listener: Listener): void {
  const { context, left } = listener
  if (isDead(context.life) || hold(context.life, () => tell(world, listener))) return
  world.running = context
  within(context, left)
}
