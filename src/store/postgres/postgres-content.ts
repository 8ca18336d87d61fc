// The content of a PostgreSQL database: taken once, and put back before every history. Tables that a history touched
// are truncated, since rows that are only deleted leave gaps, and later rows would come in another order.
import type { TableRows } from '../../verdict/verdict.ts'
import { rowsFor, type SqlProcedure } from './sql-procedure.ts'

/** The content, and how to put it back. */
export interface PostgresContent {
  /** The rows of all tables as they are now, for `put`. */
  rows(): SqlProcedure<PostgresRows>
  /** The same as objects, by table. */
  byTable(): SqlProcedure<TableRows>
  /** Puts such rows in the place of those that are there. Sequences go on. */
  put(rows: PostgresRows): SqlProcedure<void>
  /**
   * Puts it back, where anything has changed since it was taken or put back. `sawSchemaChange`: tables may be others
   * now.
   */
  restore(sawSchemaChange: boolean): SqlProcedure<void>
  /** Fills every table anew, so that the first history finds what each later one finds. */
  fill(): SqlProcedure<void>
}

/** `INSERT ...` for each table that has rows. */
export type PostgresRows = readonly string[]

interface Table {
  /** Quoted, with its schema. */
  readonly name: string
  /** `INSERT ...` for its rows; undefined where it has none. */
  readonly rows: string | undefined
  /** How it is filled anew, where it holds the result of a query. */
  readonly refresh?: string
  /** The tables that refer to it, and those that refer to them: they are truncated with it. */
  readonly cascade: ReadonlySet<number>
}

/** A sequence and a statement that sets it. */
interface Sequence {
  readonly state: string
  readonly set: string
}

/** Takes the content of all tables and sequences of the user's. @throws where PostgreSQL refuses to read it */
export function* takeContent(): SqlProcedure<PostgresContent> {
  const tables = yield* tablesOf()
  const sequences = yield* sequencesOf()
  const changeMark = changeMarkQuery(sequences)
  const tableMarks = tableMarksQuery([...tables.keys()])
  const shape = yield* shapeOf()
  let change = yield* firstRow(changeMark)
  let before = yield* firstRow(tableMarks)
  function* refill(oids: readonly number[]): SqlProcedure<void> {
    const [, [changed = []] = [], [marks = []] = []] = yield [
      restoring(tables, oids, sequences),
      changeMark,
      tableMarks,
    ]
    change = changed.map(String)
    before = marks.map(String)
  }
  const stored = [...tables].filter(([, { refresh }]) => refresh === undefined)
  const views = [...tables.values()].flatMap(({ refresh }) => refresh ?? [])
  return {
    *rows() {
      const inserts: string[] = []
      for (const [oid, { name }] of stored) {
        const insert = yield* rowsOf(oid, name)
        if (insert !== undefined) inserts.push(insert)
      }
      return inserts
    },
    *byTable() {
      const all: Record<string, readonly unknown[]> = {}
      for (const [, { name }] of stored) {
        const rows = yield* rowsFor(`select to_jsonb(t)::text from only ${name} t`)
        all[name.replace(/^public\./, '')] = rows.map(([row]) => JSON.parse(String(row)) as unknown)
      }
      return all
    },
    *put(rows) {
      const emptied = stored.length === 0 ? [] : [`truncate ${stored.map(([, { name }]) => name).join(', ')}`]
      yield [unguarded([...emptied, ...rows, ...views])]
    },
    *restore(sawSchemaChange) {
      const found = yield* firstRow(changeMark)
      if (found.join() === change.join()) return
      if (sawSchemaChange && (yield* shapeOf()) !== shape)
        throw new Error(
          'a history changed its tables (CREATE, ALTER or DROP). Create them once, before the test: run the ' +
            'migrations in its set-up',
        )
      const now = yield* firstRow(tableMarks)
      const changed = [...tables.keys()].filter((_, index) => now[index] !== before[index])
      yield* refill(changed)
    },
    *fill() {
      yield* refill([...tables.keys()])
    },
  }
}

function* firstRow(sql: string): SqlProcedure<readonly string[]> {
  const [row = []] = yield* rowsFor(sql)
  return row.map(String)
}

/** The schemas that are not PostgreSQL's own. */
const own = "n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname not like 'pg_temp%'"

function* tablesOf(): SqlProcedure<ReadonlyMap<number, Table>> {
  const constraints = yield* rowsFor("select confrelid, conrelid from pg_constraint where contype = 'f'")
  const references = constraints.map(([to, from]) => [Number(to), Number(from)] as const)
  const tables = new Map<number, Table>()
  const found = yield* rowsFor(`select c.oid, format('%I.%I', n.nspname, c.relname), c.relkind from pg_class c
     join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'm') and ${own} order by c.oid`)
  for (const [oid, name, kind] of found) {
    const cascade: ReadonlySet<number> = new Set()
    const table = { name: String(name), cascade }
    if (kind === 'm')
      tables.set(Number(oid), { ...table, rows: undefined, refresh: `refresh materialized view ${name}` })
    else tables.set(Number(oid), { ...table, rows: yield* rowsOf(Number(oid), String(name)) })
  }
  for (const [oid, table] of tables) {
    const cascade = new Set([oid])
    for (const one of cascade) for (const [to, from] of references) if (to === one) cascade.add(from)
    tables.set(oid, { ...table, cascade })
  }
  return tables
}

/** One `INSERT` with all rows, in the order in which a scan meets them; undefined where there are none. */
function* rowsOf(oid: number, name: string): SqlProcedure<string | undefined> {
  const named = yield* rowsFor(`select quote_ident(attname) from pg_attribute where attrelid = ${oid} and attnum > 0 and
     not attisdropped and attgenerated = '' order by attnum`)
  const columns = named.map(([column]) => String(column))
  if (columns.length === 0) return undefined
  const list = columns.join(', ')
  const tuples = yield* rowsFor(`select format('(${columns.map(() => '%L').join(', ')})', ${list}) from only ${name}`)
  if (tuples.length === 0) return undefined
  return `insert into ${name} (${list}) overriding system value values ${tuples.map(([tuple]) => tuple).join(', ')}`
}

function* sequencesOf(): SqlProcedure<readonly Sequence[]> {
  const names = yield* rowsFor(`select format('%I.%I', n.nspname, c.relname) from pg_class c
     join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S' and ${own} order by c.oid`)
  const sequences: Sequence[] = []
  for (const [name] of names) {
    const [value, called] = yield* firstRow(`select last_value, is_called from ${name}`)
    sequences.push({
      state: `(select last_value || ' ' || is_called from ${name})`,
      set: `select setval(${literal(String(name))}, ${value}, ${called === 't'})`,
    })
  }
  return sequences
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** One row with a value for each table, which differs once that has been touched, whether or not it was committed. */
function tableMarksQuery(oids: readonly number[]): string {
  const marks = oids.map(
    (oid) =>
      `pg_relation_filenode(${oid}) || ' ' || pg_stat_get_tuples_inserted(${oid}) + ` +
      `pg_stat_get_tuples_updated(${oid}) + pg_stat_get_tuples_deleted(${oid})`,
  )
  return `select ${marks.join(', ') || '1'}`
}

/**
 * One row that differs once anything was written: every transaction that writes has a number, but taking the next value
 * of a sequence may be none. Besides, `random()` begins anew, and the counts of rows will be up to date.
 */
function changeMarkQuery(sequences: readonly Sequence[]): string {
  const all = [
    'pg_snapshot_xmax(pg_current_snapshot())',
    'setseed(0.5)',
    'pg_stat_force_next_flush()',
    ...sequences.map(({ state }) => state),
  ]
  return `select ${all.join(', ')}`
}

function restoring(
  tables: ReadonlyMap<number, Table>,
  changed: readonly number[],
  sequences: readonly Sequence[],
): string {
  const all = new Set(changed.flatMap((oid) => [...(tables.get(oid)?.cascade ?? [])]))
  const touched = [...all].flatMap((oid) => tables.get(oid) ?? [])
  const filled = touched.filter(({ refresh }) => refresh === undefined)
  return unguarded([
    ...(filled.length === 0 ? [] : [`truncate ${filled.map(({ name }) => name).join(', ')} restart identity`]),
    ...touched.flatMap(({ rows }) => rows ?? []),
    ...sequences.map(({ set }) => set),
    ...touched.flatMap(({ refresh }) => refresh ?? []),
  ])
}

/** Without triggers, and without foreign keys. */
function unguarded(statements: readonly string[]): string {
  const [off, on] = ['set session_replication_role = replica', 'set session_replication_role = default']
  return [off, ...statements, on].join('; ')
}

/** What tables there are, and their columns. */
function* shapeOf(): SqlProcedure<string> {
  const firstOfUsers = 16_384 // FirstNormalObjectId
  return JSON.stringify(
    yield* rowsFor(`select
       (select count(*) || ' ' || max(oid) from pg_class where oid >= ${firstOfUsers} and relpersistence <> 't'),
       (select count(*) from pg_attribute where attrelid >= ${firstOfUsers} and not attisdropped)`),
  )
}
