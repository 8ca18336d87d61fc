// The order of rows where a process had its turn between two statements of another: a step runs to its end before the
// next is recorded, and the story tells what happened in its place.
import { rootText } from '../scenario/address-text.ts'
import type { Row } from './row.ts'
import type { Trail } from './trail.ts'

/** The rows with each read that came before another process's change above it, and what led to that read above both. */
export function inOrder({ events }: Trail, rows: readonly Row[]): readonly Row[] {
  let ordered = rows
  for (const event of events) {
    if (event.kind !== 'store' || event.early === undefined) continue
    const from = ordered.findIndex(({ seq }) => seq === event.early)
    const end = ordered.findIndex(({ seq }) => seq === event.seq) + 1
    if (from < 0 || end <= from) continue
    const between = ordered.slice(from, end)
    const isOwn = ({ root }: Row): boolean => root !== undefined && rootText(root) === rootText(event.address.root)
    const others = between.filter((row) => !isOwn(row))
    ordered = [...ordered.slice(0, from), ...between.filter(isOwn), ...others, ...ordered.slice(end)]
  }
  return ordered
}
