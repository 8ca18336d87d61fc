// How long answers asked their callers to wait, from the Retry-After of faults. Pure functions of a history.
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { InjectedAnswer } from '../scenario/fault/delivery.ts'
import type { HistoryEvent } from './history.ts'

/** The Retry-After of an answer. */
export interface Told {
  /** The seconds of Retry-After, in milliseconds. Absent if it had a date. */
  readonly waitMs?: number
  /** The time from which on another request is allowed, in milliseconds of virtual time. */
  readonly untilMs: number
}

/** The Retry-After of each answer, by `seq` of the request. */
export function toldIn(events: readonly HistoryEvent[]): ReadonlyMap<number, Told> {
  const answers = new Map<number, InjectedAnswer>()
  const told = new Map<number, Told>()
  for (const event of events) {
    if (event.kind === 'fault') {
      const { answer } = deliveryOf([event.fault])
      if (answer !== undefined) answers.set(event.cause, answer)
    } else if (event.kind === 'send' && event.request !== -1) {
      const answer = answers.get(event.request)
      if (answer?.status === event.status && answer.retryAfterMs !== undefined)
        told.set(event.request, toldBy(answer.retryAfterMs, answer.dated === true, event.atMs))
    }
  }
  return told
}

/**
 * Rounds up to whole seconds, as the header does. Virtual time starts at a whole second, so this is right for dates,
 * too.
 */
function toldBy(retryAfterMs: number, dated: boolean, nowMs: number): Told {
  const seconds = (ms: number): number => Math.ceil(ms / 1_000) * 1_000
  if (dated) return { untilMs: seconds(nowMs + retryAfterMs) }
  return { waitMs: seconds(retryAfterMs), untilMs: nowMs + seconds(retryAfterMs) }
}

/**
 * When everything should work again: `recoveryMs` after healing, or after the latest Retry-After if that is later.
 * Undefined before healing.
 */
export function recoveredAt(events: readonly HistoryEvent[], recoveryMs: number): number | undefined {
  const heal = events.find(({ kind }) => kind === 'heal')
  if (heal === undefined) return undefined
  return Math.max(heal.atMs, ...Array.from(toldIn(events).values(), ({ untilMs }) => untilMs)) + recoveryMs
}
