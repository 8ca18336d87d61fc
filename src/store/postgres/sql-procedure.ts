// A procedure that asks a database in several statements, written once for one that answers at once and one that
// answers later: it yields SQL, and is given the rows.

/** The rows of one or more statements, each value as text. */
export type TextRows = readonly (readonly (string | null)[])[]

/** Such a procedure. It yields texts that need nothing of each other's answers, and is given the rows of each. */
export type SqlProcedure<T> = Generator<readonly string[], T, readonly TextRows[]>

/** Asks one thing. */
export function* rowsFor(sql: string): SqlProcedure<TextRows> {
  const [rows = []] = yield [sql]
  return rows
}

/** Carries it out where the database answers at once. */
export function carriedOutAtOnce<T>(procedure: SqlProcedure<T>, ask: (sql: string) => TextRows): T {
  let next = procedure.next()
  while (next.done !== true) next = procedure.next(next.value.map(ask))
  return next.value
}

/** Carries it out where the database answers later. */
export async function carriedOutLater<T>(
  procedure: SqlProcedure<T>,
  ask: (texts: readonly string[]) => Promise<readonly TextRows[]>,
): Promise<T> {
  let next = procedure.next()
  while (next.done !== true) next = procedure.next(await ask(next.value))
  return next.value
}
