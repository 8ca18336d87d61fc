// The store adapter for an embedded PostgreSQL: PGlite. Patches the database in place, and the code under test keeps
// its own `db`. PGlite itself is never imported.
import { assertOptions, assertType, foundWords } from '../../plain/options.ts'
import { describeError } from '../../plain/describe-error.ts'
import { outsideContext } from '../../simulate/context.ts'
import type { Store } from '../../system/store.ts'
import { carriedOutAtOnce, type SqlProcedure } from './sql-procedure.ts'
import { takeContent, type PostgresContent } from './postgres-content.ts'
import { drawLate } from './entropy.ts'
import { DatabaseCalls } from './database-calls.ts'
import { patchDirect } from './direct.ts'
import { PgliteSession } from './pglite-session.ts'
import { isPglite, type Pglite } from './pglite.ts'
import { PostgresEngine } from './postgres-engine.ts'
import { rawQuery } from './raw-query.ts'
import { SessionSettings } from './session-settings.ts'
import { Sessions } from './sessions.ts'
import { WireConnection } from './wire-connection.ts'

/** Options of {@link postgres}. */
export interface PostgresOptions<D extends Pglite = Pglite> {
  /** Its name in stories and addresses. @default 'postgres' */
  readonly name?: string
  /**
   * Where drivers reach it: `host:port`, or a port on any host.
   *
   * @default '5432'
   */
  readonly at?: string
  /** Allows a database in files: its content is replaced for each history, and restored at the end. @default false */
  readonly wipe?: boolean
  /**
   * Reads outside a transaction may be answered by a replica that lags, as where a driver or a proxy shares reads out.
   *
   * @default false
   */
  readonly replica?: boolean
  /** Writes, once, the content that every history starts from. @default the content that is found */
  readonly seed?: (db: D) => unknown
}

/**
 * A database of PGlite, a PostgreSQL that runs inside the test, in the place of the PostgreSQL of production. Code that
 * uses it directly, or through Drizzle, stays as it is.
 *
 * Inside a simulation each statement is a call over the network: it leaves, is carried out, and its result comes back.
 * It takes time, and all faults of calls apply to it: the acknowledgement of a commit is lost, the connection breaks in
 * the midst of a transaction, a node crashes between two statements. Where a connection breaks or its node dies, its
 * open transaction is rolled back. Errors have the codes of drivers and of PostgreSQL: `ECONNREFUSED`, `ECONNRESET`,
 * `ETIMEDOUT` after 300 s; `57P03`, `53300` and `08006` for answers that a fault gives. `now()`, `random()` and
 * `gen_random_uuid()` are those of the simulation.
 *
 * PGlite has **one session**: who opens a transaction has the database to itself until it ends. So it does not show
 * what two open transactions do to each other, such as lost updates, write skew and deadlocks; the report says so.
 * Advisory locks, `LISTEN` and a statement outside a transaction that the same code has open are refused.
 *
 * Create all tables before the test, by your migrations. Every history starts from the content found, or from `seed`.
 *
 * @param db an open database: in memory, or in files that `wipe` allows to be rewritten
 * @throws where `db` is not a PGlite, is closed, or is in files without `wipe`
 * @example
 * const db = new PGlite()
 * await migrate(drizzle(db), { migrationsFolder: 'drizzle' })
 *
 * stores: [postgres(db)],
 * @see https://pglite.dev
 */
export function postgres<D extends Pglite>(db: D, options: PostgresOptions<D> = {}): Store {
  assertOptions('postgres()', options, { name: true, at: true, wipe: true, replica: true, seed: true } satisfies Record<
    keyof PostgresOptions,
    true
  >)
  assertType('postgres(): name', options.name, 'string', 'a text')
  assertType('postgres(): at', options.at, 'string', "'db.internal:5432', or '5432'")
  assertType('postgres(): wipe', options.wipe, 'boolean', 'true or false')
  assertType('postgres(): replica', options.replica, 'boolean', 'true or false')
  assertType('postgres(): seed', options.seed, 'function', 'a function: (db) => db.exec(...)')
  const { name = 'postgres', at = '5432', wipe = false, replica = false, seed } = options
  if (!/^[\w.-]+$/.test(name))
    throw new Error(
      `postgres(): ${foundWords(name)} is no valid name. Give one word, like a host name: { name: 'orders' }.`,
    )
  if (!/^(?:[\w.-]+:)?\d{1,5}$/.test(at))
    throw new Error(
      `postgres("${name}"): at is ${foundWords(at)}; give a host with its port, "db.internal:5432", or a port.`,
    )
  requirePglite(db, name)
  let attached: Attached | undefined
  let resets = 0
  const store: Store = {
    kind: 'store',
    name,
    faults: replica ? ['readonly', 'stale'] : ['readonly'],
    limits: `isolation on "${name}": PGlite has one session, so transactions never overlap`,
    async attach() {
      if (attached !== undefined)
        throw new Error(
          `postgres("${name}"): it is in use by another simulation at this moment. Tests that share a store cannot ` +
            'run at once: not in describe.concurrent, or give each its own.',
        )
      await db.waitReady
      if (inUse.has(db))
        throw new Error(
          `postgres("${name}"): this database is already registered under another name. List it once in \`stores\`.`,
        )
      refuseUnsafe(db, name, wipe)
      const ask = <T>(procedure: SqlProcedure<T>): T => carriedOutAtOnce(procedure, (sql) => rawQuery(db, sql))
      const original = ask(takeContent())
      const first = seed === undefined ? original : await seeded(name, ask, original, () => seed(db))
      const sessions = new Sessions(name)
      const engine = new PostgresEngine(db, store, () => attached?.first, ask)
      const calls = new DatabaseCalls(name, sessions, new SessionSettings(db), engine)
      const forgetDraws = drawLate(db, name)
      inUse.add(db)
      attached = {
        ...{ ask, original, first, sessions, calls, forgetDraws },
        unpatch: patchDirect(db, calls),
      }
    },
    async detach() {
      if (attached === undefined) return
      const { ask, original, sessions, calls, unpatch } = attached
      attached = undefined
      inUse.delete(db)
      unpatch()
      await sessions.reset()
      if (db.closed) return
      putBack(name, () => {
        calls.renew()
        ask(original.restore(true))
      })
    },
    async reset() {
      if (attached === undefined) return
      if (db.closed)
        throw new Error(
          `postgres("${name}"): the database was closed during a history. A registered store outlives its nodes: ` +
            'leave it open, or close it after the test.',
        )
      await attached.sessions.reset()
      attached.forgetDraws()
      resets += 1
      if (resets % resetsKept === 0) await db.exec('checkpoint')
      putBack(name, () => {
        if (attached === undefined) return
        attached.calls.renew()
        attached.ask(attached.first.restore(attached.calls.sawSchemaChange))
      })
    },
    crash: (incarnation) => attached?.sessions.crash(incarnation),
    settle: () => undefined,
    accept: ({ host, port, isDetailed }, give) =>
      attached === undefined || !leadsHere(at, host, port)
        ? undefined
        : new WireConnection(name, new PgliteSession(db, attached.calls), give, isDetailed),
    isOpen: () => attached?.sessions.isOpen ?? false,
    remember: () => attached?.ask(attached.first.rows()),
    content: () => attached?.ask(attached.first.byTable()) ?? {},
  }
  return store
}

/**
 * PostgreSQL keeps the files of truncated tables until its next checkpoint, and PGlite its answers to
 * `execProtocolRawSync` until the next call of another method: after so many histories both are let go.
 */
const resetsKept = 100

/** Databases that are attached. */
const inUse = new WeakSet<Pglite>()

function leadsHere(at: string, host: string, port: number): boolean {
  return at === String(port) || at === `${host}:${port}`
}

type Ask = <T>(procedure: SqlProcedure<T>) => T

interface Attached {
  readonly ask: Ask
  /** Before `seed`. */
  readonly original: PostgresContent
  readonly first: PostgresContent
  readonly sessions: Sessions
  readonly calls: DatabaseCalls
  readonly forgetDraws: () => void
  readonly unpatch: () => void
}

function requirePglite(given: unknown, name: string): void {
  if (isPglite(given)) return
  const found = typeof given === 'object' && given !== null ? `a ${given.constructor.name}` : foundWords(given)
  throw new Error(
    `postgres("${name}") takes a database of PGlite (@electric-sql/pglite); found ${found}. ` +
      'Pass the database itself, not the query builder around it. A pool of connections to a real server is ' +
      'real I/O, which no simulation reaches.',
  )
}

function refuseUnsafe(db: Pglite, name: string, wipe: boolean): void {
  if (db.closed) throw new Error(`postgres("${name}"): the database is closed. Open it before the test starts.`)
  const { dataDir } = db
  if (!wipe && dataDir !== undefined && dataDir !== '' && !dataDir.startsWith('memory://'))
    throw new Error(
      `postgres("${name}"): the database is in the folder ${dataDir}, and a test rewrites its content many times. ` +
        'Use new PGlite() in tests, or allow it with postgres(db, { wipe: true }). Nothing was changed.',
    )
}

/** The content that every history starts from. What a failing seed wrote is undone. */
async function seeded(
  name: string,
  ask: Ask,
  original: PostgresContent,
  seed: () => unknown,
): Promise<PostgresContent> {
  try {
    await outsideContext(async () => seed())
    return ask(takeContent())
  } catch (error) {
    ask(original.restore(true))
    throw new Error(
      `postgres("${name}"): seed threw ${describeError(error)}. What it wrote is undone. Create what it names ` +
        'before it, by your migrations.',
      { cause: error },
    )
  }
}

function putBack(name: string, restore: () => void): void {
  try {
    restore()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`postgres("${name}"): the first content could not be put back: ${why}.`, { cause: error })
  }
}
