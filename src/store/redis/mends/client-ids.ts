// Mends js-redis-server 0.3.0: the numbers of clients, as CLIENT ID, CLIENT LIST and HELLO give them, go on from one
// server to the next of the same process. In Redis each server begins with 1.
import type { ClientSession, RedisResult, RedisValue } from 'js-redis-server/core'

/** The numbers of the clients of one server. */
export class ClientIds {
  readonly #askEngine: (session: ClientSession) => Promise<RedisResult>
  /** Those that have no number of the engine yet. They get one in the order in which they came. */
  readonly #unnumbered: ClientSession[] = []
  #numbered = 0
  /** What the engine's numbers are too large by. */
  #offset = 0

  constructor(askEngine: (session: ClientSession) => Promise<RedisResult>) {
    this.#askEngine = askEngine
  }

  add(session: ClientSession): void {
    this.#unnumbered.push(session)
  }

  /** Whether a command or its answer holds a number of a client. */
  concerns(command: string, [subcommand]: readonly Buffer[]): boolean {
    return command === 'hello' || (command === 'client' && /^(?:id|info|list|kill)$/i.test(String(subcommand)))
  }

  /** To be called before such a command. Gives its arguments with the engine's numbers. */
  async arriving(args: readonly Buffer[]): Promise<readonly Buffer[]> {
    for (const session of this.#unnumbered.splice(0)) {
      if (session.signal.aborted) continue
      const { value } = await this.#askEngine(session)
      this.#numbered += 1
      if (value.kind === 'integer') this.#offset = Number(value.value) - this.#numbered
    }
    return args.map((arg, index) =>
      /^id$/i.test(String(args[index - 1])) ? Buffer.from(String(Number(String(arg)) + this.#offset)) : arg,
    )
  }

  /** The answer to such a command with the server's own numbers. */
  leaving(command: string, [subcommand]: readonly Buffer[], value: RedisValue): RedisValue {
    if (command === 'client' && /^kill$/i.test(String(subcommand))) return value
    switch (value.kind) {
      case 'integer':
        return command === 'client' ? { ...value, value: Number(value.value) - this.#offset } : value
      case 'bulk-string':
        return value.value === null ? value : { ...value, value: this.#inText(value.value) }
      case 'array':
        return {
          ...value,
          items: value.items.map((item, at) => (at % 2 === 1 ? this.#field(value.items[at - 1], item) : item)),
        }
      case 'map':
        return { ...value, entries: value.entries.map(([name, of]) => [name, this.#field(name, of)]) }
      default:
        return value
    }
  }

  #field(name: RedisValue | undefined, value: RedisValue): RedisValue {
    const isId = name?.kind === 'bulk-string' && String(name.value) === 'id'
    return isId && value.kind === 'integer' ? { ...value, value: Number(value.value) - this.#offset } : value
  }

  #inText(text: Buffer): Buffer {
    return Buffer.from(String(text).replaceAll(/\bid=(\d+)/g, (_, id) => `id=${Number(id) - this.#offset}`))
  }
}
