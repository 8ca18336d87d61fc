// What is addressed to a paused life (replies, timers, body reads, requests) waits until it goes on, each a step of its
// own, in the order in which it came. Whoever holds something judges anew when it comes: by then its life may be dead,
// paused again, or no longer waiting for it.
import type { Life } from './context.ts'
import type { Scheduler } from './scheduler.ts'

/** Whether a life is paused; then `run` is called once it has gone on. */
export function hold(life: Life, run: () => void): boolean {
  if (life.paused === undefined) return false
  life.paused.held.push(run)
  return true
}

/** The pause is over, because the life goes on or because it died. */
export function wake(scheduler: Scheduler, life: Life): void {
  const { paused } = life
  if (paused === undefined) return
  life.paused = undefined
  scheduler.cancel(paused.end)
  for (const run of paused.held) scheduler.add(scheduler.nowMs, run)
}
