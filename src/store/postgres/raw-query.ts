// Statements of the adapter's own, in PostgreSQL's simple query protocol: they are done when the call returns, so that
// nothing comes between them.
import { inEngine } from './engine-host.ts'
import { cutMessages, errorIn, message, rowIn } from './messages.ts'
import type { Pglite } from './pglite.ts'

/**
 * Carries out one or more statements, which are one transaction where none of them says otherwise.
 *
 * @returns the rows of all of them, each value as text
 * @throws with PostgreSQL's own words where one of them fails
 */
export function rawQuery(db: Pglite, sql: string): readonly (readonly (string | null)[])[] {
  const rows: (readonly (string | null)[])[] = []
  let failure: string | undefined
  const answer = inEngine(() => db.execProtocolRawSync(message('Q', sql)))
  for (const { kind, body } of cutMessages(answer).messages) {
    if (kind === 'D') rows.push(rowIn(body))
    else if (kind === 'E') failure ??= errorIn(body).get('M') ?? 'an error without words'
  }
  if (failure !== undefined) throw new Error(failure)
  return rows
}
