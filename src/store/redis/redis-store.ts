// The store adapter for Redis: takes the connections of its clients, and runs an engine in the place of the server.
import { assertList, assertOptions, assertType, foundWords } from '../../plain/options.ts'
import { current } from '../../simulate/context.ts'
import type { Store } from '../../system/store.ts'
import { RedisCalls } from './redis-calls.ts'
import { RedisConnection } from './redis-connection.ts'
import { plainEntries, type RedisEntry, type RedisPlain } from './redis-content.ts'
import { redisEngine, type RedisVersion } from './redis-core.ts'
import type { RedisCommand } from './redis-server.ts'
import { warmClients } from './warm-clients.ts'

/** Options of {@link redis}. */
export interface RedisOptions {
  /** Its name in stories and addresses; also that of its process and its clock. @default 'redis' */
  readonly name?: string
  /** Where clients reach it: `host:port`, or a port on any host. @default '6379' */
  readonly at?: string
  /** Which Redis the engine behaves as. @default '7.0', the one that is held against a real Redis */
  readonly version?: RedisVersion
  /** What clients have to give. @default none */
  readonly password?: string
  /** Commands that write what every history starts from: `[['SET', 'stock', 5]]`. @default it is empty */
  readonly seed?: readonly (readonly (string | number)[])[]
  /**
   * When the server writes to its disk, as `appendfsync` says: `everysec` may lose the last second with the power,
   * `no` the last 30 s, `always` nothing.
   *
   * @default 'everysec', as with `appendonly yes`
   */
  readonly appendfsync?: 'always' | 'everysec' | 'no'
  /**
   * It has a replica, which lags: reads outside a transaction may go to that, as where a client or a proxy shares them
   * out; and where the server is lost, the replica goes on without the last second of writes, whatever is on a disk.
   *
   * @default false
   */
  readonly replica?: boolean
}

/** A Redis, and what it holds. */
export interface RedisStore extends Store {
  /**
   * The keys that match a pattern, with their values; those that have expired are none. For `rows` and assertions.
   *
   * @param pattern as of `KEYS`: `*` stands for any text, `?` for one character. @default '*'
   * @param database its number. @default 0
   */
  entries(pattern?: string, database?: number): readonly RedisEntry[]
  /** What a key holds; undefined where there is no such key. `database`: its number, 0 by default. */
  value(key: string, database?: number): RedisPlain | undefined
}

/**
 * A Redis in the place of that of production. ioredis, node-redis, BullMQ, redlock and whatever else is built on them
 * connect to it as they are. Its engine is js-redis-server, which you install:
 * `npm install --save-dev --save-exact js-redis-server@0.3.0`.
 *
 * Inside a simulation each command is a call over the network: it leaves, is carried out, and its answer comes back. A
 * transaction is sent as a whole. The server is a node of its own: it dies and starts again, it pauses, its clock jumps
 * or is wrong, and with it the expiry of keys. What is on its disk survives; scripts, subscriptions and connections do
 * not. Errors of clients have the codes of sockets: `ECONNREFUSED`, `ECONNRESET`, `ETIMEDOUT` after 300 s.
 *
 * Make clients where a process starts, in `serve(() => ...)`. Every history starts with an empty server, or with
 * `seed`.
 *
 * @throws where an option is none; where the engine cannot be loaded, as the test starts
 * @example
 * const cache = redis()
 * const sold = rows('sold', () => cache.entries('sold:*'))
 *
 * stores: [cache],
 * @see https://github.com/fatal10110/js-redis-server
 */
export function redis(options: RedisOptions = {}): RedisStore {
  assertOptions('redis()', options, {
    ...{ name: true, at: true, version: true, password: true, seed: true, appendfsync: true, replica: true },
  } satisfies Record<keyof RedisOptions, true>)
  for (const option of ['name', 'at', 'version', 'password', 'appendfsync'] as const)
    assertType(`redis(): ${option}`, options[option], 'string', 'a text')
  assertType('redis(): replica', options.replica, 'boolean', 'true or false')
  const { name = 'redis', at = '6379', version = '7.0', password, appendfsync = 'everysec', replica = false } = options
  if (!/^[\w.-]+$/.test(name) || name === 'client')
    throw new Error(
      `redis(): ${foundWords(name)} is no valid name. Give one word, like a host name: { name: 'cache' }.`,
    )
  if (!/^(?:[\w.-]+:)?\d{1,5}$/.test(at))
    throw new Error(`redis("${name}"): at is ${foundWords(at)}; give a host with its port, "cache:6379", or a port.`)
  oneOf(name, 'version', version, ['6.2', '7.0', '7.2', '7.4', '8.0'] satisfies readonly RedisVersion[])
  oneOf(name, 'appendfsync', appendfsync, Object.keys(unsyncedMs))
  const seed = seedOf(name, options.seed ?? [])
  const lostMs = Math.max(unsyncedMs[appendfsync], replica ? unsyncedMs.everysec : 0)
  let calls: RedisCalls | undefined
  const store: RedisStore = {
    kind: 'store',
    name,
    faults: [...(lostMs > 0 ? ['unsynced' as const] : []), ...(replica ? ['stale' as const] : [])],
    async attach() {
      if (calls !== undefined)
        throw new Error(
          `redis("${name}"): it is in use by another simulation at this moment. Tests that share a store cannot ` +
            'run at once: not in describe.concurrent, or give each its own.',
        )
      const setup = { name, password, seed, unsyncedMs: lostMs }
      const engine = await redisEngine(name, version)
      await warmClients()
      calls = new RedisCalls(setup, engine, store)
    },
    detach() {
      calls = undefined
    },
    reset: () => calls?.reset(),
    boot: () => calls?.boot(),
    crash: (incarnation) => calls?.crash(incarnation),
    settle: () => undefined,
    remember: () => calls?.now().content,
    accept({ host, port, isDetailed }, give) {
      const context = current()
      if (calls === undefined || context === undefined || (at !== String(port) && at !== `${host}:${port}`))
        return undefined
      return calls.opened(new RedisConnection(calls, context, give, isDetailed))
    },
    isOpen: () => false,
    entries(pattern = '*', database = 0) {
      const matches = globOf(pattern)
      return entriesIn(database).filter(({ key }) => matches.test(key))
    },
    value: (wanted, database = 0) => entriesIn(database).find(({ key }) => key === wanted)?.value,
    content: () => ({ keys: entriesIn(0) }),
  }
  const entriesIn = (database: number): readonly RedisEntry[] => {
    const { content, nowMs } = calls?.now() ?? { content: [], nowMs: 0 }
    return plainEntries(content, database, nowMs)
  }
  return store
}

/** The writes of so many milliseconds are not on the disk. */
const unsyncedMs = { always: 0, everysec: 1_000, no: 30_000 } as const

function oneOf(name: string, option: string, found: string, allowed: readonly string[]): void {
  if (!allowed.includes(found))
    throw new Error(`redis("${name}"): ${option} is ${foundWords(found)}; give one of ${allowed.join(', ')}.`)
}

function seedOf(name: string, seed: readonly unknown[]): readonly RedisCommand[] {
  assertList(`redis("${name}"): seed`, seed, "[['SET', 'stock', 5]]")
  return seed.map((command) => {
    if (!Array.isArray(command) || !command.every((part) => typeof part === 'string' || typeof part === 'number'))
      throw new Error(
        `redis("${name}"): seed has ${foundWords(command)}; give commands as lists of texts and numbers: ` +
          "[['SET', 'stock', 5]].",
      )
    const [first, ...args] = command.map(String)
    if (first === undefined) throw new Error(`redis("${name}"): seed has an empty command.`)
    return { name: first.toLowerCase(), args: args.map((arg) => Buffer.from(arg)) }
  })
}

function globOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}
