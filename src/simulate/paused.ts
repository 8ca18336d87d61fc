// Pausing a life: replies, timers, body reads and requests that are addressed to it are held, and run after it resumes,
// each as a step of its own, in the order in which they came. By then the life may be dead, paused again or no longer
// interested, so the held function has to check again. A life that its platform freezes between two requests holds the
// same until the next one.
import type { Life } from './context.ts'
import type { Scheduler } from './scheduler.ts'

/** Holds `run` until the life resumes. Returns false where the life is not paused: then the caller goes on itself. */
export function hold(life: Life, run: () => void): boolean {
  const held = life.paused?.held ?? life.frozen
  held?.push(run)
  return held !== undefined
}

/** Whether what is addressed to a life waits. */
export function isHeld({ paused, frozen }: Life): boolean {
  return paused !== undefined || frozen !== undefined
}

/** A request has come for a life that was frozen: it goes on. */
export function thaw(scheduler: Scheduler, life: Life): void {
  const { frozen = [] } = life
  life.frozen = undefined
  for (const run of frozen) scheduler.add(scheduler.nowMs, run)
}

/** Ends a pause, because the life resumes or because it died. */
export function wake(scheduler: Scheduler, life: Life): void {
  const { paused } = life
  if (paused === undefined) return
  life.paused = undefined
  scheduler.cancel(paused.end)
  for (const run of paused.held) scheduler.add(scheduler.nowMs, run)
}
