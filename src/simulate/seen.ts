// What a simulation looks for only where an invariant asks for it, since it costs something in every step.
import type { EffectSource, RowsSource } from '../history/effect.ts'
import type { System } from '../system/system.ts'

/** What is looked for. */
export interface Seen {
  /** What processes leave open. */
  readonly leftovers: boolean
  /** How many bytes each body has. */
  readonly bytes: boolean
}

/** What the invariants of a system ask for. */
export function seenBy({ invariants }: Pick<System, 'invariants'>): Seen {
  return {
    leftovers: invariants.some(({ seesLeftovers }) => seesLeftovers),
    bytes: invariants.some(({ seesBytes }) => seesBytes),
  }
}

/** The rows among these sources: those of which an invariant asks when they appeared are read after every commit. */
export function rowsIn(
  sources: readonly EffectSource[],
  { invariants }: Pick<System, 'invariants'>,
): readonly RowsSource[] {
  const timed = new Set(invariants.flatMap(({ seesCommits, effects }) => (seesCommits === true ? effects : [])))
  return sources.flatMap((source) =>
    source.from !== 'rows' ? [] : [timed.has(source) ? { ...source, everyCommit: true } : source],
  )
}
