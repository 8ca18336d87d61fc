// The calls to one real server from one simulation after the other: its node, and the sessions that clients have.
import { isDead, type Context } from '../../../simulate/context.ts'
import { nodeBeside } from '../../../simulate/node-beside.ts'
import type { Node } from '../../../simulate/node-state.ts'
import { storeMisused } from '../../../simulate/store-call.ts'
import type { World } from '../../../simulate/world.ts'
import { splitStatements } from '../../sql.ts'
import { connectionError } from '../connection-error.ts'
import { issueStatement, type DatabaseCall } from '../statement-call.ts'
import type { Backend } from './backend.ts'
import type { Lockstep, StandingSession } from './lockstep.ts'
import type { OpenTransaction } from '../sessions.ts'
import { telling } from './virtual-catalog.ts'

/** A client's session, as its server needs it. */
export interface SessionOfServer {
  /** The transaction, and who is behind it. */
  readonly of: OpenTransaction | undefined
  /** The client has gone. */
  readonly isOver: boolean
  /** Whether this is what it has of the server. */
  isAt(standing: StandingSession): boolean
  /** Its next statement is refused by a database that takes no writes. */
  refuse(): void
  leave(): void
  /** Somebody asks for its statement to be cancelled. */
  cancelled(): void
  /** The history is over: whatever it waits for, it ends. */
  stop(): Promise<void>
}

/** The calls to one server. */
export class ServerCalls {
  readonly name: string
  readonly lockstep: Lockstep
  /** The database reads the clock itself, in a function or a default. */
  readonly readsClock: boolean
  readonly #limit: number
  /** A statement that may have changed tables was sent since it was last set. */
  sawSchemaChange = false
  /** In this history. */
  #sessions: SessionOfServer[] = []
  #taken = 0
  /** The server as a node of the simulation that runs now. */
  #at: { readonly world: World; readonly node: Node } | undefined

  /** @param limit how many connections it takes (`max_connections`) */
  constructor(name: string, lockstep: Lockstep, limit: number, readsClock: boolean) {
    this.readsClock = readsClock
    this.name = name
    this.lockstep = lockstep
    this.#limit = limit
  }

  /** A client has come. Returns the session's number in this history, from 1. */
  began(session: SessionOfServer): number {
    return this.#sessions.push(session)
  }

  session(nth: number): SessionOfServer | undefined {
    return this.#sessions[nth - 1]
  }

  /** The node whose session this is. */
  nodeOf(standing: StandingSession): string | undefined {
    return this.#sessions.find((one) => one.isAt(standing))?.of?.context.life.node
  }

  /** @throws as PostgreSQL where it has no more connections */
  backend(): Promise<Backend> {
    if (this.#taken >= this.#limit) throw connectionError({ kind: 'status', status: 429 })
    this.#taken += 1
    return this.lockstep.backend()
  }

  /** A session has ended. */
  gaveBack(): void {
    this.#taken -= 1
  }

  /** What a backend is told first: its number, and where its random numbers begin. */
  first(nth: number, own: Context): string {
    const seed = own.host.draw(own, 'setseed') / 2 ** 32
    return `${telling({ pid: String(nth) })}, setseed(${seed.toFixed(9)})`
  }

  /** Looks at a statement before it is sent, and refuses what a simulation would get wrong. */
  look(sql: string): void {
    if (changesSchema.test(sql)) this.sawSchemaChange = true
    for (const statement of sql.includes(';') ? splitStatements(sql) : [sql]) {
      const found = impossible.find(({ pattern }) => pattern.test(statement))
      if (found !== undefined)
        throw storeMisused(
          `postgres("${this.name}"): ${found.what} inside a simulation is not possible. ${found.advice}`,
        )
    }
  }

  issue(call: DatabaseCall, session: SessionOfServer): void {
    const { context, work, isWrite } = call
    const world = context.host as World // the only Host that lends contexts is a World
    const run = (): Promise<unknown> => {
      if (session.isOver || isDead(context.life)) throw connectionError('closed')
      if (isWrite && world.conditions?.refuses(this.name, world.nowMs) === true) session.refuse()
      return work()
    }
    issueStatement(world, call, {
      ...{ node: this.#nodeIn(world), run: async () => run() },
      ...(isWrite ? { engine: 'readonly' } : {}),
      lost: () => session.leave(),
    })
  }

  /** A process has died: its connections end. */
  crash(owner: object): void {
    for (const session of this.#sessions) if (session.of?.owner === owner) session.leave()
  }

  /** Before a history: nothing of an earlier one is left. */
  async renew(): Promise<void> {
    const sessions = this.#sessions
    this.#sessions = []
    for (const session of sessions) await session.stop()
    await this.lockstep.alone(async () => undefined)
    this.#taken = 0
  }

  #nodeIn(world: World): Node {
    if (this.#at?.world !== world) this.#at = { world, node: nodeBeside(world, this.name) }
    return this.#at.node
  }
}

/** What would go past virtual time, or has nobody to hear it. */
const impossible = [
  { pattern: /^\s*listen\b/i, what: 'LISTEN', advice: 'Notifications are not simulated. Poll with a timer.' },
  {
    pattern: /^\s*copy\b[^]*\bfrom\s+(?:stdin|program)\b/i,
    what: 'COPY FROM STDIN',
    advice: 'Insert the rows.',
  },
  { pattern: /\bpg_sleep/i, what: 'pg_sleep()', advice: 'Time stands still while it works. Wait with a timer.' },
  {
    pattern: /\bpg_(?:cancel|terminate)_backend\b/i,
    what: 'pg_cancel_backend() and pg_terminate_backend()',
    advice: "Use your driver's own cancelling.",
  },
  {
    pattern: /^\s*(?:create|drop|alter)\s+database\b/i,
    what: 'changing databases',
    advice: 'Create them before the test.',
  },
]

/** Such statements may stand anywhere in a text of several, or in a block. */
const changesSchema = /\b(?:create|alter|drop)\b/i
