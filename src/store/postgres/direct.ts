// The methods of PGlite itself, as users and Drizzle call them. Patches one database while it is watched.
import { current, isDead, neverSettles, type Context } from '../../simulate/context.ts'
import { classify, type Statement } from '../sql.ts'
import type { DatabaseCalls } from './database-calls.ts'
import { inEngine } from './engine-host.ts'
import type { Pglite, PgliteResult, PgliteTransaction } from './pglite.ts'
import type { OpenTransaction } from './sessions.ts'
import { connectionError } from './connection-error.ts'
import { transactionOf } from './statement-call.ts'

type NativePglite = Pick<Pglite, 'query' | 'exec' | 'transaction'>
type Results = PgliteResult | readonly PgliteResult[]
type Doing = Pick<Statement, 'operation' | 'write' | 'control'>

/** Hides the database's methods behind own properties. Returns what removes those again. */
export function patchDirect(db: Pglite, calls: DatabaseCalls): () => void {
  const native: NativePglite = {
    query: db.query.bind(db),
    exec: db.exec.bind(db),
    transaction: db.transaction.bind(db),
  }
  const methods = new DirectCalls(db, native, calls)
  /** Outside a simulation, and where the database itself runs, its own methods are called. */
  const dispatched =
    <A extends unknown[]>(own: (...args: A) => unknown, simulated: (context: Context, ...args: A) => unknown) =>
    (...args: A): unknown => {
      const context = current()
      if (context !== undefined && calls.isEngine(context)) return own(...args)
      if (context === undefined) {
        if (!calls.sessions.isOpen) calls.settings.use(undefined)
        return own(...args)
      }
      return isDead(context.life) ? neverSettles() : simulated(context, ...args)
    }
  const own: Record<string, unknown> = {
    query: dispatched(native.query, (context, sql: string, params?: unknown[], options?: object) =>
      methods.statement(context, sql, params ?? [], () => native.query(sql, params, options)),
    ),
    exec: dispatched(native.exec, (context, sql: string, options?: object) =>
      methods.statement(context, sql, [], () => native.exec(sql, options)),
    ),
    transaction: dispatched(native.transaction, (context, run: TransactionBody) => methods.transaction(context, run)),
  }
  for (const method of pastSimulation)
    if (method in db) {
      const original = (Reflect.get(db, method) as (...args: unknown[]) => unknown).bind(db) // all of them are methods
      own[method] = dispatched(original, () => {
        throw calls.refused(`${method}()`, 'Use query(), exec() and transaction().')
      })
    }
  for (const [name, value] of Object.entries(own))
    Object.defineProperty(db, name, { value, configurable: true, enumerable: false, writable: true })
  return () => {
    for (const name of Object.keys(own)) Reflect.deleteProperty(db, name)
  }
}

/** These would go past the simulation. */
const pastSimulation = [
  'runExclusive',
  'listen',
  'unlisten',
  'dumpDataDir',
  'clone',
  'execProtocol',
  'execProtocolStream',
]

type TransactionBody = (tx: PgliteTransaction) => Promise<unknown>

/** Rolls PGlite's own transaction back, and is no error. */
const rollBack = Symbol('roll back')

/** The calls of one database. */
class DirectCalls {
  readonly #db: Pglite
  readonly #native: NativePglite
  readonly #calls: DatabaseCalls

  constructor(db: Pglite, native: NativePglite, calls: DatabaseCalls) {
    this.#db = db
    this.#native = native
    this.#calls = calls
  }

  /** One statement, in a transaction or in one of its own. */
  statement(
    context: Context,
    sql: string,
    params: readonly unknown[],
    native: () => Promise<Results>,
    transaction?: OpenTransaction,
  ): Promise<unknown> {
    this.#calls.look(sql)
    const statement = classify(sql)
    return this.#issue(
      context,
      transaction ?? transactionOf(context),
      transaction === undefined,
      statement,
      params,
      async () => {
        if (transaction === undefined) this.#calls.settings.use(this.#calls.direct)
        const result = await inEngine(native)
        this.#calls.direct.note(sql)
        this.#calls.direct.ended('committed')
        if (!changes(statement, result)) return result
        if (transaction === undefined) this.#calls.committed()
        else transaction.isDirty = true
        return result
      },
    )
  }

  /** As PGlite's own `transaction`. */
  async transaction(context: Context, run: TransactionBody): Promise<unknown> {
    const { sessions } = this.#calls
    const mine = transactionOf(context)
    const { promise: ending, resolve: commit, reject } = Promise.withResolvers<void>()
    let ended: Promise<unknown> = Promise.resolve()
    let tx: PgliteTransaction | undefined
    await this.#issue(context, mine, true, control('begin'), [], () =>
      inEngine(
        () =>
          new Promise<void>((begun, failed) => {
            ended = this.#native.transaction((own: PgliteTransaction) => {
              tx = own
              sessions.hold(mine, () => {
                reject(rollBack)
                return ended.catch(() => undefined) // the error is that of `rollBack`
              })
              begun()
              return ending
            })
            ended.catch((error: unknown) => {
              if (error !== rollBack) failed(error) // PGlite's own error
            })
          }),
      ),
    )
    let isClosed = false
    const end = async (how: 'commit' | 'rollback'): Promise<void> => {
      isClosed = true
      if (mine.isOver) return
      await this.#issue(context, mine, false, control(how), [], async () => {
        if (how === 'rollback') {
          await sessions.rollBack(mine)
          return
        }
        commit()
        try {
          await ended
        } finally {
          sessions.release(mine)
        }
        if (mine.isDirty) this.#calls.committed()
      })
    }
    const refuseClosed = (): void => {
      if (isClosed) throw new Error('Transaction is closed')
    }
    const on = (native: (tx: PgliteTransaction) => Promise<Results>): Promise<Results> =>
      tx === undefined || mine.isOver ? Promise.reject(connectionError('closed')) : native(tx)
    const statement = async (sql: string, params: unknown[], native: (tx: PgliteTransaction) => Promise<Results>) => {
      refuseClosed()
      return this.statement(current() ?? context, sql, params, () => on(native), mine)
    }
    const query = (sql: string, params?: unknown[], options?: object): Promise<PgliteResult> =>
      statement(sql, params ?? [], (own) => own.query(sql, params, options)) as Promise<PgliteResult>
    const given: PgliteTransaction = {
      query,
      exec: (sql, options) => statement(sql, [], (own) => own.exec(sql, options)) as Promise<readonly PgliteResult[]>,
      // Its own one only builds the statement, and calls `query`
      sql: (...args) => Reflect.apply(Reflect.get(this.#db, 'sql') as typeof given.sql, { query }, args),
      rollback: async () => {
        refuseClosed()
        await end('rollback')
      },
      get closed() {
        return isClosed
      },
    }
    try {
      const result = await run(given)
      if (!isClosed) await end('commit')
      return result
    } catch (error) {
      if (!isClosed) await end('rollback').catch(() => undefined) // the connection is lost: so is the transaction
      throw error
    }
  }

  #issue(
    context: Context,
    of: OpenTransaction,
    connects: boolean,
    { operation, write, control: kind }: Doing,
    params: readonly unknown[],
    work: () => Promise<unknown>,
  ): Promise<unknown> {
    if (of.isOver) return Promise.reject(connectionError('closed'))
    return new Promise((resolve, reject) => {
      this.#calls.issue({
        ...{
          context,
          of,
          connects,
          operation,
          params,
          isRead: !write && kind === 'none',
          isWrite: write && kind === 'none',
        },
        work,
        answer: (how, result) => {
          if (how === 'value') resolve(result)
          else reject(result) // the database's own error
        },
        broken: reject,
      })
    })
  }
}

function changes({ operation, write, control: kind }: Doing, result: Results): boolean {
  const all: readonly PgliteResult[] = Array.isArray(result) ? result : [result]
  return (
    all.some(({ affectedRows = 0 }) => affectedRows > 0) || (write && kind === 'none' && !countsRows.test(operation))
  )
}

const countsRows = /^(?:insert|update|delete|merge)\b/

function control(kind: 'begin' | 'commit' | 'rollback'): Doing {
  return { operation: kind, write: kind === 'commit', control: kind }
}
