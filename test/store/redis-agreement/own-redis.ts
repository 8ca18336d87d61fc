// A server of the engine, and its connections, as a simulation has them; spoken to without one.
import type { RedisEngine } from '../../../src/store/redis/redis-core.ts'
import { RedisServer, type RedisClient } from '../../../src/store/redis/redis-server.ts'
import { RespReader, type RespValue } from './resp.ts'

export function ownServer(engine: RedisEngine): RedisServer {
  return new RedisServer(engine, { name: 'redis', password: undefined, content: undefined }, () => undefined)
}

/** A connection to it. */
export class OwnConnection {
  /** All that came, in order. */
  readonly replies: RespValue[] = []
  readonly #server: RedisServer
  readonly #client: RedisClient
  readonly #reader = new RespReader()
  #last: Promise<unknown> = Promise.resolve()

  constructor(server: RedisServer) {
    this.#server = server
    this.#client = server.connected('test:0', () => undefined)
    void this.#listen()
  }

  /** Sends a command, which is carried out once those before it are. */
  send([name = '', ...args]: readonly string[]): Promise<unknown> {
    const command = { name: name.toLowerCase(), args: args.map((arg) => Buffer.from(arg)) }
    this.#last = this.#last
      .then(() => this.#server.execute(this.#client, command))
      .then(({ bytes }) => this.replies.push(...this.#reader.read(bytes)))
    return this.#last
  }

  close(): void {
    this.#last.catch(() => undefined) // what still waits ends by this
    this.#client.session.close()
  }

  async #listen(): Promise<void> {
    const { session } = this.#client
    for await (const message of session.readPushes(session.signal))
      this.replies.push(...this.#reader.read(this.#server.encoded(session, message)))
  }
}
