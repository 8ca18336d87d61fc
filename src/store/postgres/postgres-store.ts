// A PostgreSQL database as a store, embedded or a server of ours: what users say of it, checked.
import { assertNumber, assertOptions, assertType, foundWords } from '../../plain/options.ts'
import type { Store } from '../../system/store.ts'
import { isPglite, type Pglite } from './pglite.ts'
import { pgliteStore } from './pglite-store.ts'
import { serverStore } from './server/server-store.ts'
import { locksteps, type PostgresServer } from './server/start-postgres.ts'

/** Options of {@link postgres}. */
export interface PostgresOptions<D extends Pglite | PostgresServer = Pglite | PostgresServer> {
  /** Its name in stories and addresses. @default 'postgres' */
  readonly name?: string
  /**
   * Where drivers reach it: `host:port`, or a port on any host.
   *
   * @default '5432'
   */
  readonly at?: string
  /**
   * PGlite only. Allows a database in files: its content is replaced for each history, and restored at the end.
   *
   * @default false
   */
  readonly wipe?: boolean
  /**
   * PGlite only. Reads outside a transaction may be answered by a replica that lags, as where a driver or a proxy
   * shares reads out.
   *
   * @default false
   */
  readonly replica?: boolean
  /**
   * A server only. How many connections it takes: who asks for one more is told 53300.
   *
   * @default 100
   */
  readonly maxConnections?: number
  /** Writes, once, the content that every history starts from. @default the content that is found */
  readonly seed?: (db: D) => unknown
}

/**
 * A PostgreSQL for tests in the place of the one of production: PGlite, which runs inside the test, or a real server
 * from `startPostgres`. Code that uses it, through `pg`, postgres.js, Drizzle, Kysely or PGlite's own methods, stays as
 * it is.
 *
 * Inside a simulation each statement is a call over the network: it leaves, is carried out, and its result comes back.
 * It takes time, and all faults of calls apply to it: the acknowledgement of a commit is lost, the connection breaks in
 * the midst of a transaction, a node crashes between two statements. Where a connection breaks or its node dies, its
 * open transaction is rolled back. Errors have the codes of drivers and of PostgreSQL: `ECONNREFUSED`, `ECONNRESET`,
 * `ETIMEDOUT` after 300 s; `57P03`, `53300` and `08006` for answers that a fault gives. `now()`, `random()` and
 * `gen_random_uuid()` are those of the simulation.
 *
 * A server has as many **sessions** as code asks for. One statement runs at a time, and one that waits for a lock waits
 * in virtual time: deadlocks are found after one virtual second, and `lock_timeout` and `statement_timeout` are
 * virtual. PGlite has one session: who opens a transaction has the database to itself until it ends. So it does not
 * show what two open transactions do to each other, such as lost updates, write skew and deadlocks; the report says so.
 * Advisory locks, and a statement outside a transaction that the same code has open, are refused there.
 *
 * Create all tables before the test, by your migrations. Every history starts from the content found, or from `seed`.
 *
 * @param db an open database of PGlite, in memory or in files that `wipe` allows to be rewritten; or a server
 * @throws where `db` is neither, is closed, or is in files without `wipe`
 * @example
 * const db = await startPostgres()
 * await migrate(drizzle(db.connectionString), { migrationsFolder: 'drizzle' })
 *
 * stores: [postgres(db)],
 * @see https://pglite.dev
 */
export function postgres<D extends Pglite | PostgresServer>(db: D, options: PostgresOptions<D> = {}): Store {
  assertOptions('postgres()', options, allOptions)
  assertType('postgres(): name', options.name, 'string', 'a text')
  assertType('postgres(): at', options.at, 'string', "'db.internal:5432', or '5432'")
  assertType('postgres(): wipe', options.wipe, 'boolean', 'true or false')
  assertType('postgres(): replica', options.replica, 'boolean', 'true or false')
  assertNumber('postgres(): maxConnections', options.maxConnections, 'a whole number from 1')
  assertType('postgres(): seed', options.seed, 'function', 'a function: (db) => db.exec(...)')
  const { name = 'postgres', at = '5432', wipe = false, replica = false, maxConnections = 100, seed } = options
  if (!/^[\w.-]+$/.test(name))
    throw new Error(
      `postgres(): ${foundWords(name)} is no valid name. Give one word, like a host name: { name: 'orders' }.`,
    )
  if (!/^(?:[\w.-]+:)?\d{1,5}$/.test(at))
    throw new Error(
      `postgres("${name}"): at is ${foundWords(at)}; give a host with its port, "db.internal:5432", or a port.`,
    )
  const place = {
    name,
    leadsHere: (host: string, port: number) => at === String(port) || at === `${host}:${port}`,
    seed: seed === undefined ? undefined : () => seed(db),
  }
  if (isPglite(db)) {
    if (options.maxConnections !== undefined) throw onlyOf(name, 'maxConnections', 'a server')
    return pgliteStore(db, { ...place, wipe, replica })
  }
  const lockstep = typeof db === 'object' ? locksteps.get(db) : undefined
  if (lockstep === undefined) throw neither(db, name)
  for (const option of ['wipe', 'replica'] as const)
    if (options[option] !== undefined) throw onlyOf(name, option, 'PGlite')
  return serverStore(lockstep, { ...place, maxConnections })
}

const allOptions = {
  ...{ name: true, at: true, wipe: true, replica: true, seed: true },
  maxConnections: true,
} satisfies Record<keyof PostgresOptions, true>

function onlyOf(name: string, option: keyof PostgresOptions, owner: string): Error {
  return new Error(`postgres("${name}"): ${option} is an option of ${owner} alone. Leave it out.`)
}

function neither(given: unknown, name: string): Error {
  const found = typeof given === 'object' && given !== null ? `a ${given.constructor.name}` : foundWords(given)
  return new Error(
    `postgres("${name}") takes a database of PGlite (@electric-sql/pglite), or a server from startPostgres(); found ` +
      `${found}. Pass the database itself, not the query builder around it. A pool of connections to a server that ` +
      'was not started here is real I/O, which no simulation reaches.',
  )
}
