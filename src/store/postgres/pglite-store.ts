// The store adapter for an embedded PostgreSQL: PGlite. Patches the database in place, and the code under test keeps
// its own `db`. PGlite itself is never imported.
import { describeError } from '../../plain/describe-error.ts'
import { outsideContext } from '../../simulate/context.ts'
import type { Store } from '../../system/store.ts'
import { carriedOutAtOnce, type SqlProcedure } from './sql-procedure.ts'
import { takeContent, type PostgresContent } from './postgres-content.ts'
import { drawLate } from './entropy.ts'
import { DatabaseCalls } from './database-calls.ts'
import { patchDirect } from './direct.ts'
import { PgliteSession } from './pglite-session.ts'
import type { Pglite } from './pglite.ts'
import { PostgresEngine } from './postgres-engine.ts'
import { rawQuery } from './raw-query.ts'
import { SessionSettings } from './session-settings.ts'
import { Sessions } from './sessions.ts'
import { WireConnection } from './wire-connection.ts'

/** What the user says of it, checked. */
export interface PglitePlace {
  readonly name: string
  readonly leadsHere: (host: string, port: number) => boolean
  readonly wipe: boolean
  readonly replica: boolean
  readonly seed: (() => unknown) | undefined
}

/** The store. */
export function pgliteStore(db: Pglite, { name, leadsHere, wipe, replica, seed }: PglitePlace): Store {
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
      const first = seed === undefined ? original : await seeded(name, ask, original, seed)
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
      attached === undefined || !leadsHere(host, port)
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
