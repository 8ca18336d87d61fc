// Turns: whoever explores in this worker does so alone, since all share stores, modules and the patched globals. Other
// tests wait (`describe.concurrent`). Must not know what is done in a turn.
import { AsyncLocalStorage } from 'node:async_hooks'

let last: Promise<unknown> = Promise.resolve()
const holders = new AsyncLocalStorage<true>()

/** Runs it once all earlier turns are over; at once inside a turn, as where a set-up simulates something itself. */
export function inTurn<T>(run: () => Promise<T>): Promise<T> {
  if (holders.getStore() === true) return run()
  const turn = last.then(() => holders.run(true, run))
  last = turn.catch(() => undefined) // the caller of this turn gets the error
  return turn
}
