// Connections of PostgreSQL's drivers (pg, postgres.js) to a database: reads what they send, has it carried out as a
// call over a link, and gives the answer. Must not know sockets, nor which database it is. What belongs together is
// sent at once: all up to a Query, or to a Sync. https://www.postgresql.org/docs/current/protocol-flow.html
import { directLine } from '../../simulate/call-details.ts'
import { current, isDead } from '../../simulate/context.ts'
import { storeMisused, transactionOpened } from '../../simulate/store-call.ts'
import type { AcceptedConnection, GiveBytes } from '../../system/store.ts'
import { classify, type Statement } from '../sql.ts'
import { sqlStateOf } from './connection-error.ts'
import { bindIn, columnsIn, cutMessages, joined, message, rowIn, textsIn, type WireMessage } from './messages.ts'
import { askedAtStart } from './session-settings.ts'
import type { OpenTransaction } from './sessions.ts'
import { transactionOf } from './statement-call.ts'
import type { Unit, UnitEnd, WireSession } from './wire-session.ts'

/** What a client may send before anything else, by its code. */
const [sslRequest, gssRequest, cancelRequest] = [80_877_103, 80_877_104, 80_877_102]

/** What the database gave for a unit. */
interface UnitResult {
  readonly bytes: Uint8Array
  /** For the story. */
  readonly rows: readonly Readonly<Record<string, string | null>>[]
}

/** A connection to the database, for as long as its client keeps it. */
export class WireConnection implements AcceptedConnection {
  readonly #name: string
  readonly #session: WireSession
  readonly #give: GiveBytes
  readonly #isDetailed: boolean
  /** The texts of its prepared statements. */
  readonly #texts = new Map<string, string>()
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
  /** It may have a transaction open. */
  #isOpen = false
  #isOver = false

  /** @param name of the database */
  constructor(name: string, session: WireSession, give: GiveBytes, isDetailed: boolean) {
    this.#name = name
    this.#session = session
    session.closes = (why) => this.#break(why)
    this.#give = give
    this.#isDetailed = isDetailed
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
    this.#session.leave(this.#of)
  }

  /** Its first message, which has no kind. False where it has not come whole. */
  #start(): boolean {
    const view = new DataView(this.#rest.buffer, this.#rest.byteOffset, this.#rest.byteLength)
    if (view.byteLength < 8 || view.byteLength < view.getInt32(0)) return false
    const code = view.getInt32(4)
    const first = this.#rest.subarray(8, view.getInt32(0))
    this.#rest = this.#rest.slice(view.getInt32(0))
    if (code === sslRequest || code === gssRequest) this.#giveSoon(new TextEncoder().encode('N'))
    else if (code === cancelRequest) {
      if (first.length >= 4) this.#session.cancel(new DataView(first.buffer, first.byteOffset).getInt32(0))
      this.#close()
    } else {
      this.#started = true
      this.#session.begin(askedAtStart(first))
      this.#giveSoon(this.#session.greeting)
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
    if ('dcf'.includes(one.kind))
      throw storeMisused(
        `postgres("${this.#name}"): COPY FROM STDIN inside a simulation is not possible. Insert the rows.`,
      )
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
        text ??= sql
      }
      if (one.kind === 'B') {
        const bound = bindIn(one.body)
        text ??= this.#texts.get(bound.statement)
        params = bound.params
      }
      return this.#session.adapted(one)
    })
    if (text !== undefined) this.#session.look(text)
    const isExecuted = messages.some(({ kind }) => kind === 'Q' || kind === 'E')
    const statement = text === undefined ? nothing : isExecuted ? classify(text) : prepared(classify(text))
    const at = this.#isDetailed ? directLine() : undefined
    if (isExecuted && statement.control === 'begin') this.#ended ??= transactionOpened({ name: this.#name })
    this.#waiting.push({
      ...{ context, at, messages, bytes: joined(bytes), statement, params },
      text: isExecuted ? (text ?? '') : '',
    })
    if (!this.#isBusy) this.#next()
  }

  #next(): void {
    const unit = this.#waiting.shift()
    if (unit === undefined) return
    const { context, at } = unit
    this.#isBusy = true
    this.#of ??= transactionOf(context)
    const of = this.#of
    if (!this.#isOpen) Object.assign(of, { context, owner: context.life.within ?? context.life })
    const { operation, write, control } = unit.statement
    const connects = !this.#used
    this.#used = true
    this.#session.issue({
      ...{ context, at, of, connects, operation, params: unit.params, isRead: !write && control === 'none' },
      isWrite: write && control === 'none',
      work: async () => this.#carryOut(of, unit),
      answer: (_, outcome) => {
        this.#isBusy = false
        if (outcome instanceof Error && !(outcome instanceof RefusedUnit)) {
          this.#session.leave(this.#of)
          return this.#break(outcome)
        }
        this.#give((outcome as UnitResult).bytes) // what `#carryOut` gave, or threw
        this.#next()
      },
      broken: (error) => this.#break(error),
    })
  }

  /** The database does what a unit says. Where it answers at once, nothing comes between. */
  #carryOut(of: OpenTransaction, unit: Unit): UnitResult | Promise<UnitResult> {
    const given = this.#session.carryOut(of, unit)
    return given instanceof Promise
      ? given.then((bytes) => this.#carriedOut(of, unit, bytes))
      : this.#carriedOut(of, unit, given)
  }

  #carriedOut(of: OpenTransaction, unit: Unit, bytes: Uint8Array): UnitResult {
    const { messages } = cutMessages(bytes)
    const ready = messages.findLast(({ kind }) => kind === 'Z')?.body[0]
    const status = ready === undefined ? undefined : (String.fromCharCode(ready) as UnitEnd['status']) // of three
    const tags = messages.flatMap(({ kind, body }) => (kind === 'C' ? textsIn(body, 1) : []))
    const failed = messages.some(({ kind }) => kind === 'E')
    of.isDirty ||= tags.some((tag) => changed.test(tag))
    this.#isOpen = status !== 'I'
    if (!this.#isOpen) this.#closed()
    this.#session.ended(of, unit, { status, failed, undone: failed || tags.includes('ROLLBACK') })
    if (!this.#isOpen) of.isDirty = false
    const outcome = { bytes, rows: this.#isDetailed ? rowsIn(messages) : [] }
    if (failed) throw Object.assign(new RefusedUnit(), outcome)
    return outcome
  }

  /** It has no open transaction any more. */
  #closed(): void {
    this.#ended?.()
    this.#ended = undefined
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
/** Tags of statements that changed something: `INSERT 0 1`, `UPDATE 3`, `TRUNCATE TABLE`. */
const changed = /^(?:INSERT 0|UPDATE|DELETE|MERGE|COPY) [1-9]|^(?:TRUNCATE|CREATE|DROP|ALTER)\b/

/** An error of the database itself, in its own bytes. */
class RefusedUnit extends Error {}

function rowsIn(messages: readonly WireMessage[]): UnitResult['rows'] {
  let columns: readonly string[] = []
  return messages.flatMap(({ kind, body }) => {
    if (kind === 'T') columns = columnsIn(body)
    if (kind !== 'D') return []
    const values = rowIn(body)
    return [Object.fromEntries(values.map((value, index) => [columns[index] ?? `column ${index + 1}`, value]))]
  })
}
