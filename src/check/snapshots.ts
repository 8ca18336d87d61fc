// Snapshots: the rows after each commit, for effects with `everyCommit`. Knows histories; must not know what a checker
// expects of them.
import type { Observed } from '../history/effect.ts'
import type { History, Snapshot } from '../history/history.ts'
import { canonical, encodeValue } from '../plain/value.ts'
import { shown } from './reason-words.ts'

/** The snapshots of an effect, in order. */
export function snapshotsOf({ snapshots = [] }: History, name: string): readonly Snapshot[] {
  return snapshots.filter(({ effect }) => effect === name)
}

/** The snapshots after the first operation began: what nodes write before that is set-up. */
export function snapshotsInUse(history: History, name: string): readonly Snapshot[] {
  const begunAt = history.events.find(({ kind }) => kind === 'invoke')?.seq ?? Infinity
  return snapshotsOf(history, name).filter(({ event }) => event > begunAt)
}

/** Each row at the first snapshot that has it when the one before did not. A row that changes appears again. */
export function appearancesOf(snapshots: readonly Snapshot[]): readonly Observed[] {
  const found: Observed[] = []
  let before = new Map<string, number>()
  for (const { rows, atMs, event } of snapshots) {
    const now = new Map<string, number>()
    for (const value of rows) {
      const id = idOf(value)
      const n = (now.get(id) ?? 0) + 1
      now.set(id, n)
      if (n > (before.get(id) ?? 0)) found.push({ value, atMs, event })
    }
    before = now
  }
  return found
}

function idOf(value: unknown): string {
  try {
    return canonical(encodeValue(value))
  } catch {
    return shown(value) // an instance of a class: its printed form identifies it
  }
}
