// Effects that have a time in every history: entries in journals, requests that an outside stub accepted, and rows that
// are read after every commit. Other rows, and views, are read at the end, and have none while a test explores.
import type { EffectSource } from '../history/effect.ts'
import type { EffectEvent, History } from '../history/history.ts'

/** The events of one effect, in order. */
export function effectEventsOf({ events }: History, name: string): readonly EffectEvent[] {
  return events.filter((event): event is EffectEvent => event.kind === 'effect' && event.effect === name)
}

/** @throws if the effect has no time @param of the checker's name, for the error */
export function assertHasTimes(of: string, { from, name }: EffectSource): void {
  if (from === 'journal' || from === 'requests') return
  throw new Error(
    `${of}: "${name}" is read from ${from === 'rows' ? 'rows' : 'a view'}, which has no time. Add a journal entry ` +
      'where it happens: journal(name).add(value).',
  )
}

/** An effect, when it was first there. */
export interface Appeared {
  readonly value: unknown
  readonly atMs: number
  /** `seq` of the event that made it; -1 for a row that was there at the start. */
  readonly seq: number
}

/** When each effect appeared; of rows, the same row in each snapshot that has it. */
export function appearancesOf(history: History, { from, name }: EffectSource): readonly Appeared[] {
  if (from !== 'rows') return effectEventsOf(history, name)
  return (history.snapshots ?? []).flatMap(({ effect, rows, atMs, event }) =>
    effect === name ? rows.map((value) => ({ value, atMs, seq: event })) : [],
  )
}

/** @throws if the effect has no time, not even after each commit @param of the checker's name, for the error */
export function assertAppears(of: string, source: EffectSource): void {
  if (source.from !== 'rows') return assertHasTimes(of, source)
  if (source.everyCommit !== true)
    throw new Error(
      `${of}: the rows "${source.name}" are read at the end only, and have no time. Give ` +
        `rows("${source.name}", ..., { everyCommit: true }).`,
    )
}
