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
  const told = new Set<string>()
  let next = 0
  for (const { note, node, atMs, after, hint } of lines) {
    for (let row = rows[next]; row !== undefined && row.seq <= after; row = rows[++next]) merged.push(row)
    const event = trail.event(note.event)
    const text = clip(printable(trail.text(note.text.split('\n')[0] ?? '')), longestLine)
    // What the report gives a hint for is an end, where it is first told
    const isEnd = hint !== undefined && !told.has(hint)
    if (isEnd) told.add(hint)
    const row: Row = {
      seq: note.event,
      atMs,
      shape: { kind: 'point', node, sign: '.', pieces: [{ text, tone: 'dim' }] },
      notes: [],
      weight: 0,
      ...(isEnd ? { isHinted: true } : { isPrinted: true }),
      tellsEnd: isEnd,
      root: event === undefined ? undefined : trail.rootOf(event),
    }
    merged.push(placed(trail, row))
  }
  return [...merged, ...rows.slice(next)]
}
