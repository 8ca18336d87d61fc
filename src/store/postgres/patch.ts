// Patches one database of PGlite while it is watched: inside a simulation each statement is a call over a link, with its
// four points. It leaves, is carried out, and its result comes back. Knows links and sessions.
import { current, isDead, neverSettles, within } from '../../simulate/context.ts'
import { callerLine } from '../../simulate/call-details.ts'
import { linksOf } from '../../simulate/link.ts'
import { nodeBeside } from '../../simulate/node-beside.ts'
import type { Node } from '../../simulate/node-state.ts'
import { storeMisused } from '../../simulate/store-call.ts'
import type { World } from '../../simulate/world.ts'
import { classify, type Statement } from '../sql.ts'
import type { Pglite, PgliteResult, PgliteTransaction } from './pglite.ts'
import type { OpenTransaction, Sessions } from './sessions.ts'
import { engineContext } from './engine-host.ts'
import { connectionError, sqlProtocol, type SqlReply, type SqlRequest } from './sql-protocol.ts'

/** The database's own methods. */
export type NativePglite = Pick<Pglite, 'query' | 'exec' | 'transaction'>

/** What is patched, and for whom. */
export interface PatchedPglite {
  readonly name: string
  readonly db: Pglite
  readonly native: NativePglite
  readonly sessions: Sessions
}

/** Hides the database's methods behind own properties. Returns what removes those again. */
export function patchPglite(patched: PatchedPglite): () => void {
  const { db, native } = patched
  const calls = new Calls(patched)
  const own: Record<string, unknown> = {
    query: (sql: string, params?: unknown[], options?: object) =>
      calls.own(
        () => native.query(sql, params, options),
        () => calls.statement(sql, params ?? [], () => native.query(sql, params, options), undefined),
      ),
    exec: (sql: string, options?: object) =>
      calls.own(
        () => native.exec(sql, options),
        () => calls.statement(sql, [], () => native.exec(sql, options), undefined),
      ),
    transaction: (run: (tx: PgliteTransaction) => Promise<unknown>) =>
      calls.own(
        () => native.transaction(run),
        () => calls.transaction(run),
      ),
  }
  for (const method of refused)
    if (method in db) {
      const original = Reflect.get(db, method) as (...args: unknown[]) => unknown // all of them are methods
      own[method] = (...args: unknown[]) =>
        calls.own(
          () => Reflect.apply(original, db, args),
          () => {
            throw calls.refused(`${method}()`, 'Use query(), exec() and transaction().')
          },
        )
    }
  for (const [name, value] of Object.entries(own))
    Object.defineProperty(db, name, { value, configurable: true, enumerable: false, writable: true })
  return () => {
    for (const name of Object.keys(own)) Reflect.deleteProperty(db, name)
  }
}

/** These would go past the simulation. */
const refused = ['runExclusive', 'listen', 'unlisten', 'dumpDataDir', 'clone', 'execProtocol', 'execProtocolStream']

/** The calls of one database. */
class Calls {
  readonly #patched: PatchedPglite
  /** The database as a node of the simulation that runs now. */
  #at: { readonly world: World; readonly node: Node } | undefined

  constructor(patched: PatchedPglite) {
    this.#patched = patched
  }

  /** Outside a simulation, and where the database itself runs, its own methods are called. */
  own<T>(native: () => T, simulated: () => T): T {
    const context = current()
    if (context === undefined || context.life === this.#at?.node.instances[0].life) return native()
    return simulated()
  }

  refused(what: string, advice: string): Error {
    return storeMisused(
      `postgres("${this.#patched.name}"): ${what} inside a simulation is not possible with PGlite. ${advice}`,
    )
  }

  /** One statement, in a transaction or in one of its own. */
  async statement(
    sql: string,
    params: readonly unknown[],
    native: () => Promise<PgliteResult | readonly PgliteResult[]>,
    transaction: OpenTransaction | undefined,
  ): Promise<unknown> {
    const statement = classify(sql)
    if (advisory.test(sql))
      throw this.refused(
        'an advisory lock',
        'Its one session would hold every lock, so that none protected anything. Two-generals cannot test this code.',
      )
    return this.#issue(transaction, statement, params, async () => {
      const result = await inEngine(native)
      this.#noteChanges(statement, result, transaction)
      return result
    })
  }

  /** As PGlite's own `transaction`. */
  async transaction(run: (tx: PgliteTransaction) => Promise<unknown>): Promise<unknown> {
    const context = current()
    if (context === undefined) return this.#patched.native.transaction(run)
    const { sessions } = this.#patched
    const { life } = context
    const mine: OpenTransaction = { owner: life.within ?? life, context, underWay: 0, isDirty: false, isOver: false }
    await this.#issue(mine, control('begin'), [], () => inEngine(() => sessions.begin(mine)))
    let isClosed = false
    const end = async (how: 'commit' | 'rollback'): Promise<void> => {
      isClosed = true
      if (mine.isOver) return
      await this.#issue(mine, control(how), [], async () => {
        if (how === 'rollback') return sessions.rollBack(mine)
        await sessions.commit(mine)
        if (mine.isDirty) committed()
      })
    }
    try {
      const result = await run(this.#transactionOf(mine, () => isClosed, end))
      if (!isClosed) await end('commit')
      return result
    } catch (error) {
      if (!isClosed) await end('rollback').catch(() => undefined)
      throw error
    }
  }

  #transactionOf(
    mine: OpenTransaction,
    isClosed: () => boolean,
    end: (how: 'rollback') => Promise<void>,
  ): PgliteTransaction {
    const { db, sessions } = this.#patched
    const on = <T>(run: (tx: PgliteTransaction) => Promise<T>): Promise<T> => {
      const tx = sessions.of(mine)
      return tx === undefined ? Promise.reject(connectionError('closed')) : run(tx)
    }
    const refuseClosed = (): void => {
      if (isClosed()) throw new Error('Transaction is closed')
    }
    const query = async (sql: string, params?: unknown[], options?: object): Promise<PgliteResult> => {
      refuseClosed()
      const native = (): Promise<PgliteResult> => on((tx) => tx.query(sql, params, options))
      return (await this.statement(sql, params ?? [], native, mine)) as PgliteResult // what `native` gives
    }
    return {
      query,
      exec: async (sql, options) => {
        refuseClosed()
        const native = (): Promise<readonly PgliteResult[]> => on((tx) => tx.exec(sql, options))
        return (await this.statement(sql, [], native, mine)) as readonly PgliteResult[] // what `native` gives
      },
      // Its own one only builds the statement, and calls `query`
      sql: (...args) => Reflect.apply(sqlOf(db), { query }, args),
      rollback: async () => {
        refuseClosed()
        await end('rollback')
      },
      get closed() {
        return isClosed()
      },
    }
  }

  /** Sends what is to be run, and waits for the answer. */
  #issue(
    transaction: OpenTransaction | undefined,
    { operation, write, control: kind }: Pick<Statement, 'operation' | 'write' | 'control'>,
    params: readonly unknown[],
    work: () => Promise<unknown> | void,
  ): Promise<unknown> {
    const context = current()
    if (context === undefined) return Promise.resolve(work())
    if (isDead(context.life)) return neverSettles()
    const { sessions } = this.#patched
    const isFirst = kind === 'begin'
    if (transaction?.isOver === true) return Promise.reject(connectionError('closed'))
    const world = context.host as World // the only Host that lends contexts is a World
    const run = async (): Promise<unknown> => {
      const own = current()
      if (own !== undefined && (transaction === undefined || isFirst)) await sessions.free(world, context, own)
      if (transaction?.isOver === true || isDead(context.life)) throw connectionError('closed')
      return work()
    }
    if (transaction !== undefined) transaction.underWay += 1
    const ended = (): void => {
      if (transaction !== undefined) transaction.underWay -= 1
    }
    return new Promise((resolve, reject) => {
      // A connection that breaks takes its transaction with it
      const broken = (error: Error): void => {
        ended()
        if (transaction !== undefined) sessions.rollBack(transaction)
        reject(error)
      }
      linksOf(world).issue<SqlRequest, SqlReply>(
        world,
        context,
        {
          protocol: sqlProtocol,
          request: { operation, params, isRead: !write && kind === 'none', run },
          callee: { node: this.#nodeIn(world), server: { handle: (_, request) => answerOf(request) } },
          answer(reply) {
            if (reply.kind === 'status') return broken(connectionError(reply))
            ended()
            if (reply.kind === 'value') resolve(reply.value)
            else reject(reply.error as Error) // the database's own
          },
          fail: (failure) => broken(connectionError(failure)),
          // A pool may open a connection for anything but what follows in a transaction
          ...(transaction === undefined || isFirst ? {} : { reach: 'kept connection' as const }),
        },
        world.details === undefined ? undefined : callerLine(),
      )
    })
  }

  #nodeIn(world: World): Node {
    if (this.#at?.world !== world) this.#at = { world, node: nodeBeside(world, this.#patched.name) }
    return this.#at.node
  }

  #noteChanges(
    { write, control: kind }: Statement,
    result: PgliteResult | readonly PgliteResult[],
    transaction: OpenTransaction | undefined,
  ): void {
    const all: readonly PgliteResult[] = Array.isArray(result) ? result : [result]
    const changes = all.some(({ affectedRows = 0 }) => affectedRows > 0) || (write && kind === 'none')
    if (!changes) return
    if (transaction === undefined) committed()
    else transaction.isDirty = true
  }
}

/** Lets PostgreSQL's own code run. */
function inEngine<T>(run: () => T): T {
  const context = current()
  return context === undefined ? run() : within(engineContext(context), run)
}

/** Something was committed just now. */
function committed(): void {
  const context = current()
  if (context === undefined) return
  const world = context.host as World // the only Host that lends contexts is a World
  world.committed(context.cause)
  world.lasso.changed()
}

async function answerOf({ run }: SqlRequest): Promise<SqlReply> {
  try {
    return { kind: 'value', value: await run() }
  } catch (error) {
    return { kind: 'threw', error }
  }
}

function control(kind: 'begin' | 'commit' | 'rollback'): Pick<Statement, 'operation' | 'write' | 'control'> {
  return { operation: kind, write: kind === 'commit', control: kind }
}

const advisory = /\bpg_(?:try_)?advisory_/i

function sqlOf(db: Pglite): (...args: unknown[]) => Promise<PgliteResult> {
  return Reflect.get(db, 'sql') as (...args: unknown[]) => Promise<PgliteResult> // PGlite has it
}
