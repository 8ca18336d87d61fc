// Statements as calls over a link to the database, which is a node of its own in each simulation. Knows links and
// sessions; must not know how users reach the database.
import { current, isDead, type Context } from '../../simulate/context.ts'
import { nodeBeside } from '../../simulate/node-beside.ts'
import type { Node } from '../../simulate/node-state.ts'
import { storeMisused } from '../../simulate/store-call.ts'
import type { World } from '../../simulate/world.ts'
import { ConnectionSettings, type SessionSettings } from './session-settings.ts'
import { splitStatements } from '../sql.ts'
import type { StoreAge } from '../../scenario/fault/delivery.ts'
import type { PostgresEngine } from './postgres-engine.ts'
import type { Sessions } from './sessions.ts'
import { connectionError } from './connection-error.ts'
import { committedNow, issueStatement, type DatabaseCall } from './statement-call.ts'

/** The calls to one database. */
export class DatabaseCalls {
  readonly name: string
  readonly sessions: Sessions
  readonly settings: SessionSettings
  readonly #engine: PostgresEngine
  /** The settings of who uses PGlite's own methods. */
  direct: ConnectionSettings = new ConnectionSettings()
  /** Nothing that belongs to a connection has changed since the session was made anew. */
  isRenewed = true
  /** A statement that may have changed tables was sent since it was last set. */
  sawSchemaChange = false
  /** The database as a node of the simulation that runs now. */
  #at: { readonly world: World; readonly node: Node } | undefined

  constructor(name: string, sessions: Sessions, settings: SessionSettings, engine: PostgresEngine) {
    this.name = name
    this.#engine = engine
    this.sessions = sessions
    this.settings = settings
  }

  /** Before a history: nothing of an earlier one's connections is left. */
  renew(): void {
    this.direct = new ConnectionSettings()
    if (this.isRenewed) this.settings.use(undefined)
    else this.settings.renew()
    this.isRenewed = true
  }

  /** Whether it is the database's own code that runs. */
  isEngine(context: Context): boolean {
    return context.life === this.#at?.node.instances[0].life
  }

  refused(what: string, advice: string): Error {
    return storeMisused(`postgres("${this.name}"): ${what} inside a simulation is not possible with PGlite. ${advice}`)
  }

  /** Looks at a statement before it is sent, and refuses what one session would get wrong. */
  look(sql: string): void {
    if (changesSchema.test(sql)) this.sawSchemaChange = true
    for (const statement of sql.includes(';') ? splitStatements(sql) : [sql]) {
      if (changesSession.test(statement)) this.isRenewed = false
      const found = impossible.find(({ pattern }) => pattern.test(statement))
      if (found !== undefined) throw this.refused(found.what, found.advice)
    }
  }

  issue(call: DatabaseCall): void {
    const { context, of, work, isWrite, isRead } = call
    const world = context.host as World // the only Host that lends contexts is a World
    const { sessions } = this
    const engine = this.#engine
    let age: StoreAge | undefined
    const run = async (): Promise<unknown> => {
      const own = current()
      if (own !== undefined) await sessions.free(world, context, own, of)
      if (of.isOver || isDead(context.life)) throw connectionError('closed')
      const isAlone = !sessions.holds(of)
      if (isWrite && world.conditions?.refuses(this.name, world.nowMs) === true) return engine.refusing(work)
      if (isRead) return isAlone && age !== undefined ? engine.asOf(world, age, work) : work()
      if (isAlone) engine.changing(world)
      return work()
    }
    const mayBe = isWrite ? 'readonly' : isRead && !sessions.holds(of) && engine.isStale(world) ? 'stale' : undefined
    issueStatement(world, call, {
      ...{ node: this.#nodeIn(world), run },
      ...(mayBe === undefined ? {} : { engine: mayBe }),
      lost: () => void sessions.rollBack(of),
      engineDoes: ({ asOf }) => {
        age = asOf
      },
    })
  }

  /** Something was committed just now. */
  committed(): void {
    committedNow((world) => this.#engine.committed(world))
  }

  #nodeIn(world: World): Node {
    if (this.#at?.world !== world) this.#at = { world, node: nodeBeside(world, this.name) }
    return this.#at.node
  }
}

/** What one session would get wrong, or where PGlite itself ends. */
const impossible = [
  {
    pattern: /\bpg_(?:try_)?advisory_/i,
    what: 'an advisory lock',
    advice: 'Its one session would hold every lock, so that none protects anything. This code cannot be tested here.',
  },
  { pattern: /^\s*listen\b/i, what: 'LISTEN', advice: 'Nobody would be notified.' },
  { pattern: /^\s*copy\b[^]*\bfrom\s+(?:stdin|program)\b/i, what: 'COPY FROM STDIN', advice: 'Insert the rows.' },
  {
    pattern: /^\s*prepare\b(?!\s+transaction)/i,
    what: 'PREPARE',
    advice: "Its one session has one statement of that name. Use your driver's prepared statements.",
  },
  {
    pattern: /\bpg_backend_pid\b/i,
    what: 'pg_backend_pid()',
    advice: 'Its one session gives one number to all connections. Tell them apart by something else.',
  },
  { pattern: /\bpg_sleep/i, what: 'pg_sleep()', advice: 'Time stands still while it works. Wait with a timer.' },
]

/** Such statements may stand anywhere in a text of several, or in a block. */
const changesSchema = /\b(?:create|alter|drop)\b/i

/** Statements whose effects last as long as their connection. */
const changesSession = /^\s*(?:set|reset|discard|declare|create\s+(?:local\s+|global\s+)?temp)/i
