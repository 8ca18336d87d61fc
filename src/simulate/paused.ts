// Pausing a life: replies, timers, body reads and requests that are addressed to it are held, and run after it resumes,
// each as a step of its own, in the order in which they came. By then the life may be dead, paused again or no longer
// interested, so the held function has to check again.
import type { Life } from './context.ts'
import type { Scheduler } from './scheduler.ts'

/** Holds `run` until the life resumes. Returns false where the life is not paused: then the caller goes on itself. */
export function hold(life: Life, run: () => void): boolean {
  if (life.paused === undefined) return false
  life.paused.held.push(run)
  return true
}

/** Ends a pause, because the life resumes or because it died. */
export function wake(scheduler: Scheduler, life: Life): void {
  const { paused } = life
  if (paused === undefined) return
  life.paused = undefined
  scheduler.cancel(paused.end)
  for (const run of paused.held) scheduler.add(scheduler.nowMs, run)
}
