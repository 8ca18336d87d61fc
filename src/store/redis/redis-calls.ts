// Commands as calls over a link to a Redis, which is a node of each simulation: it dies, it pauses, its clock is wrong.
// Knows links and what the server's disk holds; must not know how clients reach it.
import { undisturbed, type Delivery } from '../../scenario/fault/delivery.ts'
import type { CallerLine } from '../../simulate/call-details.ts'
import { current, nameOnLinks, type Context, type Life } from '../../simulate/context.ts'
import { linksOf } from '../../simulate/link.ts'
import type { Node } from '../../simulate/node-state.ts'
import type { CallFailure } from '../../simulate/protocol.ts'
import { storeMisused } from '../../simulate/store-call.ts'
import { crashMeant } from '../../simulate/strike.ts'
import type { World } from '../../simulate/world.ts'
import type { Store } from '../../system/store.ts'
import type { RedisContent } from './redis-content.ts'
import type { RedisEngine } from './redis-core.ts'
import { isOfConnection, redisProtocol, waitingProtocol, type RedisReply, type RedisRequest } from './redis-protocol.ts'
import { RedisNews } from './redis-news.ts'
import { RedisServer, type RedisAnswer, type RedisClient, type RedisCommand } from './redis-server.ts'

/** Carries commands out for a client, on the server or on a replica of it, and keeps what they change. */
export type ExecuteCommands = (client: RedisClient) => Promise<readonly RedisAnswer[]>

/** A request on its way. */
export interface RedisCall {
  readonly context: Context
  readonly at: CallerLine | undefined
  readonly request: RedisRequest
  /** It is the first on its connection. */
  readonly isNew: boolean
  /** It may wait as long as it likes. */
  readonly mayWait: boolean
  readonly serve: (server: RedisServer, execute: ExecuteCommands) => Promise<RedisReply>
  readonly answer: (reply: RedisReply) => void
  readonly fail: (failure: CallFailure) => void
}

/** A client's connection, as far as its server's life and its own process's matter to it. */
export interface ClientConnection {
  /** Whether it belongs to a process. */
  isOf(incarnation: object): boolean
  /** Its client's process has died. */
  abandon(): void
  /** Its server has started anew. */
  forgotten(): void
}

/** How a Redis is set up. */
export interface RedisSetup {
  readonly name: string
  readonly password: string | undefined
  readonly seed: readonly RedisCommand[]
  /** What is lost with the power, or with the server where a replica goes on: the writes of so many milliseconds. */
  readonly unsyncedMs: number
}

/** One Redis: the life that runs now, its clients, and its disk. */
export class RedisCalls {
  readonly setup: RedisSetup
  readonly #engine: RedisEngine
  readonly #store: Store
  readonly #connections = new Set<ClientConnection>()
  #up: { readonly life: Life; readonly server: RedisServer; readonly world: World } | undefined
  /** What the next life finds; undefined before the first. */
  #disk: RedisContent | undefined

  constructor(setup: RedisSetup, engine: RedisEngine, store: Store) {
    this.setup = setup
    this.#engine = engine
    this.#store = store
  }

  get name(): string {
    return this.setup.name
  }

  /** Before a history. */
  reset(): void {
    this.#up = undefined
    this.#disk = undefined
    this.#connections.clear()
  }

  /** A life of the server starts, in a simulation. */
  async boot(): Promise<RedisServer> {
    const context = current()
    if (context === undefined) throw this.misused('it was started outside a simulation')
    const world = context.host as World // the only Host that lends contexts is a World
    const content = this.#disk ?? this.#up?.server.content()
    const { name, password, seed } = this.setup
    const lengths = world.seenLengths
    const { clock } = context.life
    const news = new RedisNews()
    const server = new RedisServer(this.#engine, { name, password, content }, (change) => {
      if ((change.type === 'write' || change.type === 'expire') && change.expiresAt !== undefined)
        lengths?.add(change.expiresAt - clock.wallMs(world.nowMs), () => `until a key of ${name} expires`)
      // While operations go on, each ends by itself
      if (!world.lasso.watches || news.isNew(change)) world.lasso.changed()
    })
    this.#up = { life: context.life, server, world }
    for (const connection of this.#connections) connection.forgotten()
    if (content === undefined) await server.carryOut(seed)
    server.tookChange()
    return server
  }

  opened<C extends ClientConnection>(connection: C): C {
    this.#connections.add(connection)
    return connection
  }

  gone(connection: ClientConnection): void {
    this.#connections.delete(connection)
  }

  /** A process has died: the server, or one of its clients. */
  crash(incarnation: object): void {
    if (this.#up?.life === incarnation) this.#disk = this.#up.server.content()
    for (const connection of this.#connections) if (connection.isOf(incarnation)) connection.abandon()
  }

  /** What it holds now, and the time on its clock, in milliseconds since the epoch. */
  now(): { readonly content: RedisContent; readonly nowMs: number } {
    if (this.#up === undefined) return { content: this.#disk ?? [], nowMs: 0 }
    const { server, life, world } = this.#up
    const content = life.dead ? (this.#disk ?? []) : server.content()
    return { content, nowMs: life.clock.wallMs(world.nowMs) }
  }

  newDecoder(): InstanceType<RedisEngine['core']['Resp2CommandDecoder']> {
    return new this.#engine.core.Resp2CommandDecoder()
  }

  isRead(command: RedisCommand): boolean {
    const definition = this.#engine.executor.getCommandDefinition(command.name)
    return isOfConnection(command) || definition?.flags.includes('readonly') === true
  }

  addressOf({ life }: Context): string {
    return `${nameOnLinks(life)}:0`
  }

  misused(what: string): Error {
    return storeMisused(`redis("${this.name}"): ${what}.`)
  }

  issue({ context, at, request, isNew, mayWait, serve, answer, fail }: RedisCall): void {
    const world = context.host as World // the only Host that lends contexts is a World
    const { faults = [] } = this.#store
    let fault: Delivery = undisturbed
    const isStale = faults.includes('stale') && !request.commands.every(isOfConnection) && world.past.isOf(this.#store)
    const mayBe = request.isRead
      ? isStale
        ? 'stale'
        : undefined
      : faults.includes('unsynced')
        ? 'unsynced'
        : undefined
    linksOf(world).issue(
      world,
      context,
      {
        protocol: mayWait ? waitingProtocol : redisProtocol,
        request,
        callee: {
          node: this.#nodeIn(world),
          server: {
            handle: (app) => {
              const server = app as RedisServer // what `boot` gave
              return serve(server, (client) => this.#carryOut(world, server, request, fault, client))
            },
          },
        },
        ...{ answer, fail },
        ...(isNew ? {} : { reach: 'kept connection' }),
        ...(mayBe === undefined ? {} : { engine: mayBe }),
        engineDoes: (delivery) => {
          fault = delivery
        },
      },
      at,
    )
  }

  async #carryOut(
    world: World,
    server: RedisServer,
    { commands, isRead }: RedisRequest,
    { powerLost, asOf }: Delivery,
    client: RedisClient,
  ): Promise<readonly RedisAnswer[]> {
    const own = current()
    const { past } = world
    const old = isRead && asOf !== undefined ? past.asOf(this.#store, asOf, world.nowMs) : undefined
    if (old !== undefined) {
      const replica = server.asOf(old.content as RedisContent, client) // `remember` gave it
      return replica.server.executeAll(replica.client, commands)
    }
    // Kept for each write only where a replica may answer with it
    if (!isRead && this.#store.faults?.includes('stale') === true) past.changing(this.#store)
    const before = powerLost === undefined ? undefined : server.content()
    const answers = await server.executeAll(client, commands)
    if (isRead || own === undefined) return answers
    if (powerLost !== undefined && before !== undefined) this.#losePower(world, own, powerLost, before)
    if (!server.tookChange()) return answers
    past.committed(this.#store, world.nowMs)
    world.committed(own.cause)
    return answers
  }

  /** Later the server dies, and what it had not written to its disk by then is lost. */
  #losePower(
    world: World,
    { life, cause }: Context,
    { afterMs, restartAfterMs }: NonNullable<Delivery['powerLost']>,
    before: RedisContent,
  ): void {
    world.scheduler.add(world.nowMs + afterMs, () => {
      const crashes = [{ node: this.name, restartAfterMs }]
      if (world.healed || !crashMeant(world, { ...undisturbed, crashes }, life, cause)) return
      if (afterMs <= this.setup.unsyncedMs) this.#disk = before
      world.committed(cause)
    })
  }

  #nodeIn({ nodes }: World): Node {
    const node = nodes.get(this.name)
    if (node === undefined) throw this.misused('it is used in a simulation that does not have it among its `stores`')
    return node
  }
}
