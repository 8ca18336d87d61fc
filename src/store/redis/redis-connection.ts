// A client's connection to a Redis: reads what it sends, carries each command out as a call over a link, and gives the
// answers. Requests are taken up, and answers given, in the order in which they were sent, as on one connection of TCP.
// Must not know sockets.
import { directLine, type CallerLine } from '../../simulate/call-details.ts'
import { current, isDead, within, type Context } from '../../simulate/context.ts'
import { hold } from '../../simulate/paused.ts'
import { watchesForLeaving } from '../../simulate/serving.ts'
import { latencyMs, type World } from '../../simulate/world.ts'
import type { AcceptedConnection, GiveBytes } from '../../system/store.ts'
import { brokenBy, errorOf, isOfConnection, mayWait, type RedisReply, type RedisRequest } from './redis-protocol.ts'
import type { RedisClient, RedisCommand, RedisServer } from './redis-server.ts'
import type { ClientConnection, ExecuteCommands, RedisCalls } from './redis-calls.ts'

/** A command, and who sent it: those of several may come on one connection. */
interface HeardCommand extends RedisCommand {
  readonly context: Context
  readonly at: CallerLine | undefined
}

/** A connection, for as long as its client keeps it. */
export class RedisConnection implements AcceptedConnection, ClientConnection {
  readonly #calls: RedisCalls
  readonly #give: GiveBytes
  readonly #isDetailed: boolean
  /** In which it was opened. */
  readonly #context: Context
  readonly #decoder: { push(chunk: Buffer): { frames: { command: Buffer; args: Buffer[] }[]; error?: Error } }
  /** What has come and is not sent yet. */
  readonly #heard: HeardCommand[] = []
  /** How many requests were sent; how many the server has carried out; how many answers were given. */
  #sent = 0
  #served = 0
  #given = 0
  /** Something that may wait is under way: what follows may have to wait as long. */
  #waits = 0
  /** Requests that have come before those sent earlier, and answers likewise. */
  readonly #early = new Map<number, () => void>()
  readonly #replies = new Map<number, () => void>()
  /** What the server sends of its own, after so many answers. */
  readonly #pushed: { readonly after: number; readonly bytes: Uint8Array | null }[] = []
  #server: RedisServer | undefined
  #client: RedisClient | undefined
  /** For the client; and for the server, which hears of it later. */
  #isOver = false
  #isClosed = false

  constructor(calls: RedisCalls, context: Context, give: GiveBytes, isDetailed: boolean) {
    this.#calls = calls
    this.#context = context
    this.#give = give
    this.#isDetailed = isDetailed
    this.#decoder = calls.newDecoder()
  }

  /** Whether it belongs to a process. */
  isOf(incarnation: object): boolean {
    const { life } = this.#context
    return life === incarnation || life.within === incarnation
  }

  arrive(bytes: Uint8Array): void {
    const context = current()
    if (this.#isOver || context === undefined || isDead(context.life)) return
    const { frames, error } = this.#decoder.push(Buffer.from(bytes))
    if (error !== undefined) throw this.#calls.misused(`it was sent what is no command (${error.message})`)
    const at = this.#isDetailed ? directLine() : undefined
    if (frames.length > 0 && this.#heard.length === 0) void this.#sendSoon()
    for (const { command, args } of frames) this.#heard.push({ name: String(command).toLowerCase(), args, context, at })
  }

  /** The client has closed it. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#closeLater()
    void Promise.resolve().then(() => this.#give(null)) // no socket is given anything while it writes
  }

  /** Its client's process has died. */
  abandon(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#closeLater()
  }

  /** Its server has started anew, and answers what it does not know with a reset. */
  forgotten(): void {
    if (this.#isOver || this.#server === undefined) return
    this.#later(() => this.#break(brokenBy('reset', false)))
  }

  /** What clients say as they connect comes from several promises of one moment. */
  async #sendSoon(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    this.#send()
  }

  /** What was written in one go: a transaction is sent as a whole, and so is what a client says as it connects. */
  #send(): void {
    const heard = this.#heard.splice(0)
    while (heard.length > 0) {
      const count = unitIn(heard)
      const commands = heard.splice(0, count)
      const [first] = commands
      if (first !== undefined && !isDead(first.context.life)) this.#issue(first, commands)
    }
  }

  #issue({ context, at }: HeardCommand, commands: readonly RedisCommand[]): void {
    const place = this.#sent
    this.#sent += 1
    const waits = commands.some(mayWait)
    if (waits) this.#waits += 1
    const request: RedisRequest = { commands, isRead: commands.every((one) => this.#calls.isRead(one)) }
    watchesForLeaving(request) // who goes away is served no more
    this.#calls.issue({
      ...{ context, at, request, isNew: place === 0, mayWait: this.#waits > 0 },
      serve: (server, execute) => this.#serve(server, request, place, execute),
      answer: (reply) => {
        if (waits) this.#waits -= 1
        this.#replies.set(place, () => this.#answered(reply))
        this.#giveInOrder()
      },
      fail: (failure) => this.#break(brokenBy(failure, place === 0)),
    })
  }

  /** The server takes a request up. */
  async #serve(
    server: RedisServer,
    { commands }: RedisRequest,
    place: number,
    execute: ExecuteCommands,
  ): Promise<RedisReply> {
    const own = current()
    const world = this.#world
    while (this.#served < place && !this.#isClosed && own !== undefined) {
      await new Promise<void>((resolve) => this.#early.set(place, resolve))
      await world.later(own, () => undefined) // one at a time
    }
    this.#server ??= server
    if (this.#isClosed || this.#server !== server) return { kind: 'unknown connection' }
    const client = (this.#client ??= this.#connected(server))
    try {
      const answers = await execute(client)
      this.#served += 1
      if (answers.some(({ closes }) => closes)) this.#push(null)
      this.#early.get(this.#served)?.()
      this.#early.delete(this.#served)
      return { kind: 'answered', answers, isTalk: commands.every(isOfConnection) }
    } catch (error) {
      // The client has gone while its command waited
      if (this.#isClosed) return { kind: 'unknown connection' }
      throw error
    }
  }

  #connected(server: RedisServer): RedisClient {
    const client = server.connected(this.#calls.addressOf(this.#context), () => this.#push(null))
    void this.#pump(server, client)
    return client
  }

  /** Messages to who has subscribed leave as they come. */
  async #pump(server: RedisServer, { session }: RedisClient): Promise<void> {
    for await (const message of session.readPushes(session.signal)) this.#push(server.encoded(session, message))
  }

  /** The server sends something of its own; null: it closes the connection. */
  #push(bytes: Uint8Array | null): void {
    const after = this.#served
    this.#later(() => {
      const { conditions, nowMs } = this.#world
      const { node } = this.#context.life
      // A connection has no gaps: it breaks once the network heals
      if (conditions?.cuts(this.#calls.name, node, nowMs - latencyMs) === true)
        conditions.broken.push(() => this.#break(brokenBy('reset', false)))
      else {
        this.#pushed.push({ after, bytes })
        this.#giveInOrder()
      }
    })
  }

  #giveInOrder(): void {
    for (;;) {
      const [pushed] = this.#pushed
      const reply = this.#replies.get(this.#given)
      if (pushed !== undefined && pushed.after <= this.#given) {
        this.#pushed.shift()
        if (!this.#isOver) this.#give(pushed.bytes)
        if (pushed.bytes === null) this.#isOver = true
      } else if (reply === undefined) return
      else {
        this.#replies.delete(this.#given)
        this.#given += 1
        reply()
      }
    }
  }

  #answered(reply: RedisReply): void {
    if (this.#isOver) return
    if (reply.kind === 'answered') return this.#give(Buffer.concat(reply.answers.map(({ bytes }) => bytes)))
    const said = reply.kind === 'status' ? errorOf(reply.status) : undefined
    if (said === undefined) return this.#break(brokenBy('reset', false))
    this.#give(Buffer.from(said.text))
    if (!said.closes) return
    this.#give(null)
    this.abandon()
  }

  /** The client hears that the connection is lost. */
  #break(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#closeLater()
    this.#give(error)
  }

  /** The server hears that the client is gone: what that waited for goes to others. */
  #closeLater(): void {
    const { scheduler, nowMs } = this.#world
    this.#calls.gone(this)
    scheduler.add(nowMs + latencyMs, () => {
      this.#isClosed = true
      this.#client?.session.close()
      for (const wake of this.#early.values()) wake()
    })
  }

  /** Runs something one leg later as the client, unless that is dead by then. */
  #later(run: () => void): void {
    const step = (): void => {
      const { life } = this.#context
      if (this.#isOver || isDead(life) || hold(life, step)) return
      this.#world.running = this.#context
      within(this.#context, run)
    }
    const { scheduler, nowMs } = this.#world
    scheduler.add(nowMs + latencyMs, step, 'message', () => `message of ${this.#calls.name}`)
  }

  get #world(): World {
    return this.#context.host as World // the only Host that lends contexts is a World
  }
}

/** How many of the first commands belong together. */
function unitIn(heard: readonly HeardCommand[]): number {
  const [first] = heard
  if (first?.name === 'multi') {
    const end = heard.findIndex(({ name }) => name === 'exec' || name === 'discard')
    return end < 0 ? 1 : end + 1
  }
  const other = heard.findIndex((one) => !isOfConnection(one))
  return Math.max(1, other < 0 ? heard.length : other)
}
