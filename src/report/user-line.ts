// The line of the user's code behind an event, short enough for the edge of the page. Must not know the page.
import type { HistoryEvent } from '../history/history.ts'
import { printable } from './ink.ts'
import { isClient } from './names.ts'
import type { Row } from './row.ts'
import type { Trail } from './trail.ts'

/**
 * The line that made a call or an effect. Not for what clients send: that line stands in the test, and where something
 * is sent again the margin says by which.
 */
export function codeOf({ detailAt }: Trail, event: HistoryEvent): Pick<Row, 'line'> {
  const at = event.kind === 'send' && isClient(event.node) ? undefined : detailAt.get(event.seq)?.at
  return at === undefined ? {} : { line: printable(shortLine(at)) }
}

/** `shop.ts:31` of `src/shop.ts:31`. */
export function shortLine(at: string): string {
  return at.slice(Math.max(at.lastIndexOf('/'), at.lastIndexOf('\\')) + 1)
}
