// The lines that nodes printed, as rows of the story at their time and node. Must not know the page.
import { clip, printable } from './ink.ts'
import { placed } from './places.ts'
import type { Row } from './row.ts'
import type { Trail } from './trail.ts'

const longestLine = 100

/** The rows of a history, in order, with a row for each printed line behind what had happened by then. */
export function withPrinted(trail: Trail, rows: readonly Row[]): readonly Row[] {
  const lines = trail.history.notes.flatMap((note) => (note.printed === undefined ? [] : [{ note, ...note.printed }]))
  if (lines.length === 0) return rows
  const merged: Row[] = []
  let next = 0
  for (const { note, node, atMs, after } of lines) {
    for (let row = rows[next]; row !== undefined && row.seq <= after; row = rows[++next]) merged.push(row)
    const event = trail.event(note.event)
    const text = clip(printable(trail.text(note.text.split('\n')[0] ?? '')), longestLine)
    const row: Row = {
      seq: note.event,
      atMs,
      shape: { kind: 'point', node, sign: '.', pieces: [{ text, tone: 'dim' }] },
      notes: [],
      weight: 0,
      isPrinted: true,
      tellsEnd: false,
      root: event === undefined ? undefined : trail.rootOf(event),
    }
    merged.push(placed(trail, row))
  }
  return [...merged, ...rows.slice(next)]
}
