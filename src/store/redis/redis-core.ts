// The engine: the core of js-redis-server, which the user installs. It has no sockets, and its clock and timers are
// those of the code that calls it. Loaded where a test begins. What it gets wrong is mended in mends/.
import { mendDefinitions } from './mends/definitions.ts'
import { exactNumbers } from './mends/exact-numbers.ts'
import type * as Core from 'js-redis-server/core'

/** The versions of Redis that the engine can behave as. */
export type RedisVersion = '6.2' | '7.0' | '7.2' | '7.4' | '8.0'

/** The engine as one version of Redis. Its parts have no state that a history could see. */
export interface RedisEngine {
  readonly core: typeof Core
  readonly executor: Core.CommandExecutor
  readonly compatibility: `redis-${RedisVersion}`
  /** Scripts run in it: it takes longer to make than many histories. */
  readonly scripts: Promise<unknown>
}

const engines = new Map<RedisVersion, Promise<RedisEngine>>()

/** @throws where js-redis-server is not installed, or is another version than what was tested */
export async function redisEngine(name: string, version: RedisVersion): Promise<RedisEngine> {
  const engine = engines.get(version) ?? load(name, version)
  engines.set(version, engine)
  return engine
}

const advice = 'Install it: npm install --save-dev --save-exact js-redis-server@0.3.0.'

async function load(name: string, version: RedisVersion): Promise<RedisEngine> {
  const core = await import('js-redis-server/core').catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`redis("${name}"): its engine js-redis-server cannot be loaded (${why}). ${advice}`, {
      cause: error,
    })
  })
  const compatibility = `redis-${version}` as const
  const executor = core.createRedisCommandExecutor({ compatibility })
  const first = new core.RedisServerState({ compatibility, activeExpiryIntervalMs: false })
  const missing = partsNeeded.find(({ of, part }) => !(part in of(first, executor)))
  if (missing !== undefined)
    throw new Error(
      `redis("${name}"): this js-redis-server has no ${missing.part}, so it is another version. ${advice}`,
    )
  mendDefinitions(core, executor)
  const scripts = await first.getLuaRuntime()
  exactNumbers(scripts)
  return { core, executor, compatibility, scripts: Promise.resolve(scripts) }
}

/** What the mends take hold of. */
const partsNeeded: readonly {
  readonly of: (state: Core.RedisServerState, executor: Core.CommandExecutor) => object
  readonly part: string
}[] = [
  { of: (state) => state, part: 'luaRuntimePromise' },
  { of: (state) => state.getDatabase(0), part: 'turnQueue' },
  { of: (state) => state.getDatabase(0), part: 'keyspace' },
  { of: (_, executor) => executor, part: 'registry' },
]
