// One life of a Redis server: its keys, its clients, its scripts. All of it is memory of its process; what survives
// that is given back by whoever makes the next one. Its clock and its timers are those of the node that runs it.
import type { ClientSession, RedisResult, RedisServerState } from 'js-redis-server/core'
import { storeMisused } from '../../simulate/store-call.ts'
import { contentOf, putContent, type RedisContent } from './redis-content.ts'
import type { RedisEngine } from './redis-core.ts'
import type { RedisChange } from './redis-news.ts'
import { AwaitedTypes } from './mends/awaited-type.ts'
import { ClientIds } from './mends/client-ids.ts'
import { FairTurns } from './mends/fair-turns.ts'

/** A command as a client sends it. */
export interface RedisCommand {
  /** In lower case. */
  readonly name: string
  readonly args: readonly Buffer[]
}

/** What a server answers to a command. */
export interface RedisAnswer {
  readonly bytes: Uint8Array
  /** For the story. */
  readonly value: RedisResult['value'] | undefined
  /** It closes the connection. */
  readonly closes: boolean
}

/** A client, as its server knows it. */
export interface RedisClient {
  readonly session: ClientSession
  /** The command that it carries out. */
  command: string
}

/** One life of a server. */
export class RedisServer {
  readonly #engine: RedisEngine
  readonly #name: string
  readonly #state: RedisServerState
  readonly #turns = new FairTurns()
  readonly #awaited = new AwaitedTypes()
  readonly #ids: ClientIds
  #clients = 0
  /** A key was changed, or an expiry, since somebody asked. */
  #isChanged = false

  /**
   * @param content what it finds on its disk
   * @param heard called with each change of a key
   */
  constructor(
    engine: RedisEngine,
    { name, password, content }: { name: string; password: string | undefined; content: RedisContent | undefined },
    heard: (change: RedisChange) => void,
  ) {
    const { core, compatibility, scripts } = engine
    this.#engine = engine
    this.#name = name
    this.#state = new core.RedisServerState({
      ...{ databaseCount: 16, compatibility, activeExpiryIntervalMs: false },
      ...(password === undefined ? {} : { requirepass: password }),
    })
    Reflect.set(this.#state, 'luaRuntimePromise', scripts)
    this.#ids = new ClientIds((session) => this.#run(session, 'client', [Buffer.from('ID')]))
    if (content !== undefined) putContent(this.#state, content)
    for (const database of this.#state.databases) {
      this.#awaited.watch(database, this.#turns)
      database.subscribe((event) => {
        if (event.type === 'evict') return
        this.#isChanged = true
        heard(event)
      })
    }
  }

  /** A client has connected. `close`: what the server does to end the connection. */
  connected(address: string, close: () => void): RedisClient {
    const { core, executor } = this.#engine
    const wait = core.createDefaultParkHandler()
    this.#clients += 1
    const client: RedisClient = {
      session: new core.ClientSession({
        id: `client-${this.#clients}`,
        clientAddress: address,
        server: this.#state,
        executor,
        turnQueue: this.#turns,
        park: (request) => {
          this.#awaited.waits(client.command)
          this.#turns.waiting = client.command
          return wait(request)
        },
        closeConnection: close,
      }),
      command: '',
    }
    this.#ids.add(client.session)
    return client
  }

  /** Carries out what a history starts from. @throws where a command is refused */
  async carryOut(commands: readonly RedisCommand[]): Promise<void> {
    if (commands.length === 0) return
    const client = this.connected('seed:0', () => undefined)
    for (const command of commands) {
      const { value } = await this.execute(client, command)
      if (value?.kind !== 'error') continue
      const words = [command.name.toUpperCase(), ...command.args].join(' ')
      const { code = 'ERR', message } = value
      throw storeMisused(`redis("${this.#name}"): seed: ${words} is refused: ${code} ${message}.`)
    }
    client.session.close()
  }

  /** Carries out commands, one after the other. Rejects where its client goes away while one waits. */
  async executeAll(client: RedisClient, commands: readonly RedisCommand[]): Promise<readonly RedisAnswer[]> {
    const answers: RedisAnswer[] = []
    for (const command of commands) answers.push(await this.execute(client, command))
    return answers
  }

  /** Carries out a command. Rejects where its client goes away while it waits. */
  async execute(client: RedisClient, { name, args }: RedisCommand): Promise<RedisAnswer> {
    if (this.#engine.executor.getCommandDefinition(name) === undefined) throw this.#unknown(name.toUpperCase())
    const { session } = client
    // Mends js-redis-server 0.3.0: a watched key that expires was changed, unless it had expired before WATCH
    if (name === 'watch' || name === 'exec') this.#state.sweepExpired()
    client.command = name
    if (this.#ids.concerns(name, args)) {
      const result = await this.#run(session, name, await this.#ids.arriving(args))
      const own = this.#ids.leaving(name, args, result.value)
      return this.#answer(session, this.#engine.core.RedisResult.create(own, result.options))
    }
    const result = await session.execute(name, args)
    if (!('kind' in result)) return this.#answer(session, result)
    if (name === 'monitor') throw this.#unknown('MONITOR')
    const bytes: Uint8Array[] = []
    for await (const frame of result.frames(session.signal)) bytes.push(this.encoded(session, frame))
    return { bytes: Buffer.concat(bytes), value: undefined, closes: false }
  }

  /** Whether something was changed since this was asked last. */
  tookChange(): boolean {
    const isChanged = this.#isChanged
    this.#isChanged = false
    return isChanged
  }

  /** Another server with an older content carries something out for a client that reads. */
  asOf(
    content: RedisContent,
    { session }: RedisClient,
  ): { readonly server: RedisServer; readonly client: RedisClient } {
    const server = new RedisServer(this.#engine, { name: this.#name, password: undefined, content }, () => undefined)
    const client = server.connected('replica:0', () => undefined)
    client.session.setProtocolVersion(session.protocolVersion)
    client.session.selectDatabase(session.selectedDatabase)
    return { server, client }
  }

  content(): RedisContent {
    return contentOf(this.#state, this.#engine.core.cloneRedisDataValue)
  }

  encoded({ protocolVersion }: ClientSession, result: RedisResult): Uint8Array {
    return this.#engine.core.encodeRedisResult(result, { version: protocolVersion })
  }

  async #run(session: ClientSession, name: string, args: readonly Buffer[]): Promise<RedisResult> {
    return (await session.execute(name, args)) as RedisResult // only SUBSCRIBE, MONITOR and their kin stream
  }

  #answer(session: ClientSession, result: RedisResult): RedisAnswer {
    const { value, options } = result
    if (value.kind === 'error' && /^Unknown Redis command called from/i.test(value.message))
      throw this.#unknown('that a script calls')
    const bytes = options?.omitReply === true ? new Uint8Array() : this.encoded(session, result)
    options?.afterReply?.()
    return { bytes, value, closes: options?.close === true || options?.disconnect === true }
  }

  #unknown(command: string): Error {
    return storeMisused(
      `redis("${this.#name}"): the command ${command} is unknown to js-redis-server, the engine in the place of ` +
        `Redis (as ${this.#engine.compatibility}). Use another command, another \`version\`, or put a port(...) ` +
        'around the code that calls it.',
    )
  }
}
