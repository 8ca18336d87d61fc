// Finds messages whose arrival has a row of its own, because they were slow or came more than once. Knows histories
// only.
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { Arrive, HistoryEvent } from '../history/history.ts'
import type { Trail } from './trail.ts'

/** A message is slow if it took this many times as long as the quickest. */
const factor = 4

/** The `seq` of the sends of slow messages. */
export function slowMessages(trail: Trail): ReadonlySet<number> {
  const journeys = trail.events.flatMap((event) => journeyOf(trail, event))
  const quickest = Math.min(...journeys.map(({ ms }) => ms).filter((ms) => ms > 0), Number.MAX_VALUE)
  return new Set(
    journeys
      .filter(({ seq, ms }) => ms > quickest * factor || isDelayed(trail, seq) || (ms > quickest && isHeld(trail, seq)))
      .map(({ seq }) => seq),
  )
}

function journeyOf({ fateOf }: Trail, event: HistoryEvent): readonly { readonly seq: number; readonly ms: number }[] {
  const fate = event.kind === 'send' ? fateOf(event.seq) : undefined
  return fate?.kind === 'arrive' ? [{ seq: event.seq, ms: fate.atMs - event.atMs }] : []
}

function isDelayed({ faultsAt }: Trail, seq: number): boolean {
  return faultsAt.get(seq)?.some(({ fault }) => deliveryOf([fault]).delayMs > 0) ?? false
}

/** Whether the sender of a message paused before it could leave. */
function isHeld({ faultsAt }: Trail, seq: number): boolean {
  return faultsAt.get(seq)?.some(({ fault }) => deliveryOf([fault]).pauses.length > 0) ?? false
}

/** Whether an event is an arrival with a row of its own: that of a slow message, or of a further copy. */
export function hasLanding(trail: Trail, slow: ReadonlySet<number>, event: HistoryEvent): boolean {
  if (event.kind !== 'arrive' || trail.sendOf(event.cause) === undefined) return false
  return isCopied(trail, event) || slow.has(event.cause)
}

/** Whether this is not the first arrival of its message. */
export function isCopied({ fateOf }: Trail, { cause, seq }: Arrive): boolean {
  return fateOf(cause)?.seq !== seq
}
