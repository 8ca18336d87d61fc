// A node with a capacity: who works, who waits, who is turned away. Places are given first come, first served. Whoever
// has one keeps it until its handler has answered, whether or not anybody still waits for that. A crash takes the
// places of a life and its queue with it; while a life is paused, nobody begins.
import type { QueueEvent } from '../history/history.ts'
import type { Capacity } from '../system/capacity.ts'
import type { Context, Life } from './context.ts'
import { isOver, onTheWay, type LinkCall } from './link-call.ts'
import { inInstance, instanceOf, type Node, type Places } from './node-state.ts'
import { hold } from './paused.ts'
import type { World } from './world.ts'

/** What becomes of a request; one of the two is called, once. */
interface Admission {
  /** Its work is done but for what its handler does; `release`: its handler has answered. */
  begin(release: () => void): void
  refuse(): void
}

/** A request has arrived: it gets a place now or later, or is turned away. */
export function admit(world: World, call: LinkCall, served: Context, capacity: Capacity, admission: Admission): void {
  const { life } = served
  const places = placesOf(call.target, life)
  const { waiting } = places
  const { queue = Infinity, serviceMs = 0 } = capacity
  const told = (step: QueueEvent['step'], more: Pick<QueueEvent, 'ahead' | 'left'> = {}): void => {
    const event = { kind: 'queue', node: life.node, cause: served.cause, step, ...more } as const
    world.record(inInstance(call.target, life, event))
  }
  const handle = (): void => {
    if (!life.dead && !hold(life, handle)) admission.begin(() => releaseLater(world, call, places, served))
  }
  const work = (): void => {
    if (serviceMs === 0) handle()
    else onTheWay(world, call, 'work', serviceMs, handle)
  }
  if (places.busy < capacity.concurrent) {
    places.busy += 1
    return work()
  }
  if (waiting.length >= queue) {
    told('refused')
    return admission.refuse()
  }
  told('waits', { ahead: waiting.length })
  waiting.push(() => {
    told('begins', isOver(call) ? { left: true } : {})
    work()
  })
  if (!world.healed) noteLength(world, call.target, places, life)
}

function placesOf(node: Node, life: Life): Places {
  const instance = instanceOf(node, life)
  const byLife = (instance.places ??= new Map<Life, Places>())
  const known = byLife.get(life)
  if (known !== undefined) return known
  const places: Places = { busy: 0, waiting: [], shortest: Infinity, shortestSinceMs: 0 }
  byLife.set(life, places)
  return places
}

/** A handler has answered: the place is free at the end of the drain, so that microtask order shows nowhere. */
function releaseLater(world: World, call: LinkCall, places: Places, served: Context): void {
  world.outbox.push({ id: `${served.id} place`, send: () => release(world, call, places, served.life) })
}

/** Who waits longest takes over the place. */
function release(world: World, call: LinkCall, places: Places, life: Life): void {
  const next = places.waiting.shift()
  if (next === undefined) {
    places.busy -= 1
    return
  }
  noteLength(world, call.target, places, life)
  const begin = (): void => {
    if (!life.dead && !hold(life, begin)) next()
  }
  onTheWay(world, call, 'place', 0, begin)
}

/**
 * A queue that gets shorter is a change: nothing goes round in circles until all who wait have had their turn. So is
 * one that gets longer while faults last, since it decides what is left after them. After healing it may grow for ever.
 */
function noteLength({ lasso, nowMs, healed }: World, node: Node, places: Places, life: Life): void {
  const { length } = places.waiting
  if (places.shortestSinceMs < lasso.sinceMs) places.shortest = Infinity
  if (healed && length >= places.shortest) return
  places.shortest = Math.min(length, places.shortest)
  places.shortestSinceMs = nowMs
  lasso.went(`queue of ${node.name} ${life.instance ?? 0}`, length)
}
