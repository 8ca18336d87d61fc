// The calls of a Worker to D1, each over a link of its own history. Outside a simulation they are carried out at once.
import { current, isDead, neverSettles } from '../../simulate/context.ts'
import { linksOf } from '../../simulate/link.ts'
import { nodeBeside } from '../../simulate/node-beside.ts'
import type { Node } from '../../simulate/node-state.ts'
import type { Protocol } from '../../simulate/protocol.ts'
import type { World } from '../../simulate/world.ts'
import type { StoreAge } from '../../scenario/fault/delivery.ts'
import { classify, splitStatements } from '../sql.ts'
import { answerTo, sqlProtocol, type SqlReply, type SqlRequest } from '../sql-protocol.ts'
import type { D1Engine, D1Query, D1Rows, D1Result } from './d1-engine.ts'
import { d1Error, lostError } from './d1-error.ts'
import type { D1Answer, D1Replica, D1Session } from './d1-replica.ts'

/** A query of D1 ends after 30 s (https://developers.cloudflare.com/d1/platform/limits/). */
const patienceMs = 30_000

const protocol: Protocol<SqlRequest, SqlReply> = { ...sqlProtocol, patienceMs, resultOf: rowsIn }

/** One database, as a Worker calls it: as such, or in a session. */
export class D1Calls {
  readonly #name: string
  readonly #engine: D1Engine
  readonly #replica: D1Replica
  readonly #session: D1Session | undefined
  /** The database as a node of the simulation that runs now. */
  #at: { readonly world: World; readonly node: Node } | undefined

  constructor(name: string, engine: D1Engine, replica: D1Replica, session?: D1Session) {
    this.#name = name
    this.#engine = engine
    this.#replica = replica
    this.#session = session
  }

  /** The same database, as a session calls it. */
  within(session: D1Session): D1Calls {
    return new D1Calls(this.#name, this.#engine, this.#replica, session)
  }

  query(query: D1Query): Promise<D1Rows> {
    return this.#call('', [query], () => this.#engine.query(query))
  }

  async batch(queries: readonly D1Query[]): Promise<D1Result[]> {
    const all = await this.#call('batch ', queries, () => this.#engine.batch(queries))
    return all.map(({ result }) => result)
  }

  async exec(sql: string): Promise<{ count: number; duration: number }> {
    const queries = splitStatements(sql).map((text): D1Query => ({ sql: text, values: [] }))
    await this.#call('exec ', queries, () => queries.map((query) => this.#engine.query(query)))
    return { count: queries.length, duration: 0 }
  }

  async #call<T>(kind: string, queries: readonly D1Query[], run: () => T): Promise<T> {
    const statements = queries.map(({ sql }) => classify(sql))
    const [first] = statements
    if (first === undefined) throw d1Error('No SQL statements detected.')
    const context = current()
    if (context === undefined) return run()
    if (isDead(context.life)) return neverSettles()
    const world = context.host as World // the only Host that lends contexts is a World
    const isWrite = statements.some(({ write }) => write)
    const replica = this.#replica
    const session = this.#session
    let age: StoreAge | undefined
    const work = async (): Promise<D1Answer<T>> => {
      if (!isWrite) return replica.read(world, session, age, run)
      if (world.conditions?.refuses(this.#name, world.nowMs) === true) throw d1Error('Exceeded maximum DB size.')
      const answer = replica.write(world, run)
      const own = current()
      if (own !== undefined) world.committed(own.cause)
      world.lasso.changed()
      return answer
    }
    const mayBe = isWrite ? 'readonly' : replica.isStale(world, session) ? 'stale' : undefined
    return new Promise<T>((resolve, reject) => {
      linksOf(world).issue(world, context, {
        protocol,
        request: {
          operation: kind + first.operation,
          params: queries.flatMap(({ values }) => values),
          isRead: !isWrite,
          run: work,
        },
        callee: { node: this.#nodeIn(world), server: { handle: (_, asked: SqlRequest) => answerTo(asked) } },
        reach: 'kept connection',
        ...(mayBe === undefined ? {} : { engine: mayBe }),
        engineDoes: ({ asOf }) => {
          age = asOf
        },
        answer(reply) {
          if (reply.kind === 'value') {
            const { given, version } = reply.value as D1Answer<T> // what `work` gave
            session?.saw(version)
            resolve(given)
          } else reject(reply.kind === 'threw' ? (reply.error as Error) : lostError(reply))
        },
        fail: (failure) => reject(lostError(failure)),
      })
    })
  }

  #nodeIn(world: World): Node {
    if (this.#at?.world !== world) this.#at = { world, node: nodeBeside(world, this.#name) }
    return this.#at.node
  }
}

/** For the story: the rows that a statement gave. */
function rowsIn(reply: SqlReply): { readonly value: unknown } | undefined {
  if (reply.kind !== 'value') return undefined
  const { given } = reply.value as D1Answer<D1Rows | readonly D1Rows[]> // what a call gives
  const [first] = [given].flat()
  return first === undefined || first.rows.length === 0 ? undefined : { value: first.result.results }
}
