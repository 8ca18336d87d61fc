// How long the faults at one leg go on, and how far they move a clock. Pure functions of the delivery; knows no kind.
import type { Delivery } from './delivery.ts'

/**
 * The longest time that anything begun at a leg lasts by itself, in milliseconds; 0 where nothing does. A clock that
 * was moved stays moved.
 */
export function reachOf(delivery: Delivery): number {
  const { delayMs, trickleMs = 0, answer, copies, crashes, pauses, deploys = [], begins = [], powerLost } = delivery
  return Math.max(
    delayMs,
    trickleMs,
    answer?.retryAfterMs ?? 0,
    powerLost === undefined ? 0 : powerLost.afterMs + powerLost.restartAfterMs,
    ...copies.map(({ afterMs }) => afterMs),
    ...crashes.map(({ restartAfterMs }) => restartAfterMs),
    ...pauses.map(({ forMs }) => forMs),
    ...deploys.map(({ graceMs, stillRoutedMs }) => Math.max(graceMs, stillRoutedMs)),
    ...begins.map(({ forMs = 0 }) => forMs),
  )
}

/** The largest step of a clock at a leg, forward or back, in milliseconds. */
export function largestStepOf({ jumps }: Delivery): number {
  return Math.max(0, ...jumps.map(({ byMs }) => Math.abs(byMs)))
}
