// A connection of ours to a real server: one backend, kept from history to history. Real I/O, outside any simulation.
import net from 'node:net'
import { outsideContext } from '../../../simulate/context.ts'
import { cutMessages, errorIn, joined, message, rowIn, textsIn, type WireMessage } from '../messages.ts'
import type { TextRows } from '../sql-procedure.ts'

/** What answers one message or several. */
export interface BackendAnswer {
  readonly messages: readonly WireMessage[]
}

/** An answer that is awaited. */
interface Awaited {
  readonly messages: WireMessage[]
  /** Called with each message; true where it is the last one. */
  readonly isLast: (one: WireMessage) => boolean
  readonly done: (answer: BackendAnswer) => void
  readonly failed: (error: Error) => void
}

/** One backend. */
export class Backend {
  readonly #socket: net.Socket
  #rest: Uint8Array = new Uint8Array()
  readonly #awaited: Awaited[] = []
  #parameters: Record<string, string> = {}
  #pid = 0
  /** Whether a transaction is open: `I`, `T` or `E`, as ReadyForQuery says. */
  status: 'I' | 'T' | 'E' = 'I'
  #broken: Error | undefined

  private constructor(socket: net.Socket) {
    this.#socket = socket
  }

  /** @param folder of the server's socket @throws with PostgreSQL's own words and code where it lets nobody in */
  static open(folder: string): Promise<Backend> {
    return outsideContext(async () => {
      const socket = net.connect(`${folder}/.s.PGSQL.5432`)
      const backend = new Backend(socket)
      socket.on('data', (bytes: Buffer) => backend.#hear(bytes))
      const lost = (error?: Error): void => backend.#lost(error ?? new Error('PostgreSQL has closed the connection.'))
      socket.on('error', lost)
      socket.on('close', () => lost())
      const { messages } = await backend.send(startUp, (one) => isReady(one) || one.kind === 'E')
      const refused = messages.find(({ kind }) => kind === 'E')
      if (refused === undefined) return backend
      backend.close()
      const said = errorIn(refused.body)
      throw Object.assign(new Error(said.get('M')), { code: said.get('C') })
    })
  }

  get pid(): number {
    return this.#pid
  }

  /** What the server said of itself, such as `server_version`. */
  get parameters(): Readonly<Record<string, string>> {
    return this.#parameters
  }

  /** Sends bytes, and resolves with what answers them. Answers come in the order of what was sent. */
  send(bytes: Uint8Array, isLast: (one: WireMessage) => boolean): Promise<BackendAnswer> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    return new Promise((done, failed) => {
      this.#awaited.push({ messages: [], isLast, done, failed })
      outsideContext(() => this.#socket.ref().write(bytes))
    })
  }

  /** Carries out statements of our own. @throws with PostgreSQL's own words */
  async ask(sql: string): Promise<TextRows> {
    const [rows = []] = await this.askEach([sql])
    return rows
  }

  /**
   * The same for several texts, which are sent at once. `before`: a message that ends with ReadyForQuery, too.
   *
   * @throws with PostgreSQL's own words where one of them fails
   */
  async askEach(texts: readonly string[], before?: Uint8Array): Promise<readonly TextRows[]> {
    const sent = [...(before === undefined ? [] : [before]), ...texts.map((sql) => message('Q', sql))]
    const rows: (readonly (string | null)[])[][] = [[]]
    let failure: string | undefined
    await this.send(joined(sent), (one) => {
      if (one.kind === 'D') rows.at(-1)?.push(rowIn(one.body))
      if (one.kind === 'E') failure ??= errorIn(one.body).get('M') ?? 'an error without words'
      return isReady(one) && rows.push([]) > sent.length
    })
    if (failure !== undefined) throw new Error(failure)
    return rows.slice(sent.length - texts.length, sent.length)
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #hear(bytes: Uint8Array): void {
    const { messages, rest } = cutMessages(this.#rest.length === 0 ? bytes : joined([this.#rest, bytes]))
    this.#rest = rest
    for (const one of messages) {
      if (one.kind === 'K') this.#pid = new DataView(one.body.buffer, one.body.byteOffset).getInt32(0)
      else if (one.kind === 'S') {
        const [name = '', value = ''] = textsIn(one.body, 2)
        this.#parameters[name] = value
      } else if (one.kind === 'Z') this.status = String.fromCharCode(one.body[0] ?? 0) as Backend['status'] // of three
      const [first] = this.#awaited
      if (first === undefined) continue // a notice, say
      first.messages.push(one)
      if (first.isLast(one)) {
        this.#awaited.shift()
        if (this.#awaited.length === 0) this.#socket.unref() // an idle one keeps no test run alive
        first.done(first)
      }
    }
  }

  #lost(error: Error): void {
    this.#broken ??= error
    for (const { failed } of this.#awaited.splice(0)) failed(this.#broken)
  }
}

/** It takes the next message. */
export function isReady({ kind }: WireMessage): boolean {
  return kind === 'Z'
}

/** Without a kind, unlike all others. */
const startUp: Uint8Array = startUpOf({ user: 'postgres', database: 'postgres', client_encoding: 'UTF8' })

function startUpOf(parameters: Readonly<Record<string, string>>): Uint8Array {
  const version = 196_608 // 3.0
  const texts = `${Object.entries(parameters).flat().join('\0')}\0\0`
  const bytes = Buffer.from(`\0\0\0\0\0\0\0\0${texts}`)
  bytes.writeInt32BE(bytes.length, 0)
  bytes.writeInt32BE(version, 4)
  return bytes
}
