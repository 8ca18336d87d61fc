// The result of a check, and the counts of what the file contains. Knows only data.
import { spansOf } from './chosen-spans.ts'
import type { History } from '../history/history.ts'
import type { Verdict } from '../verdict/verdict.ts'

/** A recorded history, and the verdict of a checker. */
export interface Checked {
  readonly file: string
  /** The checker: `linearizable(cas-register)`. */
  readonly invariant: string
  readonly history: History
  readonly verdict: Verdict
  /** What else to try. @default none */
  readonly hints?: readonly string[]
}

/** How many operations a history holds, and how they ended. */
export interface Counts {
  readonly operations: number
  readonly processes: number
  readonly ok: number
  readonly failed: number
  /** Operations with an unknown outcome. */
  readonly unknown: number
  /** Lines that are not an operation of a process. */
  readonly notRead: number
}

export function countsOf(history: History): Counts {
  const spans = spansOf(history)
  const ended = (kind: string): number => spans.filter(({ end }) => end?.kind === kind).length
  const [ok, failed] = [ended('ok'), ended('fail')]
  return {
    operations: spans.length,
    processes: new Set(spans.map(({ invoke }) => invoke.node)).size,
    ok,
    failed,
    unknown: spans.length - ok - failed,
    notRead: history.notes.length,
  }
}
