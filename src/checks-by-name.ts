// What `--model NAME` asks: the one place that gives names to checkers of recorded histories.
import type { Invariant } from './verdict.ts'

/** Checkers that need nothing but a recorded history, by the name of their model. */
export const checksByName: ReadonlyMap<string, Invariant> = new Map([])
