// Connections of PostgreSQL's drivers (pg, postgres.js) to the embedded database: reads what they send, carries it out
// as a call over a link, and gives the answer. Must not know sockets. What belongs together is sent at once: all up to
// a Query, or to a Sync. https://www.postgresql.org/docs/current/protocol-flow.html
import { directLine, type CallerLine } from '../../simulate/call-details.ts'
import { current, isDead, type Context } from '../../simulate/context.ts'
import { transactionOpened } from '../../simulate/store-call.ts'
import type { AcceptedConnection, GiveBytes } from '../../system/store.ts'
import { classify, type Statement } from '../sql.ts'
import { transactionOf, type DatabaseCalls } from './database-calls.ts'
import { inEngine } from './engine-host.ts'
import { bindIn, columnsIn, cutMessages, joined, message, rowIn, textsIn, type WireMessage } from './messages.ts'
import type { Pglite } from './pglite.ts'
import { rawQuery } from './raw-query.ts'
import { askedAtStart, ConnectionSettings } from './session-settings.ts'
import type { OpenTransaction } from './sessions.ts'
import { sqlStateOf } from './connection-error.ts'

/** What a client may send before anything else, by its code. */
const [sslRequest, gssRequest, cancelRequest] = [80_877_103, 80_877_104, 80_877_102]

/** What is carried out at once. */
interface Unit {
  /** Who sent it: requests of several may wait on one connection. */
  readonly context: Context
  readonly at: CallerLine | undefined
  readonly bytes: Uint8Array
  readonly statement: Statement
  readonly params: readonly unknown[]
  /** What it carries out; empty where it does not. */
  readonly text: string
}

/** What the database gave for a unit. */
interface UnitResult {
  readonly bytes: Uint8Array
  /** For the story. */
  readonly rows: readonly Readonly<Record<string, string | null>>[]
}

let connectionsSoFar = 0

/** A connection to the database, for as long as its client keeps it. */
export class WireConnection implements AcceptedConnection {
  readonly #db: Pglite
  readonly #calls: DatabaseCalls
  readonly #give: GiveBytes
  readonly #isDetailed: boolean
  /** Its statements have names of their own in the one session. */
  readonly #prefix: string
  /** The texts of its prepared statements. */
  readonly #texts = new Map<string, string>()
  #settings: ConnectionSettings = new ConnectionSettings()
  #hasTemporary = false
  #of: OpenTransaction | undefined
  /** Called as its transaction ends, where somebody asks what is left open. */
  #ended: (() => void) | undefined
  #rest: Uint8Array = new Uint8Array()
  #started = false
  #used = false
  /** Messages of a unit that is not complete. */
  readonly #messages: WireMessage[] = []
  /** Units that wait for the answers of those before them. */
  readonly #waiting: Unit[] = []
  #isBusy = false
  #isOver = false

  constructor(db: Pglite, calls: DatabaseCalls, give: GiveBytes, isDetailed: boolean) {
    connectionsSoFar += 1
    this.#db = db
    this.#calls = calls
    this.#give = give
    this.#isDetailed = isDetailed
    this.#prefix = `tg${connectionsSoFar}_`
  }

  arrive(bytes: Uint8Array): void {
    if (this.#isOver) return
    this.#rest = joined([this.#rest, bytes])
    while (!this.#started) if (!this.#start()) return
    const { messages, rest } = cutMessages(this.#rest)
    this.#rest = rest
    for (const one of messages) this.#hear(one)
  }

  /** The client has closed its connection. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#closed()
    const { sessions } = this.#calls
    if (this.#of !== undefined) void sessions.rollBack(this.#of)
    if (this.#hasTemporary && !sessions.isOpen) rawQuery(this.#db, 'discard temp')
  }

  /** Its first message, which has no kind. False where it has not come whole. */
  #start(): boolean {
    const view = new DataView(this.#rest.buffer, this.#rest.byteOffset, this.#rest.byteLength)
    if (view.byteLength < 8 || view.byteLength < view.getInt32(0)) return false
    const code = view.getInt32(4)
    const first = this.#rest.subarray(8, view.getInt32(0))
    this.#rest = this.#rest.slice(view.getInt32(0))
    if (code === sslRequest || code === gssRequest) this.#giveSoon(new TextEncoder().encode('N'))
    else if (code === cancelRequest) this.#close()
    else {
      this.#started = true
      this.#settings = new ConnectionSettings(askedAtStart(first))
      this.#giveSoon(greeting)
    }
    return !this.#isOver
  }

  /** No socket is given anything while it writes. */
  #giveSoon(bytes: Uint8Array | null): void {
    void Promise.resolve().then(() => this.#give(bytes))
  }

  #hear(one: WireMessage): void {
    if (one.kind === 'X') {
      this.end()
      return this.#giveSoon(null)
    }
    if ('dcf'.includes(one.kind)) throw this.#calls.refused('COPY FROM STDIN', 'Insert the rows.')
    this.#messages.push(one)
    if (one.kind === 'Q' || one.kind === 'S' || one.kind === 'H') this.#complete(this.#messages.splice(0))
  }

  #complete(messages: readonly WireMessage[]): void {
    const context = current()
    if (context === undefined || isDead(context.life)) return // nobody waits for it
    let text: string | undefined
    let params: readonly unknown[] = []
    const bytes = messages.map((one) => {
      if (one.kind === 'Q') [text] = textsIn(one.body, 1)
      if (one.kind === 'P') {
        const [name = '', sql = ''] = textsIn(one.body, 2)
        this.#texts.set(name, sql)
        if (name !== '') this.#calls.isRenewed = false
        text ??= sql
      }
      if (one.kind === 'B') {
        const bound = bindIn(one.body)
        text ??= this.#texts.get(bound.statement)
        params = bound.params
      }
      return this.#renamed(one)
    })
    if (text !== undefined) this.#calls.look(text)
    const isExecuted = messages.some(({ kind }) => kind === 'Q' || kind === 'E')
    const statement = text === undefined ? nothing : isExecuted ? classify(text) : prepared(classify(text))
    const at = this.#isDetailed ? directLine() : undefined
    if (isExecuted && statement.control === 'begin') this.#ended ??= transactionOpened(this.#calls)
    this.#waiting.push({ context, at, bytes: joined(bytes), statement, params, text: isExecuted ? (text ?? '') : '' })
    if (!this.#isBusy) this.#next()
  }

  /** With the names that its prepared statements have in the one session. */
  #renamed({ kind, body, bytes }: WireMessage): Uint8Array {
    const isOfStatement = (kind === 'D' || kind === 'C') && body[0] === 'S'.charCodeAt(0)
    if (kind === 'P') {
      const [name = ''] = textsIn(body, 1)
      return name === '' ? bytes : message('P', this.#prefix + name, body.subarray(lengthOf(name)))
    }
    if (kind === 'B') {
      const [portal = '', name = ''] = textsIn(body, 2)
      const rest = body.subarray(lengthOf(portal) + lengthOf(name))
      return name === '' ? bytes : message('B', portal, this.#prefix + name, rest)
    }
    if (!isOfStatement) return bytes
    const [name = ''] = textsIn(body.subarray(1), 1)
    return name === '' ? bytes : message(kind, body.subarray(0, 1), this.#prefix + name)
  }

  #next(): void {
    const unit = this.#waiting.shift()
    if (unit === undefined) return
    const { context, at } = unit
    this.#isBusy = true
    this.#of ??= transactionOf(context)
    const of = this.#of
    if (!this.#calls.sessions.holds(of)) Object.assign(of, { context, owner: context.life.within ?? context.life })
    const { operation, write, control } = unit.statement
    const connects = !this.#used
    this.#used = true
    this.#calls.issue({
      ...{ context, at, of, connects, operation, params: unit.params, isRead: !write && control === 'none' },
      isWrite: write && control === 'none',
      work: () => Promise.resolve(this.#carryOut(of, unit)),
      answer: (_, outcome) => {
        this.#isBusy = false
        if (outcome instanceof Error && !(outcome instanceof RefusedUnit)) return this.#break(outcome)
        this.#give((outcome as UnitResult).bytes) // what `#carryOut` gave, or threw
        this.#next()
      },
      broken: (error) => this.#break(error),
    })
  }

  /** The database does what a unit says. */
  #carryOut(of: OpenTransaction, { bytes, text }: Unit): UnitResult {
    const { sessions, settings } = this.#calls
    if (!sessions.holds(of)) settings.use(this.#settings)
    const given = inEngine(() => this.#db.execProtocolRawSync(bytes))
    const { messages } = cutMessages(given)
    const status = messages.findLast(({ kind }) => kind === 'Z')?.body[0]
    const tags = messages.flatMap(({ kind, body }) => (kind === 'C' ? textsIn(body, 1) : []))
    const failed = messages.some(({ kind }) => kind === 'E')
    of.isDirty ||= tags.some((tag) => changed.test(tag))
    if (!failed) this.#settings.note(text)
    this.#hasTemporary ||= /^\s*create\s+(?:local\s+|global\s+)?temp/i.test(text)
    // Without a Sync, what follows belongs to it as well
    if (status !== idle) sessions.hold(of, () => this.#undo(status === undefined))
    else {
      sessions.release(of)
      this.#closed()
      const isUndone = failed || tags.includes('ROLLBACK')
      this.#settings.ended(isUndone ? 'rolled back' : 'committed')
      if (of.isDirty && !isUndone) this.#calls.committed()
      of.isDirty = false
    }
    const outcome = { bytes: given, rows: this.#isDetailed ? rowsIn(messages) : [] }
    if (failed) throw Object.assign(new RefusedUnit(), outcome)
    return outcome
  }

  /** It has no open transaction any more. */
  #closed(): void {
    this.#ended?.()
    this.#ended = undefined
  }

  #undo(isUnsynced: boolean): void {
    if (isUnsynced) inEngine(() => this.#db.execProtocolRawSync(message('S')))
    rawQuery(this.#db, 'ROLLBACK')
  }

  /** The connection is lost. What PostgreSQL says before it closes one is given. */
  #break(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#closed()
    const state = sqlStateOf(error)
    if (state === undefined) return this.#give(error)
    this.#give(message('E', 'SFATAL', 'VFATAL', `C${state}`, `M${error.message}`, new Uint8Array(1)))
    this.#give(null)
  }

  #close(): void {
    this.#isOver = true
    this.#give(null)
  }
}

/** It is only read, and described. */
function prepared({ operation }: Statement): Statement {
  return { operation: `prepare ${operation}`, write: false, control: 'none' }
}

const nothing: Statement = { operation: 'sync', write: false, control: 'none' }
const idle = 'I'.charCodeAt(0)
/** Tags of statements that changed something: `INSERT 0 1`, `UPDATE 3`, `TRUNCATE TABLE`. */
const changed = /^(?:INSERT 0|UPDATE|DELETE|MERGE|COPY) [1-9]|^(?:TRUNCATE|CREATE|DROP|ALTER)\b/

/** An error of the database itself, in its own bytes. */
class RefusedUnit extends Error {}

function lengthOf(text: string): number {
  return new TextEncoder().encode(text).length + 1
}

function rowsIn(messages: readonly WireMessage[]): UnitResult['rows'] {
  let columns: readonly string[] = []
  return messages.flatMap(({ kind, body }) => {
    if (kind === 'T') columns = columnsIn(body)
    if (kind !== 'D') return []
    const values = rowIn(body)
    return [Object.fromEntries(values.map((value, index) => [columns[index] ?? `column ${index + 1}`, value]))]
  })
}

/** Whoever comes is let in. */
const greeting: Uint8Array = joined([
  message('R', 0),
  ...Object.entries({
    server_version: '18.0',
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  }).map(([name, value]) => message('S', name, value)),
  message('K', 1, 1),
  message('Z', new TextEncoder().encode('I')),
])
