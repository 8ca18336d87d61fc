// What `--model NAME` asks: the one place that gives names to checkers of recorded histories.
import { monotonicReads } from './check/session/monotonic-reads.ts'
import { monotonicWrites } from './check/session/monotonic-writes.ts'
import { readYourWrites } from './check/session/read-your-writes.ts'
import { writesFollowReads } from './check/session/writes-follow-reads.ts'
import type { Invariant } from './verdict.ts'

/** Checkers that need nothing but a recorded history, by the name of their model. */
export const checksByName: ReadonlyMap<string, Invariant> = new Map([
  ['read-your-writes', readYourWrites()],
  ['monotonic-reads', monotonicReads()],
  ['monotonic-writes', monotonicWrites()],
  ['writes-follow-reads', writesFollowReads()],
])
