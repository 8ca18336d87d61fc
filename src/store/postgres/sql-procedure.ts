// A procedure that asks a database in several statements, written once for one that answers at once and one that
// answers later: it yields SQL, and is given the rows.

/** The rows of one or more statements, each value as text. */
export type TextRows = readonly (readonly (string | null)[])[]

/** Such a procedure. */
export type SqlProcedure<T> = Generator<string, T, TextRows>

/** Carries it out where the database answers at once. */
export function carriedOutAtOnce<T>(procedure: SqlProcedure<T>, ask: (sql: string) => TextRows): T {
  let next = procedure.next()
  while (next.done !== true) next = procedure.next(ask(next.value))
  return next.value
}

/** Carries it out where the database answers later. */
export async function carriedOutLater<T>(
  procedure: SqlProcedure<T>,
  ask: (sql: string) => Promise<TextRows>,
): Promise<T> {
  let next = procedure.next()
  while (next.done !== true) next = procedure.next(await ask(next.value))
  return next.value
}
