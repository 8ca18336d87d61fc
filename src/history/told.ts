// How long answers asked their callers to wait: what the Retry-After of a fault said. Pure functions of a history.
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { InjectedAnswer } from '../scenario/fault/delivery.ts'
import type { HistoryEvent } from './history.ts'

/** What an answer said. */
export interface Told {
  /** As Retry-After had it: so many seconds, in milliseconds. Absent where it had a date. */
  readonly waitMs?: number
  /** From when on another request is welcome, in milliseconds of virtual time. */
  readonly untilMs: number
}

/** By `seq` of the request. */
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

/** In whole seconds, and dates too: virtual time starts with one. */
function toldBy(retryAfterMs: number, dated: boolean, nowMs: number): Told {
  const seconds = (ms: number): number => Math.ceil(ms / 1_000) * 1_000
  if (dated) return { untilMs: seconds(nowMs + retryAfterMs) }
  return { waitMs: seconds(retryAfterMs), untilMs: nowMs + seconds(retryAfterMs) }
}

/**
 * When everything should work again: so long after healing, and after the patience that somebody was asked for before.
 * Undefined before healing.
 */
export function recoveredAt(events: readonly HistoryEvent[], recoveryMs: number): number | undefined {
  const heal = events.find(({ kind }) => kind === 'heal')
  if (heal === undefined) return undefined
  return Math.max(heal.atMs, ...Array.from(toldIn(events).values(), ({ untilMs }) => untilMs)) + recoveryMs
}
